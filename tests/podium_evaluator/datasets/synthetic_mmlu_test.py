"""Fresh questions of some configs, whole or with their options taken off."""

import datetime as dt
from typing import Any

import pytest

from podium_evaluator.contract import Fault, Method, Reason, Window
from podium_evaluator.datasets.base import ChoiceSample, Drawn, InstructionSample
from tests.podium_evaluator.datasets.corpora import ANY_TIME, Corpus, ids

_DAYS = 12
_FIRST = dt.datetime(2025, 3, 1)  # noqa: DTZ001 - the data's clock shows no zone
_PACIFIC = 8 * 3600


def midnight(day: int) -> int:
    """Seconds since the epoch when the clocks of the data began a day."""
    return int(_FIRST.replace(tzinfo=dt.UTC).timestamp()) + _PACIFIC + day * 86_400


def write_day(corpus: Corpus, day: int, **changes: Any) -> None:
    """A config as the repository has them: config and split share their name. One row each hour."""
    hours = range(24)
    columns = {
        "id": [f"{day}-{hour}" for hour in hours],
        "challenge": [
            f"What is {day} times {hour}?\nA. much more\nB. much less\nC. about right\nD. no idea"
            for hour in hours
        ],
        "reference": ["ABCD"[hour % 4] for hour in hours],
        "hotkey": [f"5Author{hour % 3}" for hour in hours],
        "timestamp": [_FIRST + dt.timedelta(days=day, hours=hour) for hour in hours],
        **changes,
    }
    corpus.write(f"day_{day:02d}/day_{day:02d}-00000-of-00001.parquet", columns)


@pytest.fixture(autouse=True)
def days(corpus: Corpus) -> None:
    for day in range(_DAYS):
        write_day(corpus, day)
    configs = "".join(
        f"- config_name: day_{day:02d}\n  data_files:\n  - split: day_{day:02d}\n    path: day_{day:02d}/*\n"
        for day in range(_DAYS)
    )
    (corpus.folder / "README.md").write_text(f"---\nconfigs:\n{configs}---\n", encoding="utf-8")


def draw(corpus: Corpus, **changes: Any) -> Drawn:
    return corpus.draw("SyntheticMmlu", Method.MULTIPLE_CHOICE, **{"samples": 60, **changes})


def configs(drawn: Drawn) -> set[str]:
    return {name.partition("/")[0] for name in ids(drawn)}


def test_the_challenge_is_the_prompt_and_letters_are_the_options(corpus: Corpus) -> None:
    for sample in draw(corpus).samples:
        assert isinstance(sample, ChoiceSample)
        hour = int(sample.id.partition("#")[2])
        assert sample.prompt.startswith("What is ")
        assert f" times {hour}?\nA. much more" in sample.prompt
        assert (sample.options, sample.answer) == (("A", "B", "C", "D"), hour % 4)


def test_some_configs_are_drawn(corpus: Corpus) -> None:
    assert len(configs(draw(corpus, drawn_configs=3))) == 3
    assert len(configs(draw(corpus, drawn_configs=10))) == 10
    assert len(configs(draw(corpus, drawn_configs=64, samples=300))) == _DAYS


def test_rows_of_other_authors_are_left_out(corpus: Corpus) -> None:
    drawn = draw(corpus, hotkeys=("5Author1", "5Author2"))

    assert {int(name.partition("#")[2]) % 3 for name in ids(drawn)} == {1, 2}


def test_rows_without_a_question_or_one_of_the_letters_are_left_out(corpus: Corpus) -> None:
    for day in range(_DAYS):
        write_day(corpus, day, reference=["A", "E", "a", "AB", "", None] * 4, challenge=["q"] * 23 + [" "])

    drawn = draw(corpus, samples=100)

    assert {int(name.partition("#")[2]) % 6 for name in ids(drawn)} == {0}


