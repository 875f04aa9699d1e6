"""Draws from a hub: what goes wrong there changes no sample, or says whose fault it is."""

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from podium_evaluator.contract import Fault, Method, Reason, Window
from podium_evaluator.datasets.base import Drawn
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from tests.hub import Refuse, Slow, Truncate, WrongEtag, WrongSize
from tests.podium_evaluator.datasets.corpora import COMMIT, Corpus, ServedCorpus, ids

_ON_FILES = "datasets/org/data/*"
_ON_REPOSITORY = "datasets/org/data"


@pytest.fixture
def data(served_corpus: ServedCorpus) -> ServedCorpus:
    for number in range(3):
        write(served_corpus, number)
    return served_corpus


def write(corpus: Corpus, number: int, column: str = "text", rows: int = 200) -> None:
    texts = [f"text {number} {row} " + "x" * 100 for row in range(rows)]
    corpus.write(f"train/{number}.parquet", {column: texts}, row_group_size=50, compression="none")


def draw(data: Corpus, **changes: Any) -> Drawn:
    return data.draw("HuggingFace", Method.TEXT_LOSS, text_column="text", **changes)


def failure(data: Corpus, **changes: Any) -> Failure:
    return data.failure("HuggingFace", Method.TEXT_LOSS, text_column="text", **changes)


@pytest.mark.parametrize("fault", [Refuse(429), Refuse(500), Refuse(503), Truncate(after=3)])
@pytest.mark.parametrize("on", [_ON_REPOSITORY, _ON_FILES])
def test_a_short_trouble_changes_nothing(data: ServedCorpus, fault: Refuse | Truncate, on: str) -> None:
    calm = draw(data)
    data.server.faults.add(fault, on=on, times=2)

    assert draw(data) == calm


def test_the_hub_is_asked_again_when_it_says_so(data: ServedCorpus) -> None:
    calm = draw(data)
    data.server.faults.add(Refuse(429, retry_after=7), on=_ON_FILES, times=1)

    assert draw(data) == calm
    assert data.waits == [7.0]


def test_a_slow_hub_changes_nothing(data: ServedCorpus) -> None:
    calm = draw(data)
    data.server.faults.add(Slow(bytes_per_second=2_000_000), on=_ON_FILES)

    assert draw(data) == calm


def test_an_etag_says_nothing_about_a_pinned_commit(data: ServedCorpus) -> None:
    calm = draw(data)
    data.server.faults.add(WrongEtag("0" * 64), on=_ON_FILES)

    assert draw(data) == calm


@pytest.mark.parametrize(
    "fault", [Refuse(429), Refuse(503), Truncate(after=3), Refuse(429, retry_after=3600)]
)
def test_a_hub_in_lasting_trouble_is_nobodys_fault(data: ServedCorpus, fault: Refuse | Truncate) -> None:
    data.server.faults.add(fault, on=_ON_FILES)

    found = failure(data)

    assert (found.fault, found.reason) == (Fault.INFRASTRUCTURE, Reason.DATASET_UNAVAILABLE)
    assert found.message.startswith(
        "task task: 0 of 20 samples drawn from 'org/data': the hub did not answer"
    )


def test_a_listed_file_that_is_missing_is_the_hubs_doing(data: ServedCorpus) -> None:
    class Forgetful(Hub):
        def read_range(self, repository: str, revision: str, kind: Any, name: str, part: range) -> bytes:
            return super().read_range(repository, revision, kind, f"gone/{name}", part)

    data.hub = Forgetful(data.server.endpoint, None, lambda _: None)

    assert failure(data).reason is Reason.DATASET_UNAVAILABLE


def test_a_hub_that_cannot_list_the_files_is_nobodys_fault(data: ServedCorpus) -> None:
    data.server.faults.add(Refuse(503), on=_ON_REPOSITORY)

    assert failure(data).fault is Fault.INFRASTRUCTURE


def gone(data: ServedCorpus) -> None:
    shutil.rmtree(data.folder)


def private(data: ServedCorpus) -> None:
    (data.folder / ".hub.json").write_text(json.dumps({"commit": COMMIT, "access": "private"}))


def gated(data: ServedCorpus) -> None:
    (data.folder / ".hub.json").write_text(json.dumps({"commit": COMMIT, "access": "gated"}))


def another_commit(data: ServedCorpus) -> None:
    (data.folder / ".hub.json").write_text(json.dumps({"commit": "d" * 40}))


def another_schema(data: ServedCorpus) -> None:
    for number in range(3):
        write(data, number, column="content")


def an_empty_file(data: ServedCorpus) -> None:
    (data.folder / "train" / "1.parquet").write_bytes(b"")


