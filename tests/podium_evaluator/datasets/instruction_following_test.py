"""Questions lose their options and become pairs that are answered under the same rules."""

from collections.abc import Iterator
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.contract import Method
from podium_evaluator.datasets.base import InstructionSample, generator, read_samples, sample_lines
from podium_evaluator.datasets.instruction_following import OpenQuestion, instruction_samples, open_question
from podium_evaluator.datasets.synthetic_mmlu import Question
from podium_evaluator.methods.instruction_following.compatibility import INCOMPATIBLE
from podium_evaluator.methods.instruction_following.rules.base import RuleId
from podium_evaluator.methods.instruction_following.selection import RULE_COUNTS, RuleSet

OPTIONS = "A. the red fox\nB. a blue river\nC. some tall trees\nD. no green birds"
BY_NAME = {rule.in_samples: rule for rule in RuleId}


def asked(number: int, answer: str = "A") -> Question:
    return Question(f"data.parquet#{number}", f"What is number {number}?\n\n{OPTIONS}\nAnswer: ", answer)


def drawn(questions: list[Question], rules: RuleSet = "V2", seed: str = "seed") -> list[InstructionSample]:
    return list(instruction_samples(questions, generator(seed, "following"), rules))


@pytest.mark.parametrize(
    ("challenge", "answer", "question", "text"),
    [
        (f"What?\n{OPTIONS}", "A", "What?", "the red fox"),
        (f"What?\n\n{OPTIONS}\nAnswer: ", "D", "What?", "no green birds"),
        (
            f"Look at this:\n\n  x = 1\n\nWhat is x?\n{OPTIONS}",
            "B",
            "Look at this:\n\n  x = 1\n\nWhat is x?",
            "a blue river",
        ),
        ("What? A. red fox B. blue river C. tall trees D. green birds", "C", "What?", "tall trees"),
        ("What? A. red fox B. blue river C. tall trees D. green birds", "D", "What?", "green birds"),
        (
            f"[Example 1]\nWho?\nA. P\nB. L\nC. A\nD. H\nAnswer: C\n\n[Input Question]\nWhat?\n{OPTIONS}",
            "A",
            "What?",
            "the red fox",
        ),
        (f"Who was A. Lincoln?\n{OPTIONS}", "A", "Who was A. Lincoln?", "the red fox"),
        (f"What?\n{OPTIONS}\nAnswer with A. or D. only", "D", "What?", "no green birds"),
        ("What?\n  A. the red\n  fox\n  B. one two\n  C. three\n  D. four", "A", "What?", "the red\n  fox"),
        ("What?\r\nA. red fox\r\nB. b\r\nC. c\r\nD. green bird\r\n", "D", "What?", "green bird"),
    ],
)
def test_question_and_right_option_are_told_apart(
    challenge: str, answer: str, question: str, text: str
) -> None:
    assert open_question(Question("row", challenge, answer)) == OpenQuestion("row", question, text)


@pytest.mark.parametrize(
    ("challenge", "answer"),
    [
        (f"What?\n{OPTIONS}", "E"),
        (f"What?\n{OPTIONS}", "AB"),
        (f"What?\n{OPTIONS}", ""),
        ("What?\nA. red fox\nB. blue river\nC. tall trees", "A"),  # no fourth option
        ("What?\nA) red fox\nB) blue river\nC) tall trees\nD) green birds", "A"),
        ("What?\nB. red fox\nA. blue river\nC. tall trees\nD. green birds", "A"),  # out of order
        ("What?\nA. fox\nB. blue river\nC. tall trees\nD. green birds", "A"),  # one word
        (OPTIONS, "A"),  # no question
        ("", "A"),
    ],
)
def test_a_row_without_such_parts_or_with_an_answer_of_one_word_is_left_out(
    challenge: str, answer: str
) -> None:
    assert open_question(Question("row", challenge, answer)) is None


def test_a_long_text_full_of_letters_is_read_once() -> None:
    assert open_question(Question("row", "A. B. C. " * 50_000, "A")) is None
    assert open_question(Question("row", "What\nA. x\nB. x\nC. x\n" * 20_000 + "D. y z", "D")) is not None


