"""Whose word a refusal is: the hub's about a repository, or that of storage about a link."""

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError

from podium_evaluator.hub.problems import HubProblem, classify


def answer(status: int, host: str, before: str | None = None, code: str | None = None) -> HfHubHTTPError:
    """What the client raises for a status of `host`, to which `before` may have sent it."""

    def response(status: int, host: str, *history: httpx2.Response) -> httpx2.Response:
        request = httpx2.Request("GET", f"https://{host}/file")
        headers = {"X-Error-Code": code} if code else {}
        return httpx2.Response(status, headers=headers, request=request, history=list(history))

    history = () if before is None else (response(302, before),)
    return HfHubHTTPError("refused", response=response(status, host, *history))


def problem_of(error: HfHubHTTPError) -> HubProblem | None:
    found = classify(error)
    return found.problem if found else None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_of_the_hub_is_about_the_repository_and_one_of_storage_is_not(status: int) -> None:
    assert problem_of(answer(status, "hub.example")) is HubProblem.REPOSITORY
    assert problem_of(answer(status, "hub.example", "hub.example")) is HubProblem.REPOSITORY
    assert problem_of(answer(status, "storage.example", "hub.example")) is HubProblem.UNAVAILABLE
    # A mirror sends clients to the hub proper.
    assert problem_of(answer(status, "hub.example", "mirror.example", "GatedRepo")) is HubProblem.REPOSITORY


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_trouble_is_nobodys_fault_wherever_it_is(status: int) -> None:
    assert problem_of(answer(status, "hub.example")) is HubProblem.UNAVAILABLE
    assert problem_of(answer(status, "storage.example", "hub.example")) is HubProblem.UNAVAILABLE
