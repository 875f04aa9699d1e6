"""Sample scores become a task's score and its evidence, or a reason why there is none."""

import math
from dataclasses import replace

import pytest

from podium_evaluator.contract import Reason, TaskScore
from podium_evaluator.methods.base import Answers, Gate, Plan, TaskPlan
from podium_evaluator.methods.outcome import Outcome, score_task
from podium_evaluator.sequences import Generated, Generation, TokenSequence
from tests.podium_evaluator.methods.worlds import Told


def scored(loss: float) -> Plan:
    """One sequence whose first token is the loss that it gets, in thousandths."""
    return Plan((TokenSequence((round(loss * 1000), 0), 1),), lambda answers: sum(answers.losses))


def answered(token: int) -> Plan:
    """One generation; its score is the length of the answer."""
    return Plan((), lambda answers: float(len(answers.generated[0].text)), (Generation((token,), 4),))


def run(plan: TaskPlan, engine: Told | None = None) -> Outcome:
    ids = [f"row#{index}" for index in range(len(plan.plans))]
    told = engine or Told(loss=lambda sequence: sequence.ids[0] / 1000)
    return score_task("sort", ids, plan, told, lambda *_: None)


def test_the_score_is_the_mean_of_the_evidence() -> None:
    outcome = run(TaskPlan((scored(1.0), scored(2.0), scored(4.5))))

    assert outcome.evidence.scores == (1.0, 2.0, 4.5)
    assert outcome.evidence.sample_ids == ("row#0", "row#1", "row#2")
    assert outcome.evidence.weights is None
    assert outcome.score == TaskScore(name="sort", score=2.5, samples=3)


def test_weights_say_how_often_a_sample_counts() -> None:
    outcome = run(TaskPlan((scored(1.0), scored(2.0)), weights=(3, 1)))

    assert outcome.score.score == 1.25
    assert outcome.evidence.weights == (3, 1)


def test_samples_are_rounded_before_they_count() -> None:
    outcome = run(TaskPlan((scored(1.0),)), Told(loss=lambda _: 1 / 3))

    assert outcome.evidence.scores == (0.333333,)
    assert outcome.score.score == 0.333333


def test_each_sample_gets_its_own_losses_and_answers() -> None:
    both = Plan(
        (TokenSequence((1, 0), 1), TokenSequence((2, 0), 1)),
        lambda answers: 10 * answers.losses[0] + answers.losses[1] + len(answers.generated[0].text),
        (Generation((3,), 4),),
    )
    engine = Told(
        loss=lambda sequence: float(sequence.ids[0]),
        answer=lambda asked: Generated((), "x" * asked.prompt[0]),
    )

    assert run(TaskPlan((answered(2), both, scored(0.007))), engine).evidence.scores == (2.0, 15.0, 7.0)


def test_all_answers_together_may_revise_the_scores() -> None:
    def revise(answers: object, scores: object) -> tuple[list[float], str]:
        assert isinstance(answers, list)
        assert all(isinstance(one, Answers) for one in answers)
        assert scores == [1.0, 2.0]
        return [1.0, 1.0], "all the same"

    outcome = run(TaskPlan((scored(1.0), scored(2.0)), revise=revise))

    assert outcome.score == TaskScore(name="sort", score=1.0, samples=2, message="all the same")
    assert outcome.evidence.scores == (1.0, 1.0)


@pytest.mark.parametrize("loss", [math.nan, math.inf, -math.inf])
def test_a_loss_that_is_no_number_is_a_reason_naming_the_first_such_sample(loss: float) -> None:
    plan = TaskPlan((scored(1.0), scored(9.0), scored(9.0)))

    outcome = run(plan, Told(loss=lambda sequence: loss if sequence.ids[0] == 9000 else 1.0))

    assert (outcome.score.score, outcome.score.reason) == (None, Reason.NON_FINITE_SCORE)
    assert "row#1" in outcome.score.message
    assert outcome.score.samples == 3
    assert outcome.evidence.scores == (1.0, None, None)


def test_a_comparison_does_not_hide_a_loss_that_is_no_number() -> None:
    plan = replace(scored(1.0), score=lambda answers: 0.0 if answers.losses[0] < 1 else 1.0)

    assert run(TaskPlan((plan,)), Told(loss=lambda _: math.nan)).score.reason is Reason.NON_FINITE_SCORE


def test_logits_that_are_no_numbers_are_a_reason_too() -> None:
    broken = Told(answer=lambda asked: Generated((), "x", finite=asked.prompt[0] != 2))

    outcome = run(TaskPlan((answered(1), answered(2))), broken)

    assert outcome.score.reason is Reason.NON_FINITE_SCORE
    assert "row#1" in outcome.score.message
    assert outcome.evidence.scores == (1.0, None)


def gated(verdict: str | None) -> TaskPlan:
    gate = Gate((Generation((8,), 4), Generation((9,), 4)), lambda _: verdict)
    return TaskPlan((scored(1.0), scored(2.0)), gate=gate)


def test_a_model_that_passes_the_gate_is_scored() -> None:
    assert run(gated(None)).score.score == 1.5


def test_a_rejected_model_has_a_reason_and_its_samples_are_not_scored() -> None:
    engine = Told()

    outcome = run(gated("they agree"), engine)

    assert (outcome.score.score, outcome.score.reason) == (None, Reason.DEGENERATE_OUTPUT)
    assert outcome.score.message == "they agree"
    assert outcome.evidence.scores == (None, None)
    assert len(engine.asked) == 1, "nothing is asked after the gate"


def test_logits_of_the_gate_that_are_no_numbers_name_the_sample() -> None:
    engine = Told(answer=lambda asked: Generated((), "", finite=asked.prompt != (9,)))

    outcome = run(gated("they agree"), engine)

    assert outcome.score.reason is Reason.NON_FINITE_SCORE
    assert "row#1" in outcome.score.message


def test_progress_counts_all_that_is_asked_up_to_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    plan = replace(gated(None), plans=(scored(1.0), answered(1), scored(2.0)))

    score_task("sort", ("a", "b", "c"), plan, Told(), lambda *one: told.append(one))

    assert told == [("sort", done, 5) for done in range(1, 6)]
