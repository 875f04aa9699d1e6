"""How many ids a tokenizer.json can produce, read as plain JSON: no stranger's tokenizer is run."""

from __future__ import annotations

from collections.abc import Iterator

from podium_evaluator.canonical import strict_json
from podium_evaluator.errors import quoted

__all__ = ["vocabulary_size"]


def vocabulary_size(document: bytes) -> int:
    """One more than the largest id of a tokenizer.json.

    Raises:
        ValueError: It is no tokenizer with a vocabulary.
    """
    raw = strict_json(document)
    if not isinstance(raw, dict):
        raise ValueError("an object expected")  # noqa: TRY004 - one error type
    match raw.get("model"):
        case {"vocab": dict() as vocabulary}:
            largest = max((_id(value) for value in vocabulary.values()), default=-1)
        case {"vocab": list() as pieces}:
            largest = len(pieces) - 1
        case _:
            raise ValueError("a model with a vocabulary expected")
    largest = max([largest, *_added(raw.get("added_tokens"))])
    if largest < 0:
        raise ValueError("the vocabulary is empty")
    return largest + 1


def _added(tokens: object) -> Iterator[int]:
    match tokens:
        case None:
            return
        case list():
            for token in tokens:
                if not isinstance(token, dict):
                    raise ValueError("added_tokens must be objects")  # noqa: TRY004 - one error type
                yield _id(token.get("id"))
        case _:
            raise ValueError("added_tokens must be a list")


def _id(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**31:
        raise ValueError(f"{quoted(value)} is no token id")
    return value
