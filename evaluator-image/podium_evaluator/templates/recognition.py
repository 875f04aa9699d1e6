r"""Recognising a participant's chat template without compiling or rendering it.

Two texts count as one template when Jinja's own lexer, set up as for rendering, reads the same tokens in
them, but for white space at the ends of the text and where no rendering shows it: between the tokens of a
tag, beside a tag that trims it, CRLF for LF, comments. A line break inside a string constant may be
written as itself or as `\n`, and the constant in either kind of quotes. Equal tokens are one program, so
what is recognised renders the same but for space at its ends; everything else, be it a single space more in
a constant, is another template.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jinja2 import TemplateSyntaxError

from podium_evaluator.templates.rendering import ChatTemplate, environment

__all__ = ["LONGEST_TEXT", "normalised", "recognise"]

LONGEST_TEXT: Final = 64 * 1024
"""Characters. The longest published templates, with tools and dates, have about 20,000."""

_TAGS: Final = {"block_begin": "{%", "block_end": "%}", "variable_begin": "{{", "variable_end": "}}"}
_SILENT: Final = frozenset({"whitespace", "comment_begin", "comment", "comment_end"})


def recognise(text: str, accepted: Mapping[str, ChatTemplate]) -> str | None:
    """The name of the accepted template that `text` is a spelling of, or None.

    Where two accepted templates are the same, the earlier one is meant.
    """
    form = normalised(text)
    if form is None:
        return None
    for name, template in accepted.items():
        if form in map(normalised, (template.text, *template.spellings)):
            return name
    return None


def normalised(text: str) -> tuple[tuple[str, str], ...] | None:
    """Kind and value of each token that matters; None where the text is too long or is no Jinja.

    Line breaks before and after a template are what editors and shells leave there.
    """
    if len(text) > LONGEST_TEXT:
        return None
    tokens: list[tuple[str, str]] = []
    try:
        for _, kind, value in environment().lex(text.strip()):
            if kind in _SILENT or (kind == "data" and not value):
                continue
            if kind == "data" and tokens and tokens[-1][0] == "data":
                # A comment stood between.
                tokens[-1] = (kind, tokens[-1][1] + value)
            else:
                tokens.append((kind, _spelled(kind, value)))
    except TemplateSyntaxError:
        return None
    return tuple(tokens)


def _spelled(kind: str, value: str) -> str:
    if kind == "string":
        inside = value[1:-1]
        # With quotes inside, or a backslash before a line break (which joins lines), the spelling stays.
        plain = not {"'", '"'} & set(inside) and "\\\n" not in inside
        return f"'{inside}'".replace("\n", "\\n") if plain else value
    # A tag's minus or plus sign has done its work in the data beside it.
    return _TAGS.get(kind, value)
