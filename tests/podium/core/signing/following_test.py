"""What becomes of bytes that were stored, given what the chain shows of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.core.kinds import Attempt, Inclusion, Neuron, UpdatePhase, WeightUpdateStatus
from podium.core.signing.following import decide_chain_update
from podium.core.signing.world import ChainSide, Record, SignerWorld
from tests.podium.core.objects import GENESIS
from tests.podium.core.signing.updates import PAID, UPDATE, US, VIEW

_ATTEMPT = Attempt(nonce=4, birth_block=110, death_block=142, bytes="0x00", hash="0xaa", signed_block=112)
_SENT = replace(UPDATE, status=WeightUpdateStatus(phase=UpdatePhase.SUBMITTED, attempts=(_ATTEMPT,)))


def _follow(inclusion: Inclusion, own: Neuron) -> WeightUpdateStatus:
    view = replace(VIEW, nonce=5, neurons=(own, *VIEW.neurons[1:]))
    world = SignerWorld(_SENT, None, {}, newer=False, now=GENESIS, chain=ChainSide(view, inclusion))
    step = decide_chain_update(world)
    assert isinstance(step, Record)
    return step.status


def _included(error: str | None = None, *, known: bool = True) -> Inclusion:
    return Inclusion("0xaa", 120, "0xbb", error, known)


@pytest.mark.parametrize(
    ("inclusion", "last_update", "spent"),
    [
        (_included(), 120, None),
        (_included("SettingWeightsTooFast"), 90, "SettingWeightsTooFast"),
        (_included(known=False), 120, None),
        (_included(known=False), 121, None),
        # Its events are gone, and an unchanged row would look as if it had taken effect.
        (_included(known=False), 90, "NotApplied"),
    ],
)
def test_included_is_not_yet_applied(inclusion: Inclusion, last_update: int, spent: str | None) -> None:
    status = _follow(inclusion, replace(US, last_update=last_update))
    if spent is None:
        assert (status.phase, status.included_block) == (UpdatePhase.FINALIZED, 120)
        assert status.spent == ()
    else:
        assert (status.phase, status.included_block) == (UpdatePhase.PENDING, None)
        assert [(one.nonce, one.reason) for one in status.spent] == [(4, spent)]


@pytest.mark.parametrize(
    ("holders", "now", "misplaced"),
    [
        ({2: "alice"}, "alice", False),
        # It changed hands after the inclusion: alice was paid.
        ({2: "alice"}, "bob", False),
        ({2: "bob"}, "bob", True),
        (None, "alice", False),
        (None, "bob", True),
    ],
)
def test_who_had_a_paid_uid_in_the_block_counts_and_nobody_is_believed_without_it(
    holders: dict[int, str] | None, now: str, *, misplaced: bool
) -> None:
    own = replace(US, last_update=120)
    sent = replace(_SENT, status=replace(_SENT.status, uids_block=112, uids=(("alice", 2),)))
    view = replace(VIEW, nonce=5, neurons=(own, replace(PAID, hotkey=now)))
    chain = ChainSide(view, replace(_included(), holders=holders))
    step = decide_chain_update(SignerWorld(sent, None, {}, newer=False, now=GENESIS, chain=chain))
    assert isinstance(step, Record)
    verification = step.status.verification
    assert (verification is not None and not verification.matches) is misplaced
