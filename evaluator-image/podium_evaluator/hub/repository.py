"""A submission in a repository of a hub at one commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import BinaryIO, Final

from podium_evaluator.contract import HuggingFaceSource, Reason, Tokenizer
from podium_evaluator.errors import Failure, infrastructure, organizer, quoted, submission
from podium_evaluator.hub.client import Hub, HubError, HubProblem
from podium_evaluator.hub.source import TOKENIZER, Listed

__all__ = ["ModelRepository", "copy_fixed_tokenizer"]

TOKENIZER_BYTES: Final = 64 * 1024 * 1024
"""The largest vocabularies in use (262,144 tokens) have files of about 33 MB."""


class ModelRepository:
    """Files of a model repository's root folder."""

    def __init__(self, hub: Hub, source: HuggingFaceSource) -> None:
        self._hub = hub
        self._source = source

    def files(self) -> Mapping[str, Listed]:
        """See `Source`."""
        try:
            sizes = self._hub.files(self._source.repository, self._source.revision, "model")
        except HubError as error:
            raise self._failure(error) from error
        return {name: Listed(size) for name, size in sizes.items() if "/" not in name}

    def copy(self, name: str, target: BinaryIO, limit: int) -> None:
        """See `Source`."""
        source = self._source
        try:
            self._hub.download(source.repository, source.revision, "model", name, target, limit)
        except HubError as error:
            raise self._failure(error) from error

    def _failure(self, error: HubError) -> Failure:
        where = f"model repository {quoted(self._source.repository, 140)}"
        match error.problem:
            # A file that was listed a moment ago is missing by the hub's doing.
            case HubProblem.UNAVAILABLE | HubProblem.ENTRY:
                return infrastructure(Reason.HUB_UNAVAILABLE, f"{where}: {error}")
            case HubProblem.REVISION:
                return submission(Reason.REVISION_NOT_FOUND, f"{where} at {self._source.revision}: {error}")
            case HubProblem.REPOSITORY:
                return submission(
                    Reason.NOT_YET_PUBLISHED, f"{where}: {error}; make it public to have it evaluated"
                )


def copy_fixed_tokenizer(hub: Hub, tokenizer: Tokenizer, target: BinaryIO) -> None:
    """Write the competition's tokenizer.json.

    Raises:
        Failure: `HUB_UNAVAILABLE`, or the organiser named a tokenizer that does not exist.
    """
    if tokenizer.repository is None or tokenizer.revision is None:
        raise organizer(Reason.REQUEST_INVALID, "tokenizer policy Fixed needs a repository and a revision")
    where = f"tokenizer repository {quoted(tokenizer.repository, 140)} at {tokenizer.revision}"
    try:
        hub.download(tokenizer.repository, tokenizer.revision, "model", TOKENIZER, target, TOKENIZER_BYTES)
    except HubError as error:
        if error.problem is HubProblem.UNAVAILABLE:
            raise infrastructure(Reason.HUB_UNAVAILABLE, f"{where}: {error}") from error
        raise organizer(Reason.TOKENIZER_MALFORMED, f"{where}: {error}") from error
    except Failure as failure:
        raise organizer(failure.reason, f"{where}: {failure.message}") from failure