def a_broken_footer(data: ServedCorpus) -> None:
    path = data.folder / "train" / "1.parquet"
    path.write_bytes(path.read_bytes()[:-60] + bytes(52) + path.read_bytes()[-8:])


def a_shorter_file_than_announced(data: ServedCorpus) -> None:
    data.server.faults.add(WrongSize(2000), on=_ON_FILES)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (gone, "the repository does not exist"),
        (private, "the repository does not exist or may not be read: status 401"),
        (gated, "status 401"),
        (another_commit, "the revision does not exist"),
        (another_schema, "there is no column 'text'; there are ['content']"),
        (an_empty_file, "'train/1.parquet': it has 0 bytes, which is no parquet file"),
        (a_broken_footer, "'train/1.parquet': not readable as parquet"),
        (a_shorter_file_than_announced, "it does not end as a parquet file does"),
    ],
)
def test_what_the_repository_lacks_is_the_organisers_fault(
    data: ServedCorpus, change: Callable[[ServedCorpus], None], told: str
) -> None:
    change(data)

    found = failure(data)

    assert (found.fault, found.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert found.message.startswith("task task: 0 of 20 samples drawn from 'org/data': ")
    assert told in found.message


def test_too_few_rows_are_the_organisers_fault(data: ServedCorpus) -> None:
    found = failure(data, samples=2000, minimum_samples=601)

    assert (found.fault, found.reason) == (Fault.ORGANIZER, Reason.TOO_FEW_SAMPLES)
    assert found.message == (
        "task task: 600 of 2000 samples found in 'org/data', at least 601 are needed;"
        " of 600 rows looked at none dropped"
    )


def test_a_file_without_rows_counts_as_none(data: ServedCorpus) -> None:
    write(data, 1, rows=0)

    assert len(draw(data, samples=2000).samples) == 400


def test_a_branch_is_what_it_was_when_the_round_began(data: ServedCorpus) -> None:
    earlier = "a" * 40
    history = [{"commit": earlier, "date": "2026-01-01T00:00:00.000Z"}]
    sidecar = {"commit": COMMIT, "date": "2026-02-01T00:00:00.000Z", "history": history}
    (data.folder / ".hub.json").write_text(json.dumps(sidecar))
    write(data, 0)
    shutil.copytree(data.folder / "train", data.folder / ".hub" / earlier / "train")
    january, march = 1_768_000_000, 1_773_000_000

    old = draw(data, revision="main", window=Window(until=january))
    new = draw(data, revision="main", window=Window(until=march))

    assert (old.revision, new.revision) == (earlier, COMMIT)
    assert ids(old) != ids(new)
    assert draw(data, revision="main") == new == draw(data)
    assert draw(data, revision=earlier) == old
    found = failure(data, revision="main", window=Window(until=1_700_000_000))
    assert (found.fault, found.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert "main has no commit of 2023-11-14 22:13:20 UTC or earlier" in found.message


@pytest.mark.parametrize(
    ("kind", "method", "changes"),
    [
        ("Synthetic1Sft", Method.REFERENCE_LOSS, {}),
        ("CodeforcesCots", Method.REFERENCE_LOSS, {}),
        ("FineWeb", Method.TEXT_LOSS, {}),
        ("PromptResponse", Method.REFERENCE_LOSS, {}),
        ("HuggingFace", Method.TEXT_LOSS, {"text_column": "text"}),
    ],
)
def test_only_data_with_a_time_can_be_newer_than_commits(
    corpus: Corpus, kind: str, method: Method, changes: dict[str, Any]
) -> None:
    found = corpus.failure(
        kind, method, freshness="NewerThanCommits", window=Window(after=1, until=2), **changes
    )

    assert (found.fault, found.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert "SyntheticMmlu and InstructionFollowing do, PromptResponse and HuggingFace with a timeColumn" in (
        found.message
    )


@pytest.mark.parametrize(
    ("kind", "method"),
    [
        ("Synthetic1Sft", Method.TEXT_LOSS),
        ("CodeforcesCots", Method.MULTIPLE_CHOICE),
        ("SyntheticMmlu", Method.REFERENCE_LOSS),
        ("InstructionFollowing", Method.MULTIPLE_CHOICE),
        ("FineWeb", Method.REFERENCE_LOSS),
        ("PromptResponse", Method.TEXT_LOSS),
    ],
)
def test_each_dataset_serves_its_methods_only(corpus: Corpus, kind: str, method: Method) -> None:
    found = corpus.failure(kind, method)

    assert (found.fault, found.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert f"{kind} serves" in found.message
    assert f"not {method}" in found.message
