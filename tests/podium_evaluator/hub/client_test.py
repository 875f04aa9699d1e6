"""The hub client against a server that speaks the hub's protocol: what each answer means."""

import hashlib
import io
import itertools
import logging
import traceback
from pathlib import Path

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub, HubError, HubFile, HubProblem
from tests.hub import Hub as Server
from tests.hub import Refuse, Slow, Truncate, WrongEtag, WrongSize
from tests.podium_evaluator.hub.scene import (
    COMMIT,
    FILE,
    ON_WEIGHTS,
    REPOSITORY,
    WEIGHTS,
    Waits,
    client,
    download,
    downloads,
    restrict,
    take_up,
)


def test_lists_the_files_of_all_folders_with_the_digests_that_are_announced(server: Server) -> None:
    assert client(server).listing(REPOSITORY, COMMIT, "model") == {
        "config.json": HubFile(2, blob="9e26dfeeb6e641a33dae4961196235bdb965b21b"),
        "model.safetensors": FILE,
        "sub/other.safetensors": HubFile(5, sha256=hashlib.sha256(b"other").hexdigest()),
    }


def test_downloads_small_and_large_files(server: Server) -> None:
    assert download(server, "config.json") == b"{}"
    assert download(server) == WEIGHTS


def test_a_body_is_cut_off_where_it_exceeds_the_limit(server: Server) -> None:
    with pytest.raises(Failure) as caught:
        download(server, limit=len(WEIGHTS) - 1)

    assert caught.value.reason is Reason.TOO_LARGE


def test_a_size_that_the_body_contradicts_makes_the_hub_unavailable(server: Server) -> None:
    server.faults.add(WrongSize(10))

    file = client(server).listing(REPOSITORY, COMMIT, "model")["model.safetensors"]
    for listed in (file, None):
        with pytest.raises(HubError) as caught:
            take_up(server, b"", listed)
        assert caught.value.problem is HubProblem.UNAVAILABLE
        assert str(len(WEIGHTS)) in str(caught.value)


def test_a_wrong_etag_does_not_matter_where_the_listing_says_what_the_bytes_are(server: Server) -> None:
    server.faults.add(WrongEtag("0" * 64))

    assert take_up(server, b"") == WEIGHTS


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_bytes_that_do_not_have_their_announced_etag_are_fetched_anew(server: Server, name: str) -> None:
    wrong = WrongEtag("0" * (64 if name == "model.safetensors" else 40))
    # A file in large file storage is announced twice: before the redirection and after it.
    server.faults.add(wrong, on=f"models/alice/tuned/{name}", times=2)

    assert download(server, name) == (WEIGHTS if name == "model.safetensors" else b"{}")

    server.faults.add(wrong, on=f"models/alice/tuned/{name}")
    with pytest.raises(HubError) as caught:
        download(server, name)
    assert caught.value.problem is HubProblem.UNAVAILABLE


def test_bytes_that_are_not_the_listed_ones_are_fetched_anew_and_finally_refused(server: Server) -> None:
    waits = Waits()
    with pytest.raises(HubError) as caught:
        take_up(server, b"", HubFile(len(WEIGHTS), sha256="0" * 64), waits)

    assert caught.value.problem is HubProblem.UNAVAILABLE
    assert "digest" in str(caught.value)
    assert downloads(server) == 4
    assert waits == [1.0, 2.0, 4.0]


def test_what_is_already_there_is_continued(server: Server) -> None:
    counted: list[int] = []
    target = io.BytesIO(WEIGHTS[:1_000_000])
    client(server).download(
        REPOSITORY, COMMIT, "model", "model.safetensors", target, 2**30, file=FILE, arrived=counted.append
    )

    assert target.getvalue() == WEIGHTS
    assert (counted[0], counted[-1]) == (1_000_000, len(WEIGHTS))
    assert downloads(server) == 1


def test_what_is_already_whole_is_not_asked_for(server: Server) -> None:
    assert take_up(server, WEIGHTS) == WEIGHTS
    assert downloads(server) == 0


@pytest.mark.parametrize(
    "held",
    [b"\0" * 1000, b"\0" * len(WEIGHTS), WEIGHTS + b"more", WEIGHTS[:-1] + b"\0"],
    ids=["wrong start", "wrong bytes", "too long", "wrong end"],
)
def test_what_is_already_there_and_wrong_is_fetched_anew(server: Server, held: bytes) -> None:
    assert take_up(server, held) == WEIGHTS


