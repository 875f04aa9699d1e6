"""A participant's tokenizer.json, bounded before the library that runs it sees it.

The library trusts the document: a normaliser may replace each letter by a page, a post-processor may add
a million tokens, a token may be a whole book. None of that is a fault of ours or of the machine's, so it is
refused here by what the document says, instead of ending at the memory limit.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Final

from podium_evaluator.canonical import strict_json

__all__ = ["check_own", "read_document"]

_MOST_VALUES: Final = 4_000_000
"""Gemma's vocabulary of 262,144 tokens and 580,604 merges is a document of 2,000,000 values."""

_MOST_KEYS: Final = 1_000_000
"""A key costs ten times what another value does: of so many, parsing takes some 300 MB."""

_LONGEST_TOKEN: Final = 256
"""Characters. The first token of a text may be not scored, so it must not swallow the text."""

_MOST_TOKEN_BYTES: Final = 8 * 1024 * 1024
"""Of all tokens together, in UTF-8; the library needs up to 350 bytes of memory for each. Vocabularies of
262,144 tokens have some 2.5 MB."""

_MOST_STEPS: Final = 1_000
"""Values in a normaliser, pre-tokenizer, post-processor or decoder. Those in use have some fifty."""

_LARGEST_GROWTH: Final = 256
"""How many times longer replacements may make a text; SentencePiece's standard rules can reach some 40."""


def read_document(document: bytes) -> dict[str, object]:
    """The object in a tokenizer.json.

    Raises:
        ValueError: Not strict JSON, not an object with a model, of more values than any real one, or
            random.
    """
    values = sum(map(document.count, (b",", b"[", b"{")))
    if values > _MOST_VALUES:
        raise ValueError(f"some {values} values, at most {_MOST_VALUES} are read")
    if (keys := document.count(b":")) > _MOST_KEYS:
        raise ValueError(f"some {keys} keys, at most {_MOST_KEYS} are read")
    found = strict_json(document)
    if not (isinstance(found, dict) and isinstance(model := found.get("model"), dict)):
        raise ValueError("an object with a model expected")  # noqa: TRY004 - one error type
    if model.get("dropout"):
        raise ValueError("its dropout makes it random")
    return found


def check_own(document: dict[str, object]) -> None:
    """Refuse what makes a participant's tokenizer unbounded or a way round the scoring.

    Raises:
        ValueError: With what was found.
    """
    _check_tokens(_tokens(document))
    for part in ("normalizer", "pre_tokenizer", "post_processor", "decoder"):
        values = list(_values(document.get(part)))
        if len(values) > _MOST_STEPS:
            raise ValueError(f"{part}: {len(values)} values, at most {_MOST_STEPS} are read")
        if part != "post_processor":
            _check_growth(part, values)


def _check_tokens(tokens: Iterable[str]) -> None:
    total = 0
    for text in tokens:
        if len(text) > _LONGEST_TOKEN:
            raise ValueError(f"a token has more than {_LONGEST_TOKEN} characters")
        # Half a character is for the library to refuse.
        total += len(text.encode("utf-8", "surrogatepass"))
    if total > _MOST_TOKEN_BYTES:
        raise ValueError(f"its tokens have {total} bytes together, at most {_MOST_TOKEN_BYTES}")


def _tokens(document: dict[str, object]) -> Iterator[str]:
    match document["model"]:
        case {"vocab": dict() as vocabulary}:
            yield from map(str, vocabulary)
        case {"vocab": list() as pieces}:
            yield from (one[0] for one in pieces if isinstance(one, list) and one and isinstance(one[0], str))
        case _:
            pass
    added = document.get("added_tokens")
    for one in added if isinstance(added, list) else ():
        if isinstance(one, dict) and isinstance(one.get("content"), str):
            yield one["content"]


def _values(value: object) -> Iterator[object]:
    """`value` and all that is in it, walked without recursion and no further than the bound."""
    waiting, found = [value], 0
    while waiting and found <= _MOST_STEPS:
        one = waiting.pop()
        found += 1
        yield one
        if isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def _check_growth(part: str, values: list[object]) -> None:
    growth = 1
    for value in values:
        growth *= _growth(value)
        if growth > _LARGEST_GROWTH:
            raise ValueError(
                f"{part}: its replacements could make a text {growth} times longer, at most {_LARGEST_GROWTH}"
            )


def _growth(value: object) -> int:
    """How many times longer one step may make a text, judged by its keys whatever its type is called."""
    match value:
        case {"pattern": {"String": str() as pattern}, "content": str() as content} if pattern:
            return max(1, -(-len(content) // len(pattern)))
        case {"content": str() as content} | {"prepend": str() as content}:
            # The pattern may match nothing, between any two characters.
            return 1 + len(content)
        case {"precompiled_charsmap": str() as charsmap}:
            return max(1, _longest_replacement(charsmap))
        case _:
            return 1


def _longest_replacement(charsmap: str) -> int:
    """Bytes of the longest text that a compiled map of SentencePiece puts in a character's place.

    The map is the size of a trie as 4 bytes, the trie, then the replacements, each ended by a zero byte
    (sentencepiece/src/normalizer.cc, `EncodePrecompiledCharsMap`).
    """
    try:
        data = base64.b64decode(charsmap, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("precompiled_charsmap: base64 expected") from error
    start = 4 + int.from_bytes(data[:4], "little") // 4 * 4
    return max(map(len, data[start:].split(b"\0")))
