"""Recognising a participant's chat template without rendering or compiling it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import TemplateSyntaxError

from podium_evaluator.templates.rendering import ChatTemplate, environment

__all__ = ["LONGEST_TEXT", "normalised", "recognise"]

LONGEST_TEXT: Final = 64 * 1024
"""Characters. The longest published templates, with tools and dates, have about 20,000."""

_BEGINS: Final = {"block_begin": "{%", "variable_begin": "{{"}
_ENDS: Final = {"block_end": "%}", "variable_end": "}}"}
_SILENT: Final = frozenset({"whitespace", "comment_begin", "comment", "comment_end", "linecomment"})


def recognise(text: str, accepted: Mapping[str, ChatTemplate]) -> str | None:
    """The name of the accepted template that `text` is a spelling of, or None."""
    if (form := normalised(text)) is None:
        return None
    for name, template in accepted.items():
        if form in map(normalised, (template.text, *template.spellings)):
            return name
    return None


def normalised(text: str) -> tuple[tuple[str, str], ...] | None:
    """What is left of a template without the white space that renders nothing; None if it cannot be read."""
    if len(text) > LONGEST_TEXT:
        return None
    tokens: list[tuple[str, str]] = []
    try:
        for _, kind, value in environment().lex(text):
            if kind in _SILENT:
                continue
            if kind == "data" and tokens and tokens[-1][0] == "data":
                tokens[-1] = ("data", tokens[-1][1] + value)
            elif kind != "data" or value:
                tokens.append((kind, _BEGINS.get(kind) or _ENDS.get(kind) or value))
    except TemplateSyntaxError:
        return None
    return tuple(tokens)
