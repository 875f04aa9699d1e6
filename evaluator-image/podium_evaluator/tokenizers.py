"""Tokenizers of both policies: text to token ids and back.

Only the `tokenizers` library reads a tokenizer.json: a participant's tokenizer class is never run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tokenizers import Tokenizer

from podium_evaluator.canonical import strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, quoted
from podium_evaluator.tokenizer_settings import (
    SETTINGS,
    StoredSettings,
    TokenizerSettings,
    read_settings,
    read_stored_settings,
)

__all__ = [
    "CHAT_TEMPLATES",
    "SETTINGS",
    "Encoder",
    "StoredSettings",
    "TokenizerSettings",
    "load_encoder",
    "read_settings",
    "read_stored_settings",
]

logger = logging.getLogger(__name__)

_LONGEST_TOKEN: Final = 256
"""Characters. The first token of a text is not scored, so it must not swallow the text."""

Blame = Callable[[Reason, str], Failure]


def _chat_ml(prompt: str) -> str:
    return f"<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n"


CHAT_TEMPLATES: Final[dict[str, Callable[[str], str]]] = {"ChatML": _chat_ml}
"""Name to a function that renders one user turn up to where the answer starts."""


@dataclass(frozen=True, slots=True)
class Encoder:
    """A tokenizer that adds no special tokens, never cuts and never pads.

    Attributes:
        tokenizer: The library's object; it has no published types.
        vocabulary: Ids must be smaller.
        blame: Whose failure it is when it cannot encode.
        bos: Id of the one token that the tokenizer puts before a text, if it puts exactly one there.
        ends: Ids that end a generation.
    """

    tokenizer: Any
    vocabulary: int
    blame: Blame
    bos: int | None = None
    ends: frozenset[int] = frozenset()

    def encode(self, text: str) -> tuple[int, ...]:
        """Token ids of `text`.

        Raises:
            Failure: `TOKENIZER_MALFORMED` or `VOCABULARY_TOO_SMALL`.
        """
        ids: tuple[int, ...] = _guarded(
            lambda: tuple(self.tokenizer.encode(text, add_special_tokens=False).ids), self.blame
        )
        if ids and max(ids) >= self.vocabulary:
            raise self.blame(
                Reason.VOCABULARY_TOO_SMALL, f"token id {max(ids)}, the model has {self.vocabulary} rows"
            )
        return ids

    def with_bos(self, ids: Sequence[int]) -> tuple[int, ...]:
        """`ids` as the beginning of a sequence: with `bos` once in front, if there is such a token."""
        if self.bos is None or (ids and ids[0] == self.bos):
            return tuple(ids)
        return (self.bos, *ids)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of generated ids, without special tokens and otherwise as the tokenizer's decoder has it.

        Raises:
            Failure: `TOKENIZER_MALFORMED`.
        """
        text: str = _guarded(
            lambda: str(self.tokenizer.decode(list(ids), skip_special_tokens=True)), self.blame
        )
        return text

    def gives_back(self, text: str, ids: tuple[int, ...]) -> bool:
        """Whether `ids` determine `text`, but for space at its ends."""
        decoded: str = _guarded(
            lambda: str(self.tokenizer.decode(list(ids), skip_special_tokens=False)), self.blame
        )
        return decoded.strip() == text.strip()


def load_encoder(
    document: bytes, vocabulary: int, blame: Blame, *, own: bool, end_token: str | None = None
) -> Encoder:
    """Read a tokenizer.json.

    Args:
        document: Its bytes.
        vocabulary: Rows of the model's embedding.
        blame: Makes the failure of whoever wrote the document.
        own: Whether a participant wrote it.
        end_token: Text of the token that ends a generation.

    Raises:
        Failure: `TOKENIZER_MALFORMED`, also when there is no such token.
    """
    try:
        raw = strict_json(document)
    except ValueError as error:
        raise _malformed(blame, quoted(str(error), 200)) from error
    match raw:
        case {"model": {"dropout": float() | int() as dropout}} if dropout:
            raise _malformed(blame, "its dropout makes it random")
        case {"model": {"vocab": dict() as tokens}} if own and any(
            len(one) > _LONGEST_TOKEN for one in tokens
        ):
            raise _malformed(blame, f"a token has more than {_LONGEST_TOKEN} characters")
        case {"model": dict()}:
            pass
        case _:
            raise _malformed(blame, "a model expected")
    tokenizer = _guarded(lambda: Tokenizer.from_str(document.decode()), blame)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    bos = _guarded(lambda: _begin(tokenizer), blame)
    return Encoder(tokenizer, vocabulary, blame, bos, _ends(tokenizer, end_token, blame))


def _begin(tokenizer: Any) -> int | None:  # the library's objects have no types
    plain = tokenizer.encode("a", add_special_tokens=False).ids
    full = tokenizer.encode("a", add_special_tokens=True).ids
    return full[0] if plain and full[1 : len(plain) + 1] == plain and full != plain else None


def _ends(tokenizer: Any, end_token: str | None, blame: Blame) -> frozenset[int]:  # as above
    if end_token is None:
        return frozenset()
    found: int | None = tokenizer.token_to_id(end_token)
    if found is None:
        raise _malformed(blame, f"it has no token {quoted(end_token)}, which is named as the end of a text")
    return frozenset({found})


def _guarded(operation: Callable[[], Any], blame: Blame) -> Any:  # the library's objects have no types
    try:
        return operation()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    # The library panics on some documents and texts; its panics derive from BaseException.
    except BaseException as error:
        logger.info("tokenizer: %s", quoted(str(error), 300))
        raise _malformed(blame, f"the tokenizer failed with {type(error).__name__}") from error


def _malformed(blame: Blame, message: str) -> Failure:
    return blame(Reason.TOKENIZER_MALFORMED, f"tokenizer.json: {message}")
