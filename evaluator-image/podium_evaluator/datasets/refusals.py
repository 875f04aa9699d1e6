"""Responses in which an assistant refuses or speaks of itself: they teach nothing about the question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from importlib import resources
from typing import Final

__all__ = ["is_refusal", "refusal_phrases"]

_APOSTROPHES: Final = str.maketrans({"\u2018": "'", "\u2019": "'", "\u02bc": "'", "`": "'"})
_FILE: Final = "refusals.txt"


def refusal_phrases() -> tuple[str, ...]:
    """The packaged phrases, one a line of the file; lines that begin with ``#`` are remarks."""
    text = resources.files("podium_evaluator.datasets").joinpath(_FILE).read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return tuple(_plain(line) for line in lines if line and not line.startswith("#"))


def is_refusal(response: str, phrases: Sequence[str]) -> bool:
    """Whether a response contains one of the phrases.

    Case does not count, nor which apostrophe is written, nor how words are spaced; a phrase may begin and
    end inside a word.
    """
    text = _plain(response)
    return any(phrase in text for phrase in phrases)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).translate(_APOSTROPHES).casefold()
    return re.sub(r"\s+", " ", folded)
