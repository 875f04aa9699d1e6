"""The tokens of a tokenizer.json, read as plain JSON: no stranger's tokenizer is run."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from podium_evaluator.errors import quoted

__all__ = ["TOKENIZER_BYTES", "Vocabulary", "vocabulary_of"]

TOKENIZER_BYTES: Final = 64 * 1024 * 1024
"""The largest vocabularies in use (262,144 tokens) have files of about 33 MB."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What ids and tokens there are.

    Attributes:
        size: One more than the largest id.
        tokens: All texts that have an id, the added ones included.
    """

    size: int
    tokens: Container[str]


def vocabulary_of(document: Mapping[str, object]) -> Vocabulary:
    """The vocabulary of a tokenizer.json that was read.

    Raises:
        ValueError: There is none.
    """
    match document.get("model"):
        case {"vocab": dict() as vocabulary}:
            largest = max((_id(value) for value in vocabulary.values()), default=-1)
            tokens = set(vocabulary)
        case {"vocab": list() as pieces}:
            largest, tokens = len(pieces) - 1, set(map(_piece, pieces))
        case _:
            raise ValueError("a model with a vocabulary expected")
    for text, number in _added(document.get("added_tokens")):
        largest = max(largest, number)
        tokens.add(text)
    if largest < 0:
        raise ValueError("the vocabulary is empty")
    return Vocabulary(largest + 1, tokens)


def _piece(piece: object) -> str:
    match piece:
        case [str() as text, int() | float()]:
            return text
        case _:
            raise ValueError(f"a piece with its score expected, found {quoted(piece)}")


def _added(tokens: object) -> Iterator[tuple[str, int]]:
    match tokens:
        case None:
            return
        case list():
            for token in tokens:
                match token:
                    case {"id": number, "content": str() as text}:
                        yield text, _id(number)
                    case _:
                        raise ValueError("added_tokens must be objects with id and content")
        case _:
            raise ValueError("added_tokens must be a list")


def _id(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**31:
        raise ValueError(f"{quoted(value)} is no token id")
    return value
