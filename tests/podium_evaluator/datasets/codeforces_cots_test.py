"""Solutions with reasoning: one config a round, one row a problem."""

from typing import Any

import pytest

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.datasets.base import ReferenceSample
from podium_evaluator.datasets.exchange import REFLECTIVE
from tests.podium_evaluator.datasets.corpora import Corpus, ids, messages

_CONFIGS = ["checker_interactor", "solutions", "solutions_py"]
_CARD = "---\nconfigs:\n" + "".join(
    f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {name}/train-*\n" for name in _CONFIGS
)
_BOTH = {"configs": ("solutions", "solutions_py")}


def write(corpus: Corpus, config: str, rows: list[tuple[str, Any]]) -> None:
    names, talks = zip(*rows, strict=True)
    columns = {
        "id": list(names),
        "generation": ["long" * 100] * len(rows),
        "messages": list(talks),
    }
    corpus.write(f"{config}/train-00000-of-00001.parquet", columns)


@pytest.fixture(autouse=True)
def three_configs(corpus: Corpus) -> None:
    (corpus.folder / "README.md").write_text(_CARD + "---\n", encoding="utf-8")
    for name in _CONFIGS:
        write(
            corpus, name, [(f"{number % 30}/A", messages(f"q{number}", f" {name} ")) for number in range(60)]
        )


def test_one_of_the_configs_is_drawn(corpus: Corpus) -> None:
    drawn = {
        frozenset(
            name.partition("/")[0] for name in ids(corpus.draw("CodeforcesCots", name=f"t{number}", **_BOTH))
        )
        for number in range(20)
    }

    assert drawn == {frozenset({"solutions"}), frozenset({"solutions_py"})}


def test_the_reference_is_the_whole_answer_without_space_at_its_ends(corpus: Corpus) -> None:
    (sample, *_) = corpus.draw("CodeforcesCots", configs=("solutions",)).samples

    assert isinstance(sample, ReferenceSample)
    assert (sample.reference, sample.system) == ("solutions", REFLECTIVE)


def test_one_row_is_drawn_of_each_problem(corpus: Corpus) -> None:
    drawn = corpus.draw("CodeforcesCots", samples=100, configs=("solutions",))

    assert (len(drawn.samples), drawn.dropped) == (30, 30)


def test_rows_of_more_or_fewer_than_two_turns_are_left_out(corpus: Corpus) -> None:
    two = messages("q", "a")
    write(corpus, "solutions", [("1", two), ("2", two[:1]), ("3", two * 2), ("4", []), ("5", None)])

    drawn = corpus.draw("CodeforcesCots", configs=("solutions",))

    assert (len(drawn.samples), drawn.dropped) == (1, 4)


def test_a_config_that_is_not_there_is_told_whichever_is_drawn(corpus: Corpus) -> None:
    failure = corpus.failure("CodeforcesCots")

    assert (failure.fault, failure.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert "there is no config ['solutions_w_editorials', 'solutions_w_editorials_py']" in failure.message
    assert "there are ['checker_interactor', 'solutions', 'solutions_py']" in failure.message
