"""The Hugging Face hub client with bounds: listing and downloading at a pinned revision.

Files are streamed with the client's own session: an announced size is only a claim, and bytes count
only once they have the digest that the hub announced. Errors come out as `HubError`; what one means
depends on whose repository it is.
"""

from __future__ import annotations

import io
import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import BinaryIO, Final, Literal, NoReturn, TypeVar

import httpx2  # the HTTP library of huggingface_hub, for its time limits
from huggingface_hub import HfApi, get_session, hf_hub_url, hf_raise_for_status, set_client_factory

from podium_evaluator.hub.answers import announced_file, offered, starts_at
from podium_evaluator.hub.body import Body, HubFile, Pace
from podium_evaluator.hub.patience import Patience
from podium_evaluator.hub.problems import HubError, HubProblem, classify

__all__ = ["Hub", "HubError", "HubFile", "HubProblem", "RepositoryKind", "classify", "hub_token"]

logger = logging.getLogger(__name__)

_TIMEOUT: Final = httpx2.Timeout(60.0, connect=15.0)
_LISTING_SECONDS: Final = 60.0
_PROGRESS_BYTES: Final = 16 * 1024 * 1024
"""A try that brought this much does not count: a long download may be interrupted often."""
_PARTIAL_CONTENT: Final = 206
_NO_SUCH_RANGE: Final = 416

Result = TypeVar("Result")
RepositoryKind = Literal["model", "dataset"]


def hub_token() -> str | None:
    """The token that the pod was given, if any; it is never logged."""
    return os.environ.get("HF_TOKEN") or None


def _nobody(_held: int) -> None:
    """Hear of bytes and do nothing."""


