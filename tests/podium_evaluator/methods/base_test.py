"""Text becomes tokens with one start token, prompts are cut on the left, losses are means."""

import math

import pytest

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.errors import Failure
from podium_evaluator.methods.base import Answers, Plan, mean_loss
from podium_evaluator.sequences import Generated, Generation, TokenSequence
from podium_evaluator.templates import ChatTemplate
from tests.podium_evaluator.methods.worlds import BOS, context, lossy, padded


def test_a_prompt_is_rendered_with_its_system_turn_and_begins_with_the_start_token_once() -> None:
    plain, begun = context(), context(bos=True)
    letters = plain.encoder.encode("[be kind][hi]>")

    assert plain.prompt("hi", system="be kind", room=20) == letters
    assert begun.prompt("hi", system="be kind", room=20) == (BOS, *letters)


def test_a_template_that_writes_the_start_token_itself_gets_no_second_one() -> None:
    written = ChatTemplate("Written", "<|im_start|>{{ messages[-1].content }}")
    begun = context(bos=True, template=written)

    assert begun.prompt("hi", room=1) == (BOS, *begun.encoder.encode("hi"))
    assert begun.rendered("hi") == begun.encoder.encode("hi")


@pytest.mark.parametrize("bos", [False, True])
def test_a_prompt_that_is_too_long_is_cut_on_the_left_behind_the_start_token(*, bos: bool) -> None:
    found = context(bos=bos, sequence_length=16)

    prompt = found.prompt("abcdefghijklmnop", room=10)

    assert prompt == (*found.start, *found.encoder.encode("klmnop]>"[-6 + bos :]))
    assert len(prompt) + 10 == 16


def test_a_sequence_without_room_for_a_prompt_is_the_organisers_fault() -> None:
    with pytest.raises(Failure) as caught:
        context(sequence_length=20).prompt("hi", room=20)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.REQUEST_INVALID)
    assert "sequenceLength 20" in caught.value.message


def test_a_tokenizer_that_makes_nothing_of_a_prompt_is_malformed() -> None:
    with pytest.raises(Failure) as caught:
        context(
            encoder=lossy().encoder, template=ChatTemplate("Bare", "{{ messages[-1].content }}")
        ).rendered("aei")

    assert (caught.value.fault, caught.value.reason) == (Fault.SUBMISSION, Reason.TOKENIZER_MALFORMED)


@pytest.mark.parametrize(("unit", "size"), [("Token", 3), ("Byte", 14)])
def test_a_loss_is_divided_by_tokens_or_bytes_of_the_text(unit: str, size: int) -> None:
    found = context(unit=unit)
    text = "<|im_start|>é"

    plan = mean_loss(text, found.encoder.encode(text), found, (1,))

    assert plan.score(Answers([6.0], ())) == 6.0 / size


def test_a_text_that_a_participants_tokenizer_forgets_counts_as_random_bytes() -> None:
    found = lossy()

    plan = mean_loss("a cat", found.encoder.encode("a cat"), found, (1,))

    assert plan.sequences == ()
    assert plan.score(Answers((), ())) == pytest.approx(math.log(256))


def test_the_longest_sequence_of_a_plan_has_room_for_the_answer() -> None:
    plan = Plan((TokenSequence((1, 2, 3), 1),), lambda _: 0.0, (Generation((1,), 20),))

    assert plan.longest == 21
    assert Plan((), lambda _: 0.0).longest == 0


@pytest.mark.parametrize(
    ("answers", "finite"),
    [
        (Answers([1.0], [Generated((), "")]), True),
        (Answers([1.0, math.nan], ()), False),
        (Answers([math.inf], ()), False),
        (Answers((), [Generated((), "", finite=False)]), False),
    ],
)
def test_answers_are_finite_where_all_losses_and_logits_are(answers: Answers, *, finite: bool) -> None:
    assert answers.finite is finite


def test_more_tokens_than_a_tokenizer_of_bytes_would_make_do_not_thin_a_loss_out() -> None:
    found = padded("~" * 50)
    text = "so it is"
    ids = found.encoder.encode(text)
    assert len(ids) == 8 + 2 * 50
    assert found.encoder.gives_back(text, ids)

    score = mean_loss(text, ids, found, (1,)).score(Answers([7.5], ()))

    assert score == 7.5 / 15, "six letters and, as SentencePiece marks them, two spaces and the beginning"
