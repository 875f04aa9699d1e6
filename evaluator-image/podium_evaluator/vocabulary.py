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
        tokens: Texts of the model's vocabulary.
        added: Texts of the added tokens.
    """

    size: int
    tokens: Container[str]
    added: frozenset[str]

    def holds(self, text: str) -> bool:
        """Whether `text` is one token."""
        return text in self.added or text in self.tokens


def vocabulary_of(document: Mapping[str, object]) -> Vocabulary:
    """The vocabulary of a tokenizer.json that was read.

    Raises:
        ValueError: There is none.
    """
    tokens: Container[str]
    match document.get("model"):
        case {"vocab": dict() as vocabulary}:
            # Itself and no copy: a participant chooses how large it is.
            largest, tokens = max((_id(value) for value in vocabulary.values()), default=-1), vocabulary
        case {"vocab": list() as pieces}:
            largest, tokens = len(pieces) - 1, frozenset(map(_piece, pieces))
        case _:
            raise ValueError("a model with a vocabulary expected")
    added = list(_added(document.get("added_tokens")))
    largest = max([largest, *(number for _, number in added)])
    if largest < 0:
        raise ValueError("the vocabulary is empty")
    return Vocabulary(largest + 1, tokens, frozenset(text for text, _ in added))


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
