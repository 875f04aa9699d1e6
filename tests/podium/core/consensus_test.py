"""What other validators pay is measured soon, and by a newcomer before it votes."""

from __future__ import annotations

from dataclasses import replace

from podium.core.conditions import find_condition
from podium.core.consensus import awaited, paid_elsewhere
from podium.core.kinds import ChainView, Neuron, Submission, SubmissionStatus
from podium.core.subnet import SubnetWorld, decide_subnet
from tests.podium.core.ledgers import ALICE, earning
from tests.podium.core.objects import GENESIS, a_competition, a_submission, a_subnet, ledger_moment
from tests.podium.core.worlds import World

_VALIDATORS = (
    Neuron(0, "we", 0, 100, permit=True),
    Neuron(1, "rich", 0, 100, permit=True),
    Neuron(2, "poor", 0, 9, permit=True),
    Neuron(3, "nobody", 0, 100),
)
_MINERS = tuple(Neuron(uid, f"miner-{uid}", 0) for uid in range(4, 9))
_VIEW = ChainView(50, "0x", GENESIS, 0, (*_VALIDATORS, *_MINERS))


def test_only_rows_of_others_with_a_permit_and_stake_count_and_only_from_a_hundredth_on() -> None:
    rows = {0: {4: 1}, 1: {5: 9900, 6: 100, 7: 99}, 2: {7: 1}, 3: {8: 1}, 99: {4: 1}}
    assert paid_elsewhere(_VIEW, rows, "we", 10) == {"miner-5"}
    rows[1] = {5: 9900, 6: 100}
    assert paid_elsewhere(_VIEW, rows, "we", 10) == {"miner-5", "miner-6"}


def test_a_row_of_zeros_or_of_uids_that_nobody_holds_pays_nobody() -> None:
    assert paid_elsewhere(_VIEW, {1: {5: 0}}, "we", 10) == frozenset()
    assert paid_elsewhere(_VIEW, {1: {77: 5}}, "we", 10) == frozenset()


def _seen(one: Submission, phase: str) -> Submission:
    return replace(one, status=replace(one.status, phase=phase))


def test_rejected_models_are_not_awaited() -> None:
    waiting, rejected = a_submission("waiting", 1), _seen(a_submission("rejected", 1), "Rejected")
    paid = frozenset({waiting.hotkey, rejected.hotkey})
    assert awaited((waiting, rejected), paid) == ("waiting",)
    assert SubmissionStatus().evaluations == ()


def test_a_newcomer_votes_after_it_has_measured_what_others_pay() -> None:
    world = SubnetWorld(a_subnet(), (earning("small", ALICE),), {}, (), ledger_moment(720), awaited=("top",))
    plan = decide_subnet(world)
    (written,) = plan.actions
    current = find_condition(written.status.conditions, "WeightsCurrent")  # type: ignore[union-attr]  # of the Subnet
    assert current is not None
    assert (current.status, current.reason) == (False, "TopModelsNotEvaluated")


def test_what_others_pay_is_seated_before_earlier_commitments() -> None:
    world = World(competition=a_competition(keep_top=0, max_contenders=3))
    world.add(*(a_submission(f"model-{number}", number + 1) for number in range(5)))
    world.paid_elsewhere = frozenset({"hotkey-model-4"})
    world.run_to(190)
    assert [one.submission for one in world.round(100).contenders] == ["model-4", "model-0", "model-1"]