def test_each_two_questions_that_follow_each_other_are_a_sample() -> None:
    unusable = Question("row", "no options", "A")
    samples = drawn([asked(1), unusable, asked(2), asked(3), unusable])

    assert [sample.id for sample in samples] == [
        "data.parquet#1+data.parquet#2",
        "data.parquet#2+data.parquet#3",
    ]
    for sample, (first, second) in zip(samples, ((1, 2), (2, 3)), strict=True):
        assert sample.prompts[0].endswith(f'\n\n"What is number {first}?"')
        assert sample.prompts[1].endswith(f'\n\n"What is number {second}?"')
        assert "the red fox" not in " ".join(sample.prompts)


@pytest.mark.parametrize("questions", [[], [asked(1)], [asked(1), asked(1)]])
def test_fewer_than_two_different_questions_make_no_sample(questions: list[Question]) -> None:
    assert drawn(questions) == []


def test_a_repeated_question_is_left_out() -> None:
    again = Question("again", asked(1).challenge, "A")

    assert [one.id for one in drawn([asked(1), again, asked(2)])] == ["data.parquet#1+data.parquet#2"]


def test_both_prompts_number_the_same_rules() -> None:
    for sample in drawn([asked(number, "ABCD"[number % 4]) for number in range(30)]):
        for prompt in sample.prompts:
            lines = prompt.splitlines()
            assert [line.partition(". ")[0] for line in lines[1:-2]] == [
                str(number + 1) for number in range(len(sample.rules))
            ]


def test_keywords_come_from_each_questions_own_answer() -> None:
    words = {"fox", "red", "river", "blue"}
    samples = drawn([asked(number, "AB"[number % 2]) for number in range(60)])
    keywords = [
        (index % 2, rule.arguments)
        for index, sample in enumerate(samples)
        for rule in sample.rules
        if rule.name.startswith("Keyword")
    ]

    assert keywords
    for swapped, arguments in keywords:
        first, second = (str(one[0]) for one in (reversed(arguments) if swapped else arguments))
        assert first not in {"river", "blue"}
        assert second not in {"fox", "red"}
    assert {str(one[0]) for _, arguments in keywords for one in arguments} >= words


def test_questions_are_read_only_as_far_as_samples_are_taken() -> None:
    read: list[int] = []

    def rows() -> Iterator[Question]:
        for number in range(100):
            read.append(number)
            yield asked(number)

    samples = instruction_samples(rows(), generator("seed", "following"), "V1")
    next(samples)
    next(samples)

    assert len(read) == 3


def test_ids_that_are_too_long_keep_their_beginning_and_stay_distinct() -> None:
    long = [
        Question(f"{'folder/' * 20}file.parquet#{number}", asked(number).challenge, "A")
        for number in range(4)
    ]
    ids = [sample.id for sample in drawn(long)]

    assert len(set(ids)) == 3
    assert {len(one) for one in ids} == {128}
    assert all(one.startswith("folder/folder/") for one in ids)


def test_samples_survive_their_file() -> None:
    samples = tuple(drawn([asked(number) for number in range(20)]))

    assert read_samples(sample_lines(samples), Method.INSTRUCTION_FOLLOWING) == samples


def test_the_generator_and_the_questions_decide_everything() -> None:
    questions = [asked(number) for number in range(10)]

    assert drawn(questions) == drawn(questions)
    assert drawn(questions) != drawn(questions, seed="another")
    assert drawn(questions, "V1") != drawn(questions, "V2")


ANSWERS = st.lists(
    st.sampled_from(["the", "fox", "Fox", "answer", "question", "Please", "?", "--", "12", "naïve", "“a”"]),
    min_size=2,
    max_size=4,
).map(" ".join)


@given(st.lists(ANSWERS, min_size=2, max_size=5), st.text(), st.sampled_from(["V1", "V2"]))
def test_whatever_the_seed_and_the_answers_rules_fit_together(
    answers: list[str], seed: str, rules: RuleSet
) -> None:
    questions = [
        Question(str(number), f"Question {number}?\nA. {answer}\nB. b\nC. c\nD. d", "A")
        for number, answer in enumerate(answers)
    ]

    samples = drawn(questions, rules, seed)

    assert len(samples) == len(answers) - 1
    fewest, most = RULE_COUNTS[rules]
    for sample in samples:
        ids = [BY_NAME[rule.name] for rule in sample.rules]
        assert fewest <= len(ids) <= most
        assert RuleId.STARTS_WITH not in ids
        assert not {frozenset(pair) for pair in combinations(ids, 2)} & INCOMPATIBLE
        keywords = [
            {str(one[0]).lower() for one in rule.arguments}
            for rule in sample.rules
            if rule.name.startswith("Keyword")
        ]
        assert not any(first & second for first, second in combinations(keywords, 2))
