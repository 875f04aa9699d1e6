"""Reasoning traces with a verified answer, one a problem."""

from typing import Any

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.datasets.base import ReferenceSample
from podium_evaluator.datasets.exchange import REFLECTIVE
from tests.podium_evaluator.datasets.corpora import Corpus, messages


def write(corpus: Corpus, rows: list[tuple[str, str, Any]]) -> None:
    """Rows of problem, task type and messages, in the repository's schema."""
    problems, kinds, talks = zip(*rows, strict=True)
    columns = {
        "response_id": [f"r{number}" for number in range(len(rows))],
        "problem_id": list(problems),
        "task_type": list(kinds),
        "score": [0.0] * len(rows),
        "messages": list(talks),
    }
    corpus.write("data/train-00000-of-00001.parquet", columns)


def references(corpus: Corpus, **changes: Any) -> dict[str, ReferenceSample]:
    drawn = corpus.draw("Synthetic1Sft", **changes)
    return {sample.prompt: sample for sample in drawn.samples if isinstance(sample, ReferenceSample)}


def test_the_reference_is_the_trace_a_space_and_the_answer(corpus: Corpus) -> None:
    write(
        corpus,
        [
            ("p1", "verifiable_math", messages("sum", "<think>1+1</think>\n\nIt is $\\boxed{2}$.")),
            ("p2", "code_output_prediction", messages("run", '<think>x</think>\n{"output": "7"}')),
        ],
    )

    found = references(corpus)

    assert found["sum"].reference == "<think>1+1</think>\n\nIt is $ \\boxed{2}"
    assert found["run"].reference == '<think>x</think> {"output": "7"}'
    assert found["sum"].id == "data/train-00000-of-00001.parquet#0"


def test_the_system_turn_asks_to_reflect_unless_it_is_switched_off(corpus: Corpus) -> None:
    write(corpus, [("p", "verifiable_math", messages("sum", "t \\boxed{2}"))])

    assert references(corpus)["sum"].system == REFLECTIVE
    assert "<think> and </think>" in REFLECTIVE
    assert references(corpus, system_prompt="None")["sum"].system == ""


def test_other_kinds_of_task_and_rows_without_an_answer_are_left_out(corpus: Corpus) -> None:
    good = messages("sum", "t \\boxed{2}")
    write(
        corpus,
        [
            ("p1", "verifiable_math", good),
            ("p2", "code_contests", good),
            ("p3", "", good),
            ("p4", "verifiable_math", messages("no box", "t 2")),
            ("p5", "code_output_prediction", messages("a box", "t \\boxed{2}")),
            ("p6", "verifiable_math", [good[1], good[0]]),
            ("p7", "verifiable_math", [*good, *good]),
            ("p8", "verifiable_math", good[:1]),
            ("p9", "verifiable_math", []),
            ("p10", "verifiable_math", None),
            ("p11", "verifiable_math", messages(" ", "t \\boxed{2}")),
            ("p12", "verifiable_math", [None, good[1]]),
            ("p13", "verifiable_math", [{"role": "user", "content": None}, good[1]]),
        ],
    )

    drawn = corpus.draw("Synthetic1Sft")

    assert (len(drawn.samples), drawn.dropped) == (1, 12)
    message = corpus.failure("Synthetic1Sft", minimum_samples=2).message
    assert "1 of 20 samples found in 'org/data', at least 2 are needed" in message
    assert "10 incomplete or malformed, 2 of another kind of task" in message


def test_one_row_is_drawn_of_each_problem(corpus: Corpus) -> None:
    write(
        corpus,
        [
            (f"p{number % 4}", "verifiable_math", messages(f"q{number}", "t \\boxed{2}"))
            for number in range(40)
        ],
    )

    drawn = corpus.draw("Synthetic1Sft")

    assert len({int(sample.id.partition("#")[2]) % 4 for sample in drawn.samples}) == len(drawn.samples) == 4


def test_a_changed_schema_is_told(corpus: Corpus) -> None:
    corpus.write(
        "data/a.parquet", {"problem_id": ["p"], "task_type": ["verifiable_math"], "messages": ["talk"]}
    )

    failure = corpus.failure("Synthetic1Sft")

    assert (failure.fault, failure.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert failure.message == (
        "task task: 0 of 20 samples drawn from 'org/data': 'data/a.parquet': column 'messages' has type"
        " 'string', expected a list of messages with role and content"
    )


def test_a_repository_without_parquet_is_told(corpus: Corpus) -> None:
    (corpus.folder / "data.jsonl").write_text("{}")

    assert (
        "none of its 1 files is parquet: name a commit with such files"
        in corpus.failure("Synthetic1Sft").message
    )
