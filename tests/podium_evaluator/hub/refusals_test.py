"""What the client makes of a hub that refuses: repositories, revisions and files told apart."""

from pathlib import Path

import pytest

from podium_evaluator.hub.client import HubError, HubProblem
from tests.hub import Hub as Server
from tests.hub import Refuse
from tests.podium_evaluator.hub.scene import COMMIT, REPOSITORY, WEIGHTS, client, download, restrict


@pytest.mark.parametrize("access", ["private", "gated"])
def test_a_repository_that_may_not_be_read_is_one_until_the_token_opens_it(
    server: Server, tmp_path: Path, access: str
) -> None:
    restrict(tmp_path, access)

    with pytest.raises(HubError) as caught:
        download(server)

    assert caught.value.problem is HubProblem.REPOSITORY
    assert download(server, token="hf_secret") == WEIGHTS  # noqa: S106 - a test's token


@pytest.mark.parametrize(
    ("repository", "revision", "problem"),
    [
        ("alice/nothing", COMMIT, HubProblem.REPOSITORY),
        (REPOSITORY, "d" * 40, HubProblem.REVISION),
        ("no name/at/all", COMMIT, HubProblem.REPOSITORY),
    ],
)
def test_what_does_not_exist_is_told_apart(
    server: Server, repository: str, revision: str, problem: HubProblem
) -> None:
    with pytest.raises(HubError) as caught:
        client(server).listing(repository, revision, "model")

    assert caught.value.problem is problem


@pytest.mark.parametrize("status", [401, 403, 404])
def test_any_refusal_of_a_repository_is_one(server: Server, status: int) -> None:
    server.faults.add(Refuse(status))

    with pytest.raises(HubError) as caught:
        client(server).listing(REPOSITORY, COMMIT, "model")

    assert caught.value.problem is HubProblem.REPOSITORY


def test_a_file_that_does_not_exist_is_told_from_its_repository(server: Server) -> None:
    with pytest.raises(HubError) as caught:
        download(server, "tokenizer.json")

    assert caught.value.problem is HubProblem.ENTRY
