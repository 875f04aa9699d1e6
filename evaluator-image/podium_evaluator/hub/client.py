"""The Hugging Face hub client with bounds: listing and downloading at a pinned revision.

Files are streamed with the client's own session and a byte counter, since an announced size is only
a claim. Errors come out as `HubError`; what one means depends on whose repository it is.
"""

from __future__ import annotations

import enum
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal, NoReturn, TypeVar

import httpx2  # the HTTP library of huggingface_hub, for its exceptions and time limits
from huggingface_hub import HfApi, get_session, hf_hub_url, hf_raise_for_status, set_client_factory
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    RevisionNotFoundError,
)

from podium_evaluator.contract import Reason
from podium_evaluator.errors import quoted, submission

__all__ = ["Hub", "HubError", "HubProblem", "classify", "hub_token"]

logger = logging.getLogger(__name__)

_TRIES: Final = 4
_LONGEST_WAIT: Final = 8.0
_TIMEOUT: Final = httpx2.Timeout(60.0, connect=15.0)
_CHUNK_BYTES: Final = 1024 * 1024
_LISTING_SECONDS: Final = 60.0
_PARTIAL_CONTENT: Final = 206
_CLIENT_ERRORS: Final = range(400, 500)
_TRANSIENT: Final = frozenset({408, 425, 429})

Result = TypeVar("Result")
RepositoryKind = Literal["model", "dataset"]


class HubProblem(enum.Enum):
    """What went wrong."""

    REPOSITORY = "the repository does not exist or may not be read"
    REVISION = "the revision does not exist"
    ENTRY = "the file does not exist"
    UNAVAILABLE = "the hub did not answer properly"


class HubError(Exception):
    """A request to the hub failed for good, or for long enough."""

    def __init__(self, problem: HubProblem, detail: str) -> None:
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem


def hub_token() -> str | None:
    """The token that the pod was given, if any; it is never logged."""
    return os.environ.get("HF_TOKEN") or None


def classify(error: Exception) -> HubError | None:
    """What an exception of the client means; None for what is none of the hub's."""
    match error:
        case HubError():
            return error
        case HfHubHTTPError():
            return HubError(_problem(error), f"status {error.response.status_code}")
        case EntryNotFoundError():
            return HubError(HubProblem.ENTRY, type(error).__name__)
        case HFValidationError():
            return HubError(HubProblem.REPOSITORY, "not a repository name")
        case httpx2.HTTPError() | httpx2.InvalidURL() | ConnectionError() | TimeoutError() | ValueError():
            return HubError(HubProblem.UNAVAILABLE, type(error).__name__)
        case _:
            return None


def _problem(error: HfHubHTTPError) -> HubProblem:
    status = error.response.status_code
    match error:
        case RevisionNotFoundError():
            return HubProblem.REVISION
        case EntryNotFoundError():
            return HubProblem.ENTRY
        case _ if status in _CLIENT_ERRORS and status not in _TRANSIENT:
            return HubProblem.REPOSITORY
        case _:
            return HubProblem.UNAVAILABLE


@dataclass(frozen=True)
class Hub:
    """One hub.

    Attributes:
        endpoint: Its address; None is the client's default.
        token: For private repositories.
        sleep: Waits between tries.
    """

    endpoint: str | None
    token: str | None = field(default=None, repr=False)
    sleep: Callable[[float], None] = time.sleep

    def __post_init__(self) -> None:
        # The client's own factory sets no time limit at all.
        set_client_factory(lambda: httpx2.Client(follow_redirects=True, timeout=_TIMEOUT))

    def files(self, repository: str, revision: str, kind: RepositoryKind) -> dict[str, int]:
        """Paths and announced sizes of a repository's files.

        Raises:
            HubError: The listing cannot be had.
        """
        return self._patiently(lambda: self._list(repository, revision, kind))

    def download(
        self, repository: str, revision: str, kind: RepositoryKind, name: str, target: BinaryIO, limit: int
    ) -> None:
        """Stream one file into `target`, which must be empty.

        Raises:
            HubError: It cannot be had whole.
            Failure: `TOO_LARGE` as soon as more than `limit` bytes arrived.
        """
        url = hf_hub_url(repository, name, repo_type=kind, revision=revision, endpoint=self.endpoint)
        self._patiently(lambda: self._stream(url, name, target, limit))

    def read_range(
        self, repository: str, revision: str, kind: RepositoryKind, name: str, part: range
    ) -> bytes:
        """The bytes of a file at the offsets of `part`, which must lie inside it.

        Raises:
            HubError: They cannot be had.
        """
        url = hf_hub_url(repository, name, repo_type=kind, revision=revision, endpoint=self.endpoint)
        return self._patiently(lambda: self._range(url, part))

    def _list(self, repository: str, revision: str, kind: RepositoryKind) -> dict[str, int]:
        # Not the tree: the client waits without bounds for its pages.
        api = HfApi(endpoint=self.endpoint, token=self.token or False)
        info = api.repo_info(
            repository, repo_type=kind, revision=revision, files_metadata=True, timeout=_LISTING_SECONDS
        )
        return {file.rfilename: file.size or 0 for file in getattr(info, "siblings", None) or ()}

    def _headers(self) -> dict[str, str]:
        # Identity, so that the byte counts of the header and of the body mean the same.
        headers = {"Accept-Encoding": "identity", "User-Agent": "podium"}
        return headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})

    def _range(self, url: str, part: range) -> bytes:
        headers = self._headers() | {"Range": f"bytes={part.start}-{part.stop - 1}"}
        response = get_session().get(url, headers=headers)
        hf_raise_for_status(response)
        if len(response.content) != len(part):
            raise HubError(HubProblem.UNAVAILABLE, f"{len(response.content)} of {len(part)} bytes arrived")
        return response.content

    def _stream(self, url: str, name: str, target: BinaryIO, limit: int) -> None:
        headers = self._headers()
        held = target.tell()
        if held:
            headers["Range"] = f"bytes={held}-"
        with get_session().stream("GET", url, headers=headers) as response:
            if response.is_error:
                response.read()
            hf_raise_for_status(response)
            if held and response.status_code != _PARTIAL_CONTENT:
                target.seek(0)
                target.truncate()
            announced = target.tell() + int(response.headers.get("Content-Length", 0))
            for chunk in response.iter_bytes(_CHUNK_BYTES):
                if target.tell() + len(chunk) > limit:
                    raise submission(Reason.TOO_LARGE, f"{quoted(name)} has more than {limit} bytes")
                target.write(chunk)
            if target.tell() < announced:
                raise HubError(HubProblem.UNAVAILABLE, f"{target.tell()} of {announced} bytes arrived")

    def _patiently(self, operation: Callable[[], Result]) -> Result:
        for wait in (*(min(2.0**number, _LONGEST_WAIT) for number in range(_TRIES - 1)), None):
            try:
                return operation()
            except Exception as error:  # noqa: BLE001 - the client raises whatever its layers raise
                problem = classify(error)
                if problem is None or problem.problem is not HubProblem.UNAVAILABLE or wait is None:
                    _raise(problem, error)
                logger.info("%s; trying again in %.0f s", problem, wait)
                self.sleep(wait)
        raise AssertionError("the last try returns or raises")


def _raise(problem: HubError | None, error: Exception) -> NoReturn:
    if problem is None or problem is error:
        raise error
    raise problem from error
