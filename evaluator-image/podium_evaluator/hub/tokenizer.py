"""Tokenizers as they enter: the competition's, and those that submissions bring.

No tokenizer is run here and no template rendered: vocabularies are read as JSON, templates are compared.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from podium_evaluator.contract import Reason, Tokenizer
from podium_evaluator.errors import Failure, infrastructure, organizer, quoted, submission
from podium_evaluator.hub.client import Hub, HubError, HubFile, HubProblem
from podium_evaluator.hub.revisions import resolve_revision
from podium_evaluator.hub.source import TOKENIZER, SubmissionFiles
from podium_evaluator.templates import accepted_templates, recognise
from podium_evaluator.tokenizer_document import check_own, read_document
from podium_evaluator.tokenizer_settings import (
    CHAT_TEMPLATE_FILE,
    SETTINGS_BYTES,
    SPECIAL_TOKENS_MAP,
    TOKENIZER_CONFIG,
    Blame,
    StoredSettings,
    TokenizerSettings,
    read_settings,
)
from podium_evaluator.vocabulary import TOKENIZER_BYTES, Vocabulary, vocabulary_of

__all__ = [
    "FixedTokenizer",
    "OwnTokenizer",
    "check_fixed_vocabulary",
    "check_own_vocabulary",
    "copy_fixed_tokenizer",
    "read_own_tokenizer",
]

_OTHER_FORMS: Final = (
    "tokenizer.model",
    "spiece.model",
    "sentencepiece.bpe.model",
    "tekken.json",
    "vocab.json",
    "vocab.txt",
)
"""What tokenizers are also published as; only a tokenizer.json is read."""


@dataclass(frozen=True, slots=True)
class FixedTokenizer:
    """The competition's tokenizer.

    Attributes:
        document: Its tokenizer.json.
        settings: What the files beside it say.
        revision: The commit that they are from.
    """

    document: bytes
    settings: TokenizerSettings
    revision: str


@dataclass(frozen=True, slots=True)
class OwnTokenizer:
    """A submission's tokenizer: its tokenizer.json and what we keep of the files beside it."""

    document: bytes
    settings: StoredSettings


def copy_fixed_tokenizer(hub: Hub, tokenizer: Tokenizer, until: int | None = None) -> FixedTokenizer:
    """Read the competition's tokenizer.

    Args:
        hub: Where it is.
        tokenizer: Names repository and revision.
        until: A branch means its newest commit that is not after this time, in seconds since the epoch.

    Raises:
        Failure: `HUB_UNAVAILABLE`, or the organiser named a tokenizer that cannot be had.
    """
    if tokenizer.repository is None or tokenizer.revision is None:
        raise organizer(Reason.REQUEST_INVALID, "tokenizer policy Fixed needs a repository and a revision")
    where = f"tokenizer repository {quoted(tokenizer.repository, 140)} at {tokenizer.revision}"
    try:
        commit = resolve_revision(hub, tokenizer.repository, tokenizer.revision, "model", until)
        listing = hub.listing(tokenizer.repository, commit, "model")
        read = functools.partial(_read, hub, tokenizer.repository, commit, listing)
        document = read(TOKENIZER, TOKENIZER_BYTES)
        config, special = (read(name, SETTINGS_BYTES) for name in (TOKENIZER_CONFIG, SPECIAL_TOKENS_MAP))
    except HubError as error:
        if error.problem is HubProblem.UNAVAILABLE:
            raise infrastructure(Reason.HUB_UNAVAILABLE, f"{where}: {error}") from error
        raise organizer(Reason.TOKENIZER_MALFORMED, f"{where}: {error}") from error
    except Failure as failure:
        raise organizer(failure.reason, f"{where}: {failure.message}") from failure
    if document is None:
        raise organizer(Reason.TOKENIZER_MALFORMED, f"{where} has no file {TOKENIZER}")
    return FixedTokenizer(document, read_settings(config, special, None, organizer), commit)