def test_columns_that_are_not_needed_may_be_missing(corpus: Corpus) -> None:
    for day in range(_DAYS):
        corpus.write(
            f"day_{day:02d}/day_{day:02d}-00000-of-00001.parquet",
            {"id": [day], "challenge": ["q"], "reference": ["A"]},
        )

    assert len(draw(corpus, drawn_configs=5).samples) == 5
    failure = corpus.failure("SyntheticMmlu", Method.MULTIPLE_CHOICE, hotkeys=("5Author1",))
    assert "there is no column 'hotkey'" in failure.message


def test_newer_than_commits_keeps_what_was_made_in_the_window(corpus: Corpus) -> None:
    window = Window(after=midnight(5) + 7200, until=midnight(6) + 3600)

    drawn = draw(corpus, freshness="NewerThanCommits", window=window)

    found = sorted((int(name[4:6]), int(name.partition("#")[2])) for name in ids(drawn))
    assert found == [(5, hour) for hour in range(3, 24)] + [(6, 0), (6, 1)]


def test_without_freshness_the_window_does_not_matter(corpus: Corpus) -> None:
    assert draw(corpus, window=Window(after=midnight(5), until=midnight(6))) == draw(corpus)


def test_too_few_fresh_rows_are_told_with_their_number(corpus: Corpus) -> None:
    window = Window(after=midnight(3) + 19 * 3600, until=midnight(3) + 22 * 3600)

    failure = corpus.failure(
        "SyntheticMmlu",
        Method.MULTIPLE_CHOICE,
        freshness="NewerThanCommits",
        window=window,
        samples=60,
        minimum_samples=50,
    )

    assert (failure.fault, failure.reason) == (Fault.ORGANIZER, Reason.TOO_FEW_SAMPLES)
    assert failure.message == (
        "task task: 3 of 60 samples found in 'org/data', at least 50 are needed; of 24 rows looked at"
        " 21 dropped: 21 not made in the window of time; rows must be newer than all commitments"
    )


@pytest.mark.parametrize("window", [ANY_TIME, Window(after=1), Window(until=1)])
def test_freshness_needs_to_know_when_commitments_were_made(corpus: Corpus, window: Window) -> None:
    failure = corpus.failure(
        "SyntheticMmlu", Method.MULTIPLE_CHOICE, freshness="NewerThanCommits", window=window
    )

    assert (failure.fault, failure.reason) == (Fault.ORGANIZER, Reason.REQUEST_INVALID)


def instructions(corpus: Corpus, **changes: Any) -> Drawn:
    return corpus.draw("InstructionFollowing", Method.INSTRUCTION_FOLLOWING, **changes)


def test_questions_become_instructions_without_their_options(corpus: Corpus) -> None:
    drawn = instructions(corpus)

    assert drawn == instructions(corpus)
    assert len(drawn.samples) == 20
    for sample in drawn.samples:
        assert isinstance(sample, InstructionSample)
        assert all("What is " in prompt and "much more" not in prompt for prompt in sample.prompts)
        assert len(sample.rules) >= 2
        assert len(sample.id) <= 128


def test_instructions_are_fresh_if_their_questions_are(corpus: Corpus) -> None:
    window = Window(after=midnight(5), until=midnight(6))

    drawn = instructions(corpus, freshness="NewerThanCommits", window=window)

    assert all(sample.id.count("day_05/") + sample.id.count("day_06/") == 2 for sample in drawn.samples)


def test_too_few_questions_for_instructions_are_counted(corpus: Corpus) -> None:
    for day in range(_DAYS):
        write_day(corpus, day, challenge=["no options here"] * 22 + ["q\nA. x y\nB. x y\nC. x y\nD. x y"] * 2)

    failure = corpus.failure(
        "InstructionFollowing", Method.INSTRUCTION_FOLLOWING, drawn_configs=1, minimum_samples=10
    )

    assert failure.reason is Reason.TOO_FEW_SAMPLES
    assert "22 incomplete or malformed" in failure.message
