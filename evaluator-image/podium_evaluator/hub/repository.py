"""A submission in a repository of a hub at one commit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO, TypeVar

from podium_evaluator.contract import HuggingFaceSource, Reason
from podium_evaluator.errors import Failure, infrastructure, quoted, submission
from podium_evaluator.hub.client import Hub, HubError, HubFile, HubProblem
from podium_evaluator.hub.source import Arrived, Listed, nobody

__all__ = ["ModelRepository"]

Result = TypeVar("Result")


class ModelRepository:
    """Files of a model repository, as its listing announces them.

    Raises:
        Failure: The listing cannot be had.
    """

    def __init__(self, hub: Hub, source: HuggingFaceSource) -> None:
        self._hub, self._source = hub, source
        self._listing: Mapping[str, HubFile] = self._asked(
            lambda: hub.listing(source.repository, source.revision, "model")
        )

    def files(self) -> Mapping[str, Listed]:
        """See `Source`."""
        return {path: Listed(file.size, sha256=file.sha256) for path, file in self._listing.items()}

    def copy(self, name: str, target: BinaryIO, limit: int, arrived: Arrived = nobody) -> None:
        """See `Source`; what arrives has the digest of the listing."""
        repository, revision, file = self._source.repository, self._source.revision, self._listing[name]
        self._asked(
            lambda: self._hub.download(
                repository, revision, "model", name, target, limit, file=file, arrived=arrived
            )
        )

    def part(self, name: str, part: range) -> bytes:
        """See `Source`."""
        size = self._listing[name].size
        inside = range(part.start, min(part.stop, size))
        if not inside:
            return b""
        repository, revision = self._source.repository, self._source.revision
        return self._asked(
            lambda: self._hub.read_range(repository, revision, "model", name, inside, size=size)
        )

    def _asked(self, operation: Callable[[], Result]) -> Result:
        try:
            return operation()
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
