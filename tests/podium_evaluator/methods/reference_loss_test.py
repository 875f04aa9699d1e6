"""References are scored after the rendered prompt, tokenized apart."""

from podium_evaluator.datasets.base import ReferenceSample
from podium_evaluator.methods.base import Answers
from podium_evaluator.methods.reference_loss import longest_reference, plan_reference, plan_reference_loss
from tests.podium_evaluator.methods.worlds import BOS, context, lossy, task

_SAMPLE = ReferenceSample("1", "sort", "abc", "be kind")


def test_a_reference_is_scored_after_the_rendered_prompt() -> None:
    found = context()

    (sequence,) = plan_reference(_SAMPLE, found).sequences

    assert sequence.ids == found.encoder.encode("[be kind][sort]>abc")
    assert sequence.scored == 3
    assert plan_reference(_SAMPLE, found).score(Answers([6.0], ())) == 2.0


def test_the_start_token_is_first_and_nowhere_else() -> None:
    (sequence,) = plan_reference(_SAMPLE, context(bos=True)).sequences

    assert sequence.ids[0] == BOS
    assert sequence.ids.count(BOS) == 1
    assert sequence.scored == 3


def test_a_long_prompt_loses_its_beginning_and_a_long_reference_is_split() -> None:
    found = context(bos=True, sequence_length=16)

    (cut,) = plan_reference(ReferenceSample("1", "p" * 30, "abc"), found).sequences
    split = plan_reference(ReferenceSample("1", "p" * 30, "abcdefghijklmnopqrst"), found)

    assert (cut.ids[0], len(cut.ids), cut.scored) == (BOS, 16, 3)
    assert [one.ids[0] for one in split.sequences] == [BOS, BOS]
    assert [one.scored for one in split.sequences] == [14, 6]
    assert split.score(Answers([14.0, 26.0], ())) == 2.0


def test_the_task_has_one_part_a_sample_and_no_gate() -> None:
    plan = plan_reference_loss(task("ReferenceLoss"), [_SAMPLE, _SAMPLE], context())

    assert (len(plan.plans), plan.gate, plan.weights) == (2, None, None)


def test_its_length_is_that_of_prompt_and_reference_with_the_start_token() -> None:
    assert longest_reference(_SAMPLE, context()) == len("[be kind][sort]>abc")
    assert longest_reference(_SAMPLE, context(bos=True)) == len("[be kind][sort]>abc") + 1


def test_a_participants_tokenizer_must_give_the_reference_back() -> None:
    assert plan_reference(_SAMPLE, lossy()).sequences == ()
    assert plan_reference(_SAMPLE, context(own=True)).sequences
