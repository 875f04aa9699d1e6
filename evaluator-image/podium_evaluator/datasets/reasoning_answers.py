"""The final answer in a reasoning trace: the last box of LaTeX, or the last object with an output."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["boxed_reference", "output_reference"]

_BOX: Final = "\\boxed{"
_BRACE: Final = re.compile(r"\\.|[{}]", re.DOTALL)
"""A brace, or whatever a backslash makes LaTeX's: a brace that is printed does not group."""
_OUTPUT: Final = re.compile(r'\{\s*"output"\s*:\s*"((?:[^"\\]|\\.)*+)"\s*\}', re.DOTALL)
_END_OF_MONOLOGUE: Final = "</think>"


def boxed_reference(text: str) -> str | None:
    r"""The trace before the last ``\boxed{…}`` and that box, one space between them.

    Braces inside the box are balanced; a box that never closes is none. What follows the box (the end of a
    formula, a closing remark) is left out. None without an answer: there is no box, it is empty, nothing
    comes before it, or the monologue goes on after it, so that it was no final answer.
    """
    box = _last_box(text)
    if box is None or _END_OF_MONOLOGUE in text[box.stop :]:
        return None
    answer = text[box.start + len(_BOX) : box.stop - 1]
    return _joined(text[: box.start], answer, text[box.start : box.stop])


def output_reference(text: str) -> str | None:
    """The text without its last ``{"output": "…"}``, one space, and that object as it is usually spelled.

    None without an answer: there is no such object, its text is empty, it is all there is, or it stands
    in the monologue.
    """
    found = max(_OUTPUT.finditer(text), key=re.Match.start, default=None)
    if found is None or _END_OF_MONOLOGUE in text[found.end() :]:
        return None
    rest = text[: found.start()] + text[found.end() :]
    return _joined(rest, found[1], f'{{"output": "{found[1]}"}}')


def _last_box(text: str) -> range | None:
    """Where the box lies that closes last."""
    opened: list[int] = []
    found = None
    for brace in _BRACE.finditer(text):
        if brace[0] == "{":
            opened.append(brace.end())
        elif brace[0] == "}" and opened:
            inside = opened.pop()
            if text.endswith(_BOX, 0, inside):
                found = range(inside - len(_BOX), brace.end())
    return found


def _joined(trace: str, answer: str, form: str) -> str | None:
    return f"{trace.strip()} {form}" if trace.strip() and answer.strip() else None
