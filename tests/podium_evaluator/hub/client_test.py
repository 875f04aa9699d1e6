"""The hub client against a server that speaks the hub's protocol: what each answer means."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub, HubError, HubProblem
from tests.hub import Hub as Server
from tests.hub import Refuse, Truncate, WrongSize, hub_in_thread

_REPOSITORY = "alice/tuned"
_COMMIT = "c" * 40
_WEIGHTS = bytes(range(256)) * 4096


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    model = tmp_path / "models" / _REPOSITORY
    (model / "sub").mkdir(parents=True)
    (model / ".hub.json").write_text(f'{{"commit": "{_COMMIT}"}}', encoding="utf-8")
    (model / "config.json").write_bytes(b"{}")
    (model / "model.safetensors").write_bytes(_WEIGHTS)
    (model / "sub" / "other.safetensors").write_bytes(b"other")
    with hub_in_thread(tmp_path, token="hf_secret") as hub:  # noqa: S106 - a test's token
        yield hub


class Waits(list[float]):
    """Records waits instead of waiting."""


def client(server: Server, waits: Waits | None = None, token: str | None = None) -> Hub:
    return Hub(server.endpoint, token, (Waits() if waits is None else waits).append)


def download(
    server: Server, name: str = "model.safetensors", limit: int = 2**30, token: str | None = None
) -> bytes:
    target = io.BytesIO()
    client(server, token=token).download(_REPOSITORY, _COMMIT, "model", name, target, limit)
    return target.getvalue()


def restrict(server_root: Path, access: str) -> None:
    sidecar = server_root / "models" / _REPOSITORY / ".hub.json"
    sidecar.write_text(f'{{"commit": "{_COMMIT}", "access": "{access}"}}', encoding="utf-8")


def test_lists_all_files(server: Server) -> None:
    assert client(server).files(_REPOSITORY, _COMMIT, "model") == {
        "config.json": 2,
        "model.safetensors": len(_WEIGHTS),
        "sub/other.safetensors": 5,
    }


def test_downloads_small_and_large_files(server: Server) -> None:
    assert download(server, "config.json") == b"{}"
    assert download(server) == _WEIGHTS


def test_a_body_is_cut_off_where_it_exceeds_the_limit_whatever_was_announced(server: Server) -> None:
    server.faults.add(WrongSize(10))

    assert client(server).files(_REPOSITORY, _COMMIT, "model")["model.safetensors"] == 10
    with pytest.raises(Failure) as caught:
        download(server, limit=len(_WEIGHTS) - 1)
    assert caught.value.reason is Reason.TOO_LARGE


def test_a_body_that_ends_early_is_resumed(server: Server) -> None:
    server.faults.add(Truncate(after=300_000), on="models/alice/tuned/model.safetensors", times=2)

    assert download(server) == _WEIGHTS


def test_a_body_that_always_ends_early_makes_the_hub_unavailable(server: Server) -> None:
    server.faults.add(Truncate(after=1000), on="models/alice/tuned/model.safetensors")

    with pytest.raises(HubError) as caught:
        download(server)

    assert caught.value.problem is HubProblem.UNAVAILABLE


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_hub_is_asked_again(server: Server, status: int) -> None:
    waits = Waits()
    server.faults.add(Refuse(status), times=3)

    assert client(server, waits).files(_REPOSITORY, _COMMIT, "model")
    assert waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_stays_busy_is_unavailable(server: Server, status: int) -> None:
    server.faults.add(Refuse(status, retry_after=3600))

    with pytest.raises(HubError) as caught:
        client(server).files(_REPOSITORY, _COMMIT, "model")

    assert caught.value.problem is HubProblem.UNAVAILABLE
    assert str(status) in str(caught.value)


def test_no_hub_at_all_is_unavailable() -> None:
    with pytest.raises(HubError) as caught:
        Hub("http://127.0.0.1:9", None, Waits().append).files(_REPOSITORY, _COMMIT, "model")

    assert caught.value.problem is HubProblem.UNAVAILABLE


@pytest.mark.parametrize("access", ["private", "gated"])
def test_a_repository_that_may_not_be_read_is_one_until_the_token_opens_it(
    server: Server, tmp_path: Path, access: str
) -> None:
    restrict(tmp_path, access)

    with pytest.raises(HubError) as caught:
        download(server)

    assert caught.value.problem is HubProblem.REPOSITORY
    assert download(server, token="hf_secret") == _WEIGHTS  # noqa: S106 - a test's token


@pytest.mark.parametrize(
    ("repository", "revision", "problem"),
    [
        ("alice/nothing", _COMMIT, HubProblem.REPOSITORY),
        (_REPOSITORY, "d" * 40, HubProblem.REVISION),
        ("no name/at/all", _COMMIT, HubProblem.REPOSITORY),
    ],
)
def test_what_does_not_exist_is_told_apart(
    server: Server, repository: str, revision: str, problem: HubProblem
) -> None:
    with pytest.raises(HubError) as caught:
        client(server).files(repository, revision, "model")

    assert caught.value.problem is problem


@pytest.mark.parametrize("status", [401, 403, 404])
def test_any_refusal_of_a_repository_is_one(server: Server, status: int) -> None:
    server.faults.add(Refuse(status))

    with pytest.raises(HubError) as caught:
        client(server).files(_REPOSITORY, _COMMIT, "model")

    assert caught.value.problem is HubProblem.REPOSITORY


def test_a_file_that_does_not_exist_is_told_from_its_repository(server: Server) -> None:
    with pytest.raises(HubError) as caught:
        download(server, "tokenizer.json")

    assert caught.value.problem is HubProblem.ENTRY


def test_reads_a_part_of_a_file(server: Server) -> None:
    part = client(server).read_range(_REPOSITORY, _COMMIT, "model", "model.safetensors", range(100, 300))

    assert part == _WEIGHTS[100:300]


def test_a_part_that_arrives_short_is_asked_for_again(server: Server) -> None:
    server.faults.add(Truncate(after=10), on="models/alice/tuned/model.safetensors", times=1)

    part = client(server).read_range(_REPOSITORY, _COMMIT, "model", "model.safetensors", range(100, 300))

    assert part == _WEIGHTS[100:300]


def test_the_token_is_in_no_text() -> None:
    assert "hf_secret" not in repr(Hub("http://hub", "hf_secret"))