@dataclass(frozen=True)
class Hub:
    """One hub.

    Attributes:
        endpoint: Its address; None is the client's default.
        token: For private repositories.
        sleep: Waits between tries.
        clock: Seconds of a monotonic clock, to tell a slow stream.
    """

    endpoint: str | None
    token: str | None = field(default=None, repr=False)
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        # The client's own factory sets no time limit at all.
        set_client_factory(lambda: httpx2.Client(follow_redirects=True, timeout=_TIMEOUT))

    def listing(self, repository: str, revision: str, kind: RepositoryKind) -> dict[str, HubFile]:
        """What a repository announces of its files, by path.

        Raises:
            HubError: The listing cannot be had.
        """
        return self.patiently(lambda: self._list(repository, revision, kind))

    def files(self, repository: str, revision: str, kind: RepositoryKind) -> dict[str, int]:
        """Paths and announced sizes of a repository's files.

        Raises:
            HubError: The listing cannot be had.
        """
        return {path: file.size for path, file in self.listing(repository, revision, kind).items()}

    def download(
        self,
        repository: str,
        revision: str,
        kind: RepositoryKind,
        name: str,
        target: BinaryIO,
        limit: int,
        *,
        file: HubFile | None = None,
        arrived: Callable[[int], None] = _nobody,
    ) -> None:
        """Stream one file into `target`, continuing after what it holds.

        Args:
            repository: Where from.
            revision: A commit.
            kind: Of the repository.
            name: The file's path.
            target: Open for reading and writing; what it holds is kept where a digest will prove it.
            limit: The file may have so many bytes.
            file: Its entry in the listing; without one the answer's headers say what to expect.
            arrived: Told the number of bytes held, whenever it changes.

        Raises:
            HubError: It cannot be had whole and as announced.
            Failure: `TOO_LARGE` as soon as more than `limit` bytes are announced or arrived.
        """
        url = hf_hub_url(repository, name, repo_type=kind, revision=revision, endpoint=self.endpoint)
        body = Body(name, target, limit, file, arrived)
        if not body.is_whole():
            self.patiently(lambda: self._stream(url, body), lambda: body.held)

    def read_range(
        self,
        repository: str,
        revision: str,
        kind: RepositoryKind,
        name: str,
        part: range,
        *,
        size: int | None = None,
    ) -> bytes:
        """The bytes of a file at the offsets of `part`, which must lie inside it.

        Args:
            repository: Where from.
            revision: A commit.
            kind: Of the repository.
            name: The file's path.
            part: Offsets.
            size: What the listing says that the whole file has, for comparison.

        Raises:
            HubError: They cannot be had.
        """
        url = hf_hub_url(repository, name, repo_type=kind, revision=revision, endpoint=self.endpoint)
        return self.patiently(lambda: self._range(url, part, size))

    def patiently(self, operation: Callable[[], Result], held: Callable[[], int] = lambda: 0) -> Result:
        """Do something with the hub's client, again and again while the hub is in trouble.

        Args:
            operation: May be repeated.
            held: How far it came, in bytes: whoever comes forward gets more tries.

        Raises:
            HubError: It failed for good, or for long enough.
        """
        patience, furthest = Patience(), held()
        while True:
            try:
                return operation()
            except Exception as error:  # noqa: BLE001 - the client raises whatever its layers raise
                problem = classify(error)
                if problem is None or problem.problem is not HubProblem.UNAVAILABLE:
                    _raise(problem, error)
                if held() >= furthest + _PROGRESS_BYTES:
                    patience, furthest = patience.after_progress(), held()
                left = patience.after_failure(problem.asked_wait)
                if left is None:
                    _raise(problem, error)
                wait, patience = left
                logger.info("%s; trying again in %.0f s", problem, wait)
                self.sleep(wait)

    def _list(self, repository: str, revision: str, kind: RepositoryKind) -> dict[str, HubFile]:
        # Not the tree: the client waits without bounds for its pages.
        api = HfApi(endpoint=self.endpoint, token=self.token or False)
        info = api.repo_info(
            repository, repo_type=kind, revision=revision, files_metadata=True, timeout=_LISTING_SECONDS
        )
        found: dict[str, HubFile] = {}
        for file in getattr(info, "siblings", None) or ():
            sha256 = file.lfs.sha256 if file.lfs is not None else None
            # The blob of a file in large file storage is that of its pointer.
            found[file.rfilename] = HubFile(file.size or 0, sha256, None if sha256 else file.blob_id)
        return found

    def _stream(self, url: str, body: Body) -> None:
        wanted = {"Range": f"bytes={body.held}-"} if body.held else {}
        with self._answer(url, wanted) as response:
            if response.status_code == _NO_SUCH_RANGE and body.held:
                body.restart()
                raise HubError(HubProblem.UNAVAILABLE, "the file ends before what was already there")
            hf_raise_for_status(response)
            body.announce(announced_file(response), offered(response))
            if (start := starts_at(response)) != body.held:
                body.restart()
                if start:
                    raise HubError(HubProblem.UNAVAILABLE, "another part arrived than was asked for")
            pace = Pace(self.clock)
            for chunk in response.iter_raw():
                body.write(chunk)
                pace.arrived(len(chunk))
        body.finish()

    def _range(self, url: str, part: range, size: int | None) -> bytes:
        with self._answer(url, {"Range": f"bytes={part.start}-{part.stop - 1}"}) as response:
            hf_raise_for_status(response)
            if response.status_code == _PARTIAL_CONTENT and starts_at(response) != part.start:
                raise HubError(HubProblem.UNAVAILABLE, "another part arrived than was asked for")
            if size is not None and (total := offered(response)) != size:
                raise HubError(HubProblem.UNAVAILABLE, f"{size} bytes were announced, {total} are offered")
            buffer, pace = io.BytesIO(), Pace(self.clock)
            for chunk in response.iter_raw():
                buffer.write(chunk)
                pace.arrived(len(chunk))
                if buffer.tell() > len(part):
                    break
        if buffer.tell() != len(part):
            raise HubError(HubProblem.UNAVAILABLE, f"{buffer.tell()} of {len(part)} bytes arrived")
        return buffer.getvalue()

    @contextmanager
    def _answer(self, url: str, wanted: dict[str, str]) -> Iterator[httpx2.Response]:
        # Identity, so that the byte counts of the header and of the body mean the same.
        headers = {"Accept-Encoding": "identity", "User-Agent": "podium", **wanted}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        with get_session().stream("GET", url, headers=headers) as response:
            if response.is_error:
                response.read()
            elif response.headers.get("Content-Encoding", "identity") != "identity":
                raise HubError(HubProblem.UNAVAILABLE, "the body is compressed, which was not asked for")
            yield response


def _raise(problem: HubError | None, error: Exception) -> NoReturn:
    if problem is None or problem is error:
        raise error
    raise problem from error