def read_own_tokenizer(files: SubmissionFiles, tokenizer: Tokenizer) -> OwnTokenizer:
    """Read the tokenizer that a submission brings.

    Raises:
        Failure: `TOKENIZER_NOT_SUPPORTED`, `TOKENIZER_MALFORMED` or `CHAT_TEMPLATE_UNKNOWN`.
    """
    _refuse_other_forms(files)
    document = files.read(TOKENIZER, TOKENIZER_BYTES)
    said = read_settings(
        files.read_if_there(TOKENIZER_CONFIG, SETTINGS_BYTES),
        files.read_if_there(SPECIAL_TOKENS_MAP, SETTINGS_BYTES),
        files.read_if_there(CHAT_TEMPLATE_FILE, SETTINGS_BYTES),
        submission,
    )
    name = _template_name(said.chat_template, tokenizer)
    return OwnTokenizer(document, StoredSettings(said.eos_token, name))


def check_own_vocabulary(own: OwnTokenizer, rows: int) -> None:
    """The tokens of a submission's tokenizer against its embedding and against what will be run.

    Args:
        own: The tokenizer.
        rows: Of the embedding.

    Raises:
        Failure: `TOKENIZER_MALFORMED` or `VOCABULARY_TOO_SMALL`.
    """
    vocabulary, end = _vocabulary(own.document, submission, own=True), own.settings.end_token
    if end is not None and not vocabulary.holds(end):
        message = f"it has no token {quoted(end)}, which {TOKENIZER_CONFIG} names as the end of a text"
        raise submission(Reason.TOKENIZER_MALFORMED, f"{TOKENIZER}: {message}")
    _check_rows(vocabulary, rows)


def check_fixed_vocabulary(fixed: FixedTokenizer, rows: int) -> None:
    """The ids of the competition's tokenizer against a submission's embedding.

    Args:
        fixed: The tokenizer.
        rows: Of the embedding.

    Raises:
        Failure: The organiser's `TOKENIZER_MALFORMED`, the submission's `VOCABULARY_TOO_SMALL`.
    """
    _check_rows(_vocabulary(fixed.document, organizer, own=False), rows)


def _check_rows(vocabulary: Vocabulary, rows: int) -> None:
    if vocabulary.size > rows:
        raise submission(
            Reason.VOCABULARY_TOO_SMALL,
            f"vocab_size {rows} below the {vocabulary.size} ids of the tokenizer, added tokens included:"
            " resize the embedding",
        )


def _vocabulary(document: bytes, blame: Blame, *, own: bool) -> Vocabulary:
    try:
        raw = read_document(document)
        if own:
            check_own(raw)
        return vocabulary_of(raw)
    except ValueError as error:
        raise blame(Reason.TOKENIZER_MALFORMED, f"{TOKENIZER}: {quoted(str(error), 200)}") from error


def _template_name(text: str | None, tokenizer: Tokenizer) -> str:
    """The accepted template that a submission's is; one without any gets the competition's."""
    accepted = accepted_templates(tokenizer)
    if text is None:
        return tokenizer.chat_template
    name = recognise(text, accepted)
    if name is None:
        raise submission(
            Reason.CHAT_TEMPLATE_UNKNOWN,
            f"the chat template {quoted(text)} is none of {', '.join(accepted)}, which are accepted:"
            " use the published text of one of them",
        )
    return name


def _refuse_other_forms(files: SubmissionFiles) -> None:
    if TOKENIZER in files.listed:
        return
    for name in _OTHER_FORMS:
        if name in files.listed:
            raise submission(
                Reason.TOKENIZER_NOT_SUPPORTED,
                f"the tokenizer is only there as {name}, expected {TOKENIZER}:"
                " AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes it",
            )


def _read(
    hub: Hub, repository: str, commit: str, listing: Mapping[str, HubFile], name: str, limit: int
) -> bytes | None:
    if name not in listing:
        return None
    buffer = io.BytesIO()
    hub.download(repository, commit, "model", name, buffer, limit, file=listing[name])
    return buffer.getvalue()
