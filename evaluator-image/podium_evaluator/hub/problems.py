"""What went wrong at a hub, from whatever its client raised."""

from __future__ import annotations

import enum
from typing import Final

import httpx2  # the HTTP library of huggingface_hub, for its exceptions
from huggingface_hub.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    HFValidationError,
    RevisionNotFoundError,
)

from podium_evaluator.hub.patience import asked_wait

__all__ = ["HubError", "HubProblem", "classify"]

_CLIENT_ERRORS: Final = range(400, 500)
_TRANSIENT: Final = frozenset({408, 425, 429})


class HubProblem(enum.Enum):
    """What went wrong."""

    REPOSITORY = "the repository does not exist or may not be read"
    REVISION = "the revision does not exist"
    ENTRY = "the file does not exist"
    UNAVAILABLE = "the hub did not answer properly"


class HubError(Exception):
    """A request to the hub failed for good, or for long enough.

    Attributes:
        problem: What went wrong.
        asked_wait: Seconds that the hub asked to wait, if it did.
    """

    def __init__(self, problem: HubProblem, detail: str, asked_wait: float | None = None) -> None:
        super().__init__(f"{problem.value}: {detail}")
        self.problem = problem
        self.asked_wait = asked_wait


def classify(error: Exception) -> HubError | None:
    """What an exception of the client means; None for what is none of the hub's."""
    match error:
        case HubError():
            return error
        case HfHubHTTPError():
            status = error.response.status_code
            return HubError(_problem(error), f"status {status}", asked_wait(error.response.headers))
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
        case _ if not _is_the_hubs(error.response):
            return HubProblem.UNAVAILABLE
        case RevisionNotFoundError():
            return HubProblem.REVISION
        case EntryNotFoundError():
            return HubProblem.ENTRY
        case _ if status in _CLIENT_ERRORS and status not in _TRANSIENT:
            return HubProblem.REPOSITORY
        case _:
            return HubProblem.UNAVAILABLE


def _is_the_hubs(response: httpx2.Response) -> bool:
    """Whether a hub answered, by its address or its header: storage refuses links that have expired."""
    first = (*response.history, response)[0]
    return response.url.host == first.url.host or "X-Error-Code" in response.headers
