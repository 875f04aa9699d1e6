"""Tokenizers of both policies and the named chat templates.

Only the `tokenizers` library reads a tokenizer.json, and templates are functions of ours: a
participant's template or tokenizer class is never run.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from tokenizers import Tokenizer

from podium_evaluator.canonical import strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, quoted

__all__ = ["CHAT_TEMPLATES", "Encoder", "load_encoder"]

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
    """

    tokenizer: Any
    vocabulary: int
    blame: Blame

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

    def gives_back(self, text: str, ids: tuple[int, ...]) -> bool:
        """Whether `ids` determine `text`, but for space at its ends."""
        decoded: str = _guarded(
            lambda: str(self.tokenizer.decode(list(ids), skip_special_tokens=False)), self.blame
        )
        return decoded.strip() == text.strip()


def load_encoder(document: bytes, vocabulary: int, blame: Blame, *, own: bool) -> Encoder:
    """Read a tokenizer.json.

    Args:
        document: Its bytes.
        vocabulary: Rows of the model's embedding.
        blame: Makes the failure of whoever wrote the document.
        own: Whether a participant wrote it.

    Raises:
        Failure: `TOKENIZER_MALFORMED`.
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
    return Encoder(tokenizer, vocabulary, blame)


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
