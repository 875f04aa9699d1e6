"""Rows are drawn from parquet files on a hub by ranges, the same ones for the same seed and commit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from podium_evaluator.contract import Fault, HuggingFaceDataset, Method, Reason, Task
from podium_evaluator.datasets.base import ChoiceSample, Drawn, ReferenceSample, TextSample
from podium_evaluator.datasets.hugging_face import draw_hugging_face
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from tests.hub import Hub as Server
from tests.hub import Refuse, Truncate, hub_in_thread
from tests.podium_evaluator.tiny import SEED

_COMMIT = "c" * 40
_ROWS = 1000


def rows(first: int) -> pa.Table:
    numbers = range(first, first + _ROWS)
    return pa.table(
        {
            "question": [f"question {number}" for number in numbers],
            "answer": [f"answer {number}" for number in numbers],
            "options": [[f"a{number}", f"b{number}", f"c{number}"] for number in numbers],
            "right": [number % 3 for number in numbers],
            "text": [f"text {number}" for number in numbers],
            "unused": [f"{number}" * 1000 for number in numbers],
        }
    )


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "datasets" / "org" / "data"
    (folder / "train").mkdir(parents=True)
    (folder / ".hub.json").write_text(json.dumps({"commit": _COMMIT}), encoding="utf-8")
    for number in range(3):
        path = folder / "train" / f"{number}.parquet"
        pq.write_table(rows(number * _ROWS), path, row_group_size=100, compression="none")
    return folder


@pytest.fixture
def server(data: Path) -> Iterator[Server]:
    with hub_in_thread(data.parents[2]) as hub:
        yield hub


def draw(server: Server, method: Method = Method.TEXT_LOSS, seed: str = SEED, **changes: Any) -> Drawn:
    dataset = HuggingFaceDataset.model_validate(
        {
            "samples": 20,
            "repository": "org/data",
            "revision": _COMMIT,
            "prompt_column": "question",
            "reference_column": "answer",
            "options_column": "options",
            "answer_column": "right",
            "text_column": "text",
            **changes,
        }
    )
    task = Task(name="task", method=method, dataset=dataset)
    return draw_hugging_face(task, dataset, seed, Hub(server.endpoint, None, lambda _: None))


def failure_of(server: Server, **changes: Any) -> Failure:
    with pytest.raises(Failure) as caught:
        draw(server, **changes)
    return caught.value


def test_each_method_gets_its_columns(server: Server) -> None:
    choice = draw(server, Method.MULTIPLE_CHOICE).samples[0]
    reference = draw(server, Method.REFERENCE_LOSS).samples[0]
    text = draw(server, Method.TEXT_LOSS).samples[0]

    assert isinstance(choice, ChoiceSample)
    number = int(choice.prompt.split()[1])
    assert (choice.options, choice.answer) == ((f"a{number}", f"b{number}", f"c{number}"), number % 3)
    assert isinstance(reference, ReferenceSample)
    assert reference.reference.split()[1] == reference.prompt.split()[1]
    assert isinstance(text, TextSample)
    assert text.text.startswith("text ")


def test_the_seed_decides_which_rows_and_rows_are_distinct(server: Server) -> None:
    drawn = draw(server)

    assert drawn == draw(server)
    assert drawn.revision == _COMMIT
    assert len({sample.text for sample in drawn.samples if isinstance(sample, TextSample)}) == 20
    assert drawn.samples != draw(server, seed="00" * 32).samples


def test_only_what_is_drawn_is_downloaded(server: Server, data: Path) -> None:
    sent: list[int] = []

    class Counting(Hub):
        def read_range(self, *arguments: Any) -> bytes:
            got = super().read_range(*arguments)
            sent.append(len(got))
            return got

    dataset = HuggingFaceDataset(samples=5, repository="org/data", revision=_COMMIT, text_column="text")
    task = Task(name="task", method=Method.TEXT_LOSS, dataset=dataset)
    drawn = draw_hugging_face(task, dataset, SEED, Counting(server.endpoint))

    assert len(drawn.samples) == 5
    assert sum(sent) < sum(path.stat().st_size for path in data.glob("train/*")) / 20


def test_a_glob_chooses_the_files(server: Server) -> None:
    drawn = draw(server, files="train/1.parquet")

    numbers = [int(sample.text.split()[1]) for sample in drawn.samples if isinstance(sample, TextSample)]
    assert all(_ROWS <= number < 2 * _ROWS for number in numbers)


def test_a_small_dataset_is_drawn_whole(server: Server, data: Path) -> None:
    pq.write_table(rows(0).slice(0, 7), data / "small.parquet")

    assert len(draw(server, files="small.parquet").samples) == 7


def test_rows_that_are_no_samples_are_dropped_and_counted(server: Server, data: Path) -> None:
    table = pa.table(
        {
            "question": ["q", None, "q", "q", "q"],
            "options": [["a", "b"], ["a", "b"], ["a"], ["a", ""], ["a", "b"]],
            "right": [1, 0, 0, 0, 2],
        }
    )
    pq.write_table(table, data / "odd.parquet")

    drawn = draw(server, Method.MULTIPLE_CHOICE, files="odd.parquet")

    assert len(drawn.samples) == 1
    assert drawn.dropped == 4


@pytest.mark.parametrize(
    "changes",
    [
        {"files": "nothing/*.parquet"},
        {"text_column": "missing"},
        {"text_column": "right"},
        {"text_column": None},
        {"method": Method.MULTIPLE_CHOICE, "options_column": "text"},
        {"method": Method.MULTIPLE_CHOICE, "answer_column": "answer"},
        {"revision": "d" * 40},
        {"repository": "org/nothing"},
        {"repository": "no name"},
    ],
)
def test_what_the_organiser_got_wrong_is_told(server: Server, changes: dict[str, Any]) -> None:
    failure = failure_of(server, **changes)

    assert (failure.fault, failure.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert "task task" in failure.message


def test_a_file_that_is_no_parquet_is_the_organisers(server: Server, data: Path) -> None:
    (data / "bad.parquet").write_bytes(b"PAR1" + bytes(100) + b"PAR1")

    assert failure_of(server, files="bad.parquet").reason is Reason.DATASET_INVALID


@pytest.mark.parametrize("fault", [Refuse(429), Refuse(503), Truncate(after=3)])
@pytest.mark.parametrize("on", ["datasets/org/data", "datasets/org/data/*"])
def test_a_hub_in_trouble_is_nobodys_fault(server: Server, fault: Refuse | Truncate, on: str) -> None:
    if isinstance(fault, Truncate):
        on = "datasets/org/data/*"
    server.faults.add(fault, on=on)

    failure = failure_of(server)

    assert (failure.fault, failure.reason) == (Fault.INFRASTRUCTURE, Reason.DATASET_UNAVAILABLE)


def test_a_short_trouble_changes_nothing(server: Server) -> None:
    calm = draw(server)
    server.faults.add(Refuse(503), times=2)
    server.faults.add(Truncate(after=3), on="datasets/org/data/*", times=2)

    assert draw(server) == calm
