"""The final answer in a reasoning trace: the last box of LaTeX, or the last object with an output."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["boxed_reference", "output_reference"]

_BOX: Final = "\\boxed{"
_OUTPUT: Final = re.compile(r'\{\s*"output"\s*:\s*"((?:[^"\\]|\\.)*+)"\s*\}', re.DOTALL)
_END_OF_MONOLOGUE: Final = "</think>"


def boxed_reference(text: str) -> str | None:
    r"""The trace before the last ``\boxed{…}`` and that box, one space between them.

    Braces inside the box are balanced; a box that never closes is none. What follows the box (the end of a
    formula, a closing remark) is left out. None without an answer: there is no box, it is empty, nothing
    comes before it, or the monologue goes on after it, so that it was no final answer.
    """
    start = text.rfind(_BOX)
    while start >= 0:
        stop = _closing_brace(text, start + len(_BOX))
        if stop is not None:
            answer = text[start + len(_BOX) : stop]
            unfinished = _END_OF_MONOLOGUE in text[stop:]
            return None if unfinished else _joined(text[:start], answer, f"{_BOX}{answer}}}")
        start = text.rfind(_BOX, 0, start)
    return None


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


def _closing_brace(text: str, start: int) -> int | None:
    depth, position = 1, start
    while position < len(text):
        match text[position]:
            case "\\":  # the next character is LaTeX's, a brace too
                position += 1
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if depth == 0:
                    return position
            case _:
                pass
        position += 1
    return None


def _joined(trace: str, answer: str, form: str) -> str | None:
    return f"{trace.strip()} {form}" if trace.strip() and answer.strip() else None
