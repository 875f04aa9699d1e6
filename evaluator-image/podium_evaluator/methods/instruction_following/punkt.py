"""Sentences by the Punkt algorithm without training, as NLTK 3.9.1 counts them.

Kiss and Strunk (2006), "Unsupervised multilingual sentence boundary detection": where no abbreviations,
collocations and sentence starters were learned, all that is left are the marks ``. ? !``, ellipses,
initials and ordinal numbers. Written out here because later versions of NLTK treat curly quotation
marks otherwise and stop by the clock: a verdict would depend on a package's version and on how busy
a machine is.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

__all__ = ["sentence_count"]

# A mark that may end a sentence, and what follows it: punctuation, or whitespace and a token.
_CANDIDATE: Final = re.compile(r"""[.?!](?=(?P<after>[)";}\]*:@'({\[?!]|\s+(?P<token>\S+)))""")

_TOKEN: Final = re.compile(
    r"""
    -{2,} | \.{2,} | (?:\.\s){2,}\.
    | (?=[^("`{\[:;&\#*@)}\]\-,]) \S+?
      (?= \s | $ | [)";}\]*:@'({\[?!] | -{2,} | \.{2,} | (?:\.\s){2,}\.
        | ,(?= $ | \s | [)";}\]*:@'({\[?!] | -{2,} | \.{2,} | (?:\.\s){2,}\.) )
    | \S
    """,
    re.VERBOSE,
)

_INITIAL: Final = re.compile(r"[^\W\d]\.")

_NUMBER: Final = re.compile(r"-?[.,]?\d[\d,.-]*")

_NEVER_FIRST: Final = tuple(";:,.!?")

# Closing marks right after the end of a sentence belong to it.
_CLOSING: Final = re.compile(r"""["')\]}]+?(?:\s+|(?=--)|$)""", re.MULTILINE)


def sentence_count(text: str) -> int:
    """How many sentences `text` has; the time is linear in its length."""
    count = moved = 0
    for (start, end), (after, until) in pairwise([*_spans(text), (len(text), len(text))]):
        closing = _CLOSING.match(text[after:until])
        count += bool(closing or text[start + moved : end])
        moved = closing.end() if closing else 0
    return count


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of each sentence; the last may be empty."""
    start = 0
    for candidate, context in _contexts(text):
        if _has_inner_end(context):
            yield start, candidate.end()
            start = candidate.start("token") if candidate["token"] else candidate.end()
    yield start, len(text.rstrip())


def _contexts(text: str) -> Iterator[tuple[re.Match[str], str]]:
    """Each candidate that is the last of its word, with that word and what follows."""
    previous: re.Match[str] | None = None
    start = stop = 0
    for candidate in _CANDIDATE.finditer(text):
        before = text[stop : candidate.start()]
        gap = max(map(before.rfind, string.whitespace))
        # Whitespace that comes first of all counts as none: so did the original.
        word = stop + gap + 1 if gap > 0 else start
        if previous and stop <= word:
            yield previous, text[start:stop] + previous[0] + previous["after"]
        previous, start, stop = candidate, word, candidate.start()
    if previous:
        yield previous, text[start:stop] + previous[0] + previous["after"]


def _has_inner_end(context: str) -> bool:
    tokens = [token for line in context.split("\n") for token in _TOKEN.findall(line)]
    return any(_ends(token, following) for token, following in pairwise(tokens))


def _ends(token: str, following: str) -> bool:
    """Whether a sentence ends with `token`."""
    if token in {".", "?", "!"}:
        return True
    if not token.endswith(".") or token.endswith(".."):
        return False
    never_first = following in _NEVER_FIRST or following[0].islower()
    if _INITIAL.fullmatch(token):
        return not (never_first or following[0].isupper())
    return not (never_first and _NUMBER.fullmatch(token))
