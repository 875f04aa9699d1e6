"""An answer's score is 1 less the square of the share of rules that it obeys."""

import pytest

from podium_evaluator.datasets.base import InstructionSample, Rule
from podium_evaluator.methods.instruction_following.scoring import (
    LONGEST_ANSWER,
    are_duplicates,
    score_answer,
    score_answers,
    weight,
)

NOTHING = ((), ())
NO_COMMAS = Rule("NoCommas", NOTHING)
LOWER = Rule("AllLowerCase", NOTHING)
QUOTED = Rule("Quotation", NOTHING)
WORD = Rule("KeywordInclusion", (("fox",), ("river",)))


@pytest.mark.parametrize(
    ("text", "rules", "score"),
    [
        ("a fox", (NO_COMMAS,), 0.0),
        ("a, fox", (NO_COMMAS,), 1.0),
        ("a fox", (NO_COMMAS, QUOTED), 0.75),  # one of two: 1 - 1/4
        ("a fox", (NO_COMMAS, LOWER, QUOTED), 1 - 4 / 9),
        ("a fox", (NO_COMMAS, LOWER, WORD), 0.0),
        ("A, river", (NO_COMMAS, LOWER, QUOTED, WORD), 1.0),
        ("A river", (NO_COMMAS, LOWER, QUOTED, WORD), 1 - 1 / 16),
    ],
)
def test_the_more_rules_are_obeyed_the_more_each_counts(
    text: str, rules: tuple[Rule, ...], score: float
) -> None:
    assert score_answer(text, rules, 0) == pytest.approx(score)


def test_a_samples_score_is_the_mean_of_its_answers_each_under_its_own_arguments() -> None:
    sample = InstructionSample("a+b", ("?", "?"), (WORD, NO_COMMAS))

    assert score_answers(sample, ("the fox", "the river")) == 0.0
    assert score_answers(sample, ("the river", "the fox")) == 0.75
    assert score_answers(sample, ("the fox", "the fox")) == 0.375


def test_a_sample_counts_with_its_rule_checks() -> None:
    assert weight(InstructionSample("a+b", ("?", "?"), (WORD,))) == 2
    assert weight(InstructionSample("a+b", ("?", "?"), (WORD, LOWER, QUOTED))) == 6


def test_weighted_scores_equal_the_mean_of_scores_repeated_once_a_rule() -> None:
    samples = [InstructionSample("a+b", ("?", "?"), rules) for rules in ((WORD,), (NO_COMMAS, LOWER, QUOTED))]
    texts = ("a fox", "No, river")
    repeated = [
        score_answer(text, sample.rules, index)
        for sample in samples
        for index, text in enumerate(texts)
        for _ in sample.rules
    ]

    weighted = sum(weight(sample) * score_answers(sample, texts) for sample in samples)
    assert weighted / sum(map(weight, samples)) == pytest.approx(sum(repeated) / len(repeated))


def test_an_answer_longer_than_its_tokens_allow_obeys_nothing() -> None:
    assert score_answer("a" * LONGEST_ANSWER, (NO_COMMAS,), 0) == 0.0
    assert score_answer("a" * (LONGEST_ANSWER + 1), (NO_COMMAS,), 0) == 1.0


@pytest.mark.parametrize(
    ("first", "second", "alike"),
    [
        ("", "", True),
        ("", "text", False),
        ("the same", "the same", True),
        ("abcdefgh", "ijklmnop", False),
        ("abcdefghij", "abcdefXXXX", False),  # 2 * 6 / 20 is 0.6, and more is asked for
        ("abcdefghij", "abcdefgXXX", True),  # 0.7
        ("abcdefgXXX", "abcdefghij", True),
        ("a b c d", "a\tb\tc\td", False),  # 2 * 4 / 14: blanks match nothing but themselves
        ("a b c d", "a b c d!", True),
        ("ABCDEFGHIJ", "abcdefghij", False),
        ("The capital of France is Paris.", "The capital of Spain is Madrid.", True),
        ("Water boils at one hundred degrees.", "Mozart wrote forty-one symphonies.", False),
    ],
)
def test_answers_are_duplicates_above_a_ratio_of_six_tenths(first: str, second: str, *, alike: bool) -> None:
    assert are_duplicates(first, second) is alike


def test_only_the_beginning_of_long_answers_is_compared() -> None:
    same = "".join(chr(0x4E00 + index) for index in range(2_048))

    assert are_duplicates(same + "a" * 9_000, same + "b" * 9_000)
    assert not are_duplicates("a" * 2_048 + same, "b" * 2_048 + same)
