"""The first word of an answer that is an option is the choice; it is known once the word is complete."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.datasets.base import ChoiceSample
from podium_evaluator.methods.base import Answers
from podium_evaluator.methods.choice_by_generation import chosen_option, plan_generated_choice
from podium_evaluator.sequences import Generated
from tests.podium_evaluator.methods.worlds import BOS, context

_OPTIONS = ("A", "B", "C", "D")
_SAMPLE = ChoiceSample("1", "Which?", _OPTIONS, 1)


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("B", "B"),
        ("B.", "B"),
        ("(B)", "B"),
        ("The answer is B", "B"),
        ("**C**", "C"),
        ("b", None),
        ("", None),
        ("None of them", None),
        ("AB", None),
        ("A_", None),
        ("A1 D", "D"),
        ("A dog, so C", "A"),
        ("I say:\nD\nbecause", "D"),
        ("BC A", "A"),
        ("Answer:B", "B"),
        ("É-C", "C"),
        ("CÉ D", "D"),
        ("B'", "B"),
    ],
)
def test_the_first_word_that_is_an_option_is_the_choice(text: str, chosen: str | None) -> None:
    assert chosen_option(text, _OPTIONS, complete=True) == chosen


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("B", False),
        ("B.", True),
        ("B\n", True),
        ("The", False),
        ("not B", False),
        ("not B ", True),
        ("AB", False),
    ],
)
def test_a_choice_is_known_once_its_word_is_complete(text: str, *, known: bool) -> None:
    assert (chosen_option(text, _OPTIONS, complete=False) is not None) is known


@given(st.text(alphabet="ABCDab _.-é\n1"), st.text(alphabet="ABCDab _.-é\n1"))
def test_nothing_that_follows_changes_a_choice_that_is_known(text: str, more: str) -> None:
    known = chosen_option(text, _OPTIONS, complete=False)

    assert known is None or chosen_option(text + more, _OPTIONS, complete=True) == known


@pytest.mark.parametrize(
    ("answer", "error"), [("B", 0.0), ("A", 1.0), ("A B", 1.0), ("?", 1.0), ("It is B.", 0.0)]
)
def test_the_right_choice_costs_nothing_and_all_else_one(answer: str, error: float) -> None:
    plan = plan_generated_choice(_SAMPLE, context())

    assert plan.score(Answers((), [Generated((), answer)])) == error


def test_up_to_twenty_tokens_are_wanted_after_the_prompt_until_the_choice_is_known() -> None:
    found = context(bos=True)

    (generation,) = plan_generated_choice(_SAMPLE, found).generations

    assert generation.prompt == (BOS, *found.encoder.encode("[Which?]>"))
    assert (generation.maximum_tokens, generation.repetition_penalty) == (20, 1.1)
    assert generation.stops_at_end
    assert generation.finished is not None
    assert not generation.finished("It is B")
    assert generation.finished("It is B,")


def test_a_prompt_that_is_too_long_is_cut_on_the_left_with_room_for_the_answer() -> None:
    (generation,) = plan_generated_choice(_SAMPLE, context(sequence_length=24)).generations

    assert generation.prompt == context().encoder.encode("h?]>")
