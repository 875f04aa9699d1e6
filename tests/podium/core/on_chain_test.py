"""What is different where the Subnet is a chain: epochs, discovery, and when a round may open."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core.clock import ChainClock, epoch_at
from podium.core.kinds import ChainTarget, ChainView, Commitment, Neuron, SubnetStatus
from podium.core.plan import CreateSubmission, ReportCommitments, SetSubnetStatus
from podium.core.subnet import SubnetWorld, decide_subnet
from tests.podium.core.objects import GENESIS, a_competition, a_submission, a_subnet, ledger_moment
from tests.podium.core.worlds import World

_TARGET = ChainTarget("0x" + 64 * "9", 37, 0, "we")
_VALUE = f"org:model:{40 * 'a'}:{43 * 'b'}=:1"
_VIEW = ChainView(130, "0x1", GENESIS, 0, (Neuron(0, "we", 0), Neuron(1, "alice", 0), Neuron(2, "bob", 0)))


# --- epochs --------------------------------------------------------------------------------------


def test_epochs_are_the_multiples_of_their_length() -> None:
    assert epoch_at(725, 360, None) == (720, 1079)


def test_an_epoch_that_has_begun_keeps_its_length() -> None:
    assert epoch_at(725, 100, (720, 1079)) == (720, 1079)
    assert epoch_at(1080, 100, (720, 1079)) == (1080, 1099)
    assert epoch_at(1100, 100, (1080, 1099)) == (1100, 1199)


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(1, 40)), max_size=40))
def test_whatever_is_edited_no_block_belongs_to_two_epochs(steps: list[tuple[int, int]]) -> None:
    block, last, seen = 0, None, []
    for every, blocks in steps:
        block += blocks
        last = epoch_at(block, every, last)
        assert last[0] <= block <= last[1]
        seen.append(last)
    ordered = sorted(set(seen))
    assert all(one[1] < other[0] for one, other in pairwise(ordered))


# --- discovery -----------------------------------------------------------------------------------


def _world(*commitments: Commitment, **changes: object) -> SubnetWorld:
    subnet = a_subnet(clock=ChainClock(130, ledger_moment(130)), target=_TARGET, discovery=True)
    world = SubnetWorld(
        subnet,
        (a_competition(),),
        {},
        (),
        ledger_moment(130),
        view=_VIEW,
        commitments=commitments,
        commitments_block=130,
    )
    return replace(world, **changes)  # type: ignore[arg-type]  # names and types are the caller's concern


def test_what_is_discovered_is_recorded_before_the_subnet_says_how_far_it_is() -> None:
    plan = decide_subnet(_world(Commitment("alice", 50, _VALUE)))
    kinds = [type(action) for action in plan.actions]
    assert kinds == [CreateSubmission, SetSubnetStatus]
    (_, status) = plan.actions
    assert isinstance(status, SetSubnetStatus)
    assert status.status.discovered_block == 130


def test_a_settled_subnet_is_not_written_with_every_block() -> None:
    world = _world(Commitment("alice", 50, _VALUE))
    found, written = decide_subnet(world).actions
    assert isinstance(found, CreateSubmission)
    assert isinstance(written, SetSubnetStatus)
    later = replace(
        world,
        subnet=replace(world.subnet, status=written.status, clock=ChainClock(140, ledger_moment(140))),
        recorded=frozenset({found.found.name}),
        commitments_block=140,
        now=ledger_moment(140),
    )
    assert decide_subnet(later).actions == ()


def test_discovery_is_written_again_when_the_next_sync_block_waits_for_it() -> None:
    world = _world()
    known = SubnetStatus(discovered_block=130)
    for read, expected in ((199, 130), (200, 200), (207, 207)):
        subnet = replace(world.subnet, status=known, clock=ChainClock(210, ledger_moment(210)))
        plan = decide_subnet(replace(world, subnet=subnet, commitments_block=read, now=ledger_moment(210)))
        statuses = [one for one in plan.actions if isinstance(one, SetSubnetStatus)]
        assert [one.status.discovered_block for one in statuses] == [expected]


def test_what_cannot_be_used_is_reported_and_becomes_nothing() -> None:
    plan = decide_subnet(_world(Commitment("alice", 50, "garbage")))
    assert not any(isinstance(one, CreateSubmission) for one in plan.actions)
    (report,) = (one for one in plan.actions if isinstance(one, ReportCommitments))
    assert list(report.unusable) == [("alice", 50)]


# --- the node and the hotkey ---------------------------------------------------------------------


def _conditions(world: SubnetWorld) -> dict[str, tuple[bool | None, str]]:
    (written,) = (one for one in decide_subnet(world).actions if isinstance(one, SetSubnetStatus))
    return {one.type: (one.status, one.reason) for one in written.status.conditions}


def test_a_node_that_stops_answering_is_told_while_its_last_blocks_still_count() -> None:
    found = _conditions(_world(chain_error="no node answers"))
    assert found["Connected"] == found["Ready"] == (False, "ChainUnavailable")


def test_whether_the_hotkeys_weights_count_is_told() -> None:
    assert _conditions(_world())["Permitted"] == (False, "NoPermit")
    gone = replace(_VIEW, neurons=_VIEW.neurons[1:])
    assert _conditions(_world(view=gone))["Permitted"] == (False, "NotRegistered")
    permitted = replace(_VIEW, neurons=(replace(_VIEW.neurons[0], permit=True), *_VIEW.neurons[1:]))
    assert _conditions(_world(view=permitted))["Permitted"] == (True, "Permitted")


# --- rounds --------------------------------------------------------------------------------------


def _on_chain(discovered: int | None) -> World:
    world = World(competition=a_competition())
    world.subnet = a_subnet(target=_TARGET, discovery=True, status=SubnetStatus(discovered_block=discovered))
    world.registered = {"hotkey-alice": 0}
    world.block_hash = "0x" + 64 * "a"
    world.add(a_submission("alice", 1, discovered_block=7))
    return world


@pytest.mark.parametrize(("discovered", "opens"), [(None, False), (99, False), (100, True)])
def test_a_round_waits_until_commitments_up_to_its_sync_block_are_known(
    discovered: int | None,
    opens: bool,  # noqa: FBT001  # a parameter
) -> None:
    world = _on_chain(discovered)
    world.run_to(150)
    assert any(one.block == 100 for one in world.rounds.values()) is opens


def test_without_the_hash_of_its_sync_block_no_round_opens() -> None:
    world = _on_chain(100)
    world.block_hash = None
    world.run_to(150)
    assert world.rounds == {}


def test_a_submission_counts_from_the_block_of_its_commitment_and_not_from_its_creation() -> None:
    world = _on_chain(100)
    world.run_to(150)
    (alice,) = world.submissions.values()
    assert alice.status.commit_block == 7
