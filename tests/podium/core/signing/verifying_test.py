"""What a finalized block must hold before weights count as paid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.core.kinds import (
    ChainView,
    Neuron,
    UpdatePhase,
    Verification,
    WeightUpdateStatus,
)
from podium.core.signing.verifying import verify
from podium.core.signing.world import ChainSide, Record, SignerWorld, Wait
from tests.podium.core.objects import GENESIS
from tests.podium.core.signing.updates import UPDATE, US, VIEW


def _ends(view: ChainView, status: WeightUpdateStatus = UPDATE.status, **side: object) -> tuple[str, str]:
    chain = ChainSide(view=view, **side)  # type: ignore[arg-type]  # names and types are the caller's concern
    world = SignerWorld(replace(UPDATE, status=status), None, {}, newer=False, now=GENESIS, chain=chain)
    step = verify(world, chain)
    if isinstance(step, Wait):
        return "Waits", ""
    assert isinstance(step, Record)
    complete = next(one for one in step.status.conditions if one.type == "Complete")
    verification = step.status.verification
    assert verification is not None
    assert verification.matches is (step.status.phase is UpdatePhase.VERIFIED)
    return step.status.phase.value, complete.reason


def test_the_row_that_was_meant_is_paid() -> None:
    assert _ends(VIEW) == ("Verified", "RowMatches")


def test_another_row_is_not_paid() -> None:
    assert _ends(replace(VIEW, row={1: 65535})) == ("Refused", "RowDiffers")
    assert _ends(replace(VIEW, row={})) == ("Refused", "RowDiffers")


def test_a_row_that_a_later_update_replaced_is_not_an_error() -> None:
    assert _ends(replace(VIEW, row={3: 65535}), newer_rows=(((3, 65535),),)) == ("Skipped", "Replaced")


@pytest.mark.parametrize(
    ("registered", "ends"),
    [
        (115, ("Verified", "RowMatches")),
        (116, ("Refused", "UidReassigned")),
        (121, ("Verified", "RowMatches")),
    ],
)
def test_a_uid_that_changed_hands_before_the_inclusion_was_paid_to_a_stranger(
    registered: int, ends: tuple[str, str]
) -> None:
    view = replace(VIEW, neurons=(US, Neuron(2, "bob", registered)))
    assert _ends(view) == ends


def test_what_the_block_of_the_inclusion_said_counts() -> None:
    status = replace(UPDATE.status, verification=Verification(120, matches=False, message="uid 2 had gone"))
    assert _ends(VIEW, status) == ("Refused", "UidReassigned")


@pytest.mark.parametrize(
    ("pending", "block", "row", "ends"),
    [
        ({7}, 125, {}, ("Waits", "")),
        ({7}, 120 + (1 + 3) * 11, {}, ("Waits", "")),
        ({7}, 121 + (1 + 3) * 11, {}, ("Refused", "NotRevealed")),
        ({8}, 125, {2: 65535}, ("Verified", "RowMatches")),
        (set(), 125, {1: 1}, ("Refused", "RowDiffers")),
    ],
)
def test_a_commit_is_followed_until_the_chain_has_revealed_it(
    pending: set[int], block: int, row: dict[int, int], ends: tuple[str, str]
) -> None:
    view = replace(VIEW, pending=frozenset(pending), block=block, row=row)
    assert _ends(view, replace(UPDATE.status, reveal_round=7)) == ends