@pytest.mark.parametrize("file", [HubFile(len(WEIGHTS)), None])
def test_what_is_already_there_is_not_trusted_without_a_digest(server: Server, file: HubFile | None) -> None:
    assert take_up(server, b"\0" * 1000, file) == WEIGHTS


def test_a_body_that_ends_early_is_resumed(server: Server) -> None:
    server.faults.add(Truncate(after=300_000), on=ON_WEIGHTS, times=2)

    assert download(server) == WEIGHTS


def test_a_body_that_always_ends_early_makes_the_hub_unavailable(server: Server) -> None:
    server.faults.add(Truncate(after=1000), on=ON_WEIGHTS)

    with pytest.raises(HubError) as caught:
        download(server)

    assert caught.value.problem is HubProblem.UNAVAILABLE


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_hub_is_asked_again(server: Server, status: int) -> None:
    waits = Waits()
    server.faults.add(Refuse(status), times=3)

    assert client(server, waits).listing(REPOSITORY, COMMIT, "model")
    assert waits == [1.0, 2.0, 4.0]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_hub_is_asked_again_when_it_says(server: Server, status: int) -> None:
    waits = Waits()
    server.faults.add(Refuse(status, retry_after=7), on=ON_WEIGHTS, times=5)

    assert take_up(server, b"", waits=waits) == WEIGHTS
    assert waits == [7.0] * 5


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_hub_that_stays_busy_is_unavailable(server: Server, status: int) -> None:
    waits = Waits()
    server.faults.add(Refuse(status, retry_after=3600))

    with pytest.raises(HubError) as caught:
        client(server, waits).listing(REPOSITORY, COMMIT, "model")

    assert caught.value.problem is HubProblem.UNAVAILABLE
    assert str(status) in str(caught.value)
    assert waits == [60.0] * 5


def test_a_stream_that_hardly_lives_is_asked_for_again_where_it_stopped(server: Server) -> None:
    server.faults.add(Slow(bytes_per_second=40_000_000), on=ON_WEIGHTS, times=1)
    # Each look at the clock is ten seconds after the last: the first answer seems slow, then time stops.
    times = itertools.chain(range(0, 50, 10), itertools.repeat(50))
    waits, target = Waits(), io.BytesIO()

    Hub(server.endpoint, None, waits.append, lambda: float(next(times))).download(
        REPOSITORY, COMMIT, "model", "model.safetensors", target, 2**30, file=FILE
    )

    assert target.getvalue() == WEIGHTS
    assert waits == [1.0]
    assert downloads(server) == 2


def test_a_stream_that_never_lives_up_makes_the_hub_unavailable(server: Server) -> None:
    clock = itertools.count(0.0, 1000.0)

    with pytest.raises(HubError, match="slow") as caught:
        Hub(server.endpoint, None, Waits().append, lambda: next(clock)).download(
            REPOSITORY, COMMIT, "model", "model.safetensors", io.BytesIO(), 2**30, file=FILE
        )

    assert caught.value.problem is HubProblem.UNAVAILABLE


def test_no_hub_at_all_is_unavailable() -> None:
    with pytest.raises(HubError) as caught:
        Hub("http://127.0.0.1:9", None, Waits().append).listing(REPOSITORY, COMMIT, "model")

    assert caught.value.problem is HubProblem.UNAVAILABLE


def test_reads_a_part_of_a_file(server: Server) -> None:
    part = client(server).read_range(REPOSITORY, COMMIT, "model", "model.safetensors", range(100, 300))

    assert part == WEIGHTS[100:300]


def test_a_part_that_arrives_short_is_asked_for_again(server: Server) -> None:
    server.faults.add(Truncate(after=10), on=ON_WEIGHTS, times=1)

    part = client(server).read_range(REPOSITORY, COMMIT, "model", "model.safetensors", range(100, 300))

    assert part == WEIGHTS[100:300]


def test_the_token_is_in_no_text(server: Server, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    token = "hf_secret"  # noqa: S105 - a test's token
    restrict(tmp_path, "private")
    server.faults.add(Refuse(503), on=ON_WEIGHTS)

    with pytest.raises(HubError) as caught:
        download(server, token=token)

    assert token not in "".join(traceback.format_exception(caught.value))
    assert token not in caplog.text
    assert "trying again" in caplog.text
    assert token not in repr(Hub("http://hub", token))
