"""Any repository's rows by columns that the organiser names."""

from typing import Any

import pytest

from podium_evaluator.contract import Fault, Method, Reason
from podium_evaluator.datasets.base import ChoiceSample, ReferenceSample, TextSample
from tests.podium_evaluator.datasets.corpora import Corpus, ids

_COLUMNS = {
    "prompt_column": "question",
    "reference_column": "answer",
    "options_column": "options",
    "answer_column": "right",
    "text_column": "text",
}


def rows(first: int, count: int = 100) -> dict[str, list[Any]]:
    numbers = range(first, first + count)
    return {
        "question": [f"question {number}" for number in numbers],
        "answer": [f"answer {number}" for number in numbers],
        "options": [[f"a{number}", f"b{number}", f"c{number}"] for number in numbers],
        "right": [number % 3 for number in numbers],
        "text": [f"text {number}" for number in numbers],
        "problem": [number // 10 for number in numbers],
    }


@pytest.fixture(autouse=True)
def three_files(corpus: Corpus) -> None:
    for number in range(3):
        corpus.write(f"train/{number}.parquet", rows(100 * number), row_group_size=25)


def test_each_method_gets_its_columns(corpus: Corpus) -> None:
    choice = corpus.draw("HuggingFace", Method.MULTIPLE_CHOICE, **_COLUMNS).samples[0]
    reference = corpus.draw("HuggingFace", Method.REFERENCE_LOSS, **_COLUMNS).samples[0]
    text = corpus.draw("HuggingFace", Method.TEXT_LOSS, **_COLUMNS).samples[0]

    assert isinstance(choice, ChoiceSample)
    number = int(choice.prompt.split()[1])
    assert (choice.options, choice.answer) == ((f"a{number}", f"b{number}", f"c{number}"), number % 3)
    assert isinstance(reference, ReferenceSample)
    assert reference.reference.split()[1] == reference.prompt.split()[1]
    assert isinstance(text, TextSample)
    assert text.text == f"text {100 * int(text.id[6]) + int(text.id.partition('#')[2])}"


def test_a_glob_chooses_the_files(corpus: Corpus) -> None:
    drawn = corpus.draw("HuggingFace", Method.TEXT_LOSS, text_column="text", files="train/1.parquet")

    assert all(name.startswith("train/1.parquet#") for name in ids(drawn))


def test_one_row_is_drawn_of_each_problem(corpus: Corpus) -> None:
    drawn = corpus.draw(
        "HuggingFace", Method.TEXT_LOSS, text_column="text", problem_column="problem", samples=200
    )

    problems = [
        int(sample.text.split()[1]) // 10 for sample in drawn.samples if isinstance(sample, TextSample)
    ]
    assert sorted(problems) == list(range(30))
    assert drawn.dropped == 300 - 30


def test_rows_that_are_no_samples_are_dropped_and_counted(corpus: Corpus) -> None:
    corpus.write(
        "odd.parquet",
        {
            "question": ["q", None, "q", "q", "q", "q", " ", "q"],
            "options": [["a", "b"], ["a", "b"], ["a"], ["a", ""], ["a", None], None, ["a", "b"], ["a", "a"]],
            "right": [1, 0, 0, 0, 0, 0, 0, 0],
            "answer": ["a", "a", "a", "a", "a", " ", "a", ""],
            "text": ["a", None, "", "\n", "a", "a", "a", "a"],
        },
    )

    def counted(method: Method) -> tuple[int, int]:
        drawn = corpus.draw("HuggingFace", method, files="odd.parquet", **_COLUMNS)
        return len(drawn.samples), drawn.dropped

    assert counted(Method.MULTIPLE_CHOICE) == (1, 7)
    assert counted(Method.REFERENCE_LOSS) == (4, 4)
    assert counted(Method.TEXT_LOSS) == (5, 3)


def test_options_that_a_model_answers_with_are_single_words(corpus: Corpus) -> None:
    corpus.write(
        "odd.parquet", {"question": ["q", "q"], "options": [["A", "B"], ["A", "no word"]], "right": [1, 0]}
    )
    choice = {**_COLUMNS, "files": "odd.parquet"}

    assert len(corpus.draw("HuggingFace", Method.MULTIPLE_CHOICE, **choice).samples) == 2
    written = corpus.draw("HuggingFace", Method.MULTIPLE_CHOICE, answer_by="Generation", **choice)
    assert ids(written) == ["odd.parquet#0"]
    failure = corpus.failure(
        "HuggingFace", Method.MULTIPLE_CHOICE, answer_by="Generation", minimum_samples=2, **choice
    )
    assert "1 with options that are no single words, which answerBy Generation needs" in failure.message


@pytest.mark.parametrize(
    ("method", "changes", "told"),
    [
        (Method.TEXT_LOSS, {"files": "nothing/*.parquet"}, "none of 3 parquet files matches"),
        (Method.TEXT_LOSS, {"text_column": "missing"}, "no column 'missing'"),
        (Method.TEXT_LOSS, {"text_column": "right"}, "type 'int64', expected a text"),
        (Method.TEXT_LOSS, {"text_column": None}, "TextLoss needs textColumn"),
        (Method.MULTIPLE_CHOICE, {"options_column": "text"}, "expected a list of texts"),
        (Method.MULTIPLE_CHOICE, {"answer_column": "answer"}, "expected an integer"),
        (Method.TEXT_LOSS, {"problem_column": "options"}, "expected a text or an integer"),
        (Method.TEXT_LOSS, {"revision": "d" * 40}, "the revision does not exist"),
        (Method.TEXT_LOSS, {"repository": "org/nothing"}, "the repository does not exist"),
        (Method.TEXT_LOSS, {"repository": "no name"}, "the repository does not exist"),
        (Method.INSTRUCTION_FOLLOWING, {}, "not InstructionFollowing"),
    ],
)
def test_what_the_organiser_got_wrong_is_told(
    corpus: Corpus, method: Method, changes: dict[str, Any], told: str
) -> None:
    failure = corpus.failure("HuggingFace", method, **{**_COLUMNS, **changes})

    assert (failure.fault, failure.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
    assert told in failure.message
    repository = changes.get("repository", "org/data")
    assert failure.message.startswith(f"task task: 0 of 20 samples drawn from '{repository}': ")
