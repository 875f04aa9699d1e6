"""Tokenizers of both policies: text to token ids and back.

Only the `tokenizers` library reads a tokenizer.json: a participant's tokenizer class is never run.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tokenizers import Tokenizer

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, organizer, quoted, submission
from podium_evaluator.tokenizer_document import check_own, read_document
from podium_evaluator.tokenizer_settings import (
    SETTINGS,
    StoredSettings,
    TokenizerSettings,
    read_settings,
    read_stored_settings,
)

__all__ = [
    "SETTINGS",
    "Encoder",
    "StoredSettings",
    "TokenizerSettings",
    "load_encoder",
    "read_settings",
    "read_stored_settings",
]

Blame = Callable[[Reason, str], Failure]


@dataclass(frozen=True, slots=True)
class Encoder:
    """A tokenizer that adds no special tokens, never cuts and never pads.

    Attributes:
        tokenizer: The library's object; it has no published types.
        vocabulary: Ids must be smaller.
        blame: Whose failure it is when the tokenizer fails.
        bos: Id of the one token that the tokenizer puts before a text, if it puts exactly one there.
        ends: Ids that end a generation.
    """

    tokenizer: Any
    vocabulary: int
    blame: Blame
    bos: int | None = None
    ends: frozenset[int] = frozenset()

    def encode(self, text: str) -> tuple[int, ...]:
        """Token ids of `text`, of which the tokenizer's marks are read as the tokens they are.

        Raises:
            Failure: `TOKENIZER_MALFORMED`, `VOCABULARY_TOO_SMALL` of the submission, whose embedding it is
                under both policies, or `DATASET_INVALID` of the organiser.
        """
        if not _is_unicode(text):
            raise organizer(Reason.DATASET_INVALID, f"a text holds half a character: {quoted(text, 200)}")
        ids: tuple[int, ...] = _guarded(
            lambda: tuple(self.tokenizer.encode(text, add_special_tokens=False).ids), self.blame
        )
        if ids and max(ids) >= self.vocabulary:
            raise _too_small(max(ids), self.vocabulary)
        return ids

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
        return _comparable(decoded) == _comparable(text)


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
        Failure: `TOKENIZER_MALFORMED`, also when there is no such token; `VOCABULARY_TOO_SMALL` of the
            submission when the token that begins or ends a text has no row.
    """
    try:
        values = read_document(document)
        if own:
            check_own(values)
    except ValueError as error:
        raise _malformed(blame, quoted(str(error), 200)) from error
    del values  # hundreds of megabytes where the vocabulary is large
    tokenizer = _guarded(lambda: Tokenizer.from_str(document.decode()), blame)
    tokenizer.no_truncation()
    tokenizer.no_padding()
    bos = _guarded(lambda: _begin(tokenizer), blame)
    # It has said what it puts before a text and has nothing else to do: it could also repeat the text.
    tokenizer.post_processor = None
    ends = _ends(tokenizer, end_token, blame)
    largest = max((*ends, -1 if bos is None else bos), default=-1)
    if largest >= vocabulary:
        raise _too_small(largest, vocabulary)
    return Encoder(tokenizer, vocabulary, blame, bos, ends)


def _begin(tokenizer: Any) -> int | None:  # the library's objects have no types
    """The one id that the post-processor puts before a text; None where it puts none or several."""
    plain = tokenizer.encode("a", add_special_tokens=False).ids
    full = tokenizer.encode("a", add_special_tokens=True).ids
    if not plain or full[1 : len(plain) + 1] != plain:
        return None
    if tokenizer.id_to_token(full[0]) is None:
        raise ValueError(f"its post-processor adds id {full[0]}, which is no token")
    return int(full[0])


def _ends(tokenizer: Any, end_token: str | None, blame: Blame) -> frozenset[int]:  # as above
    if end_token is None:
        return frozenset()
    found: int | None = _guarded(lambda: tokenizer.token_to_id(end_token), blame)
    if found is None:
        raise _malformed(blame, f"it has no token {quoted(end_token)}, which is named as the end of a text")
    return frozenset({found})


def _comparable(text: str) -> str:
    """A text without what honest tokenizers change: forms of characters (NFC, NFKC), space at its ends."""
    return unicodedata.normalize("NFKC", text).strip()


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _too_small(token: int, vocabulary: int) -> Failure:
    return submission(
        Reason.VOCABULARY_TOO_SMALL, f"token id {token}, the model's embedding has {vocabulary} rows"
    )


def _guarded(operation: Callable[[], Any], blame: Blame) -> Any:  # the library's objects have no types
    try:
        return operation()
    except (KeyboardInterrupt, SystemExit, MemoryError):
        raise
    # The library panics on some documents and texts; its panics derive from BaseException.
    except BaseException as error:
        found = f"{type(error).__name__}: {quoted(str(error), 200)}"
        raise _malformed(blame, f"the tokenizer failed with {found}") from error


def _malformed(blame: Blame, message: str) -> Failure:
    return blame(Reason.TOKENIZER_MALFORMED, f"tokenizer.json: {message}")
