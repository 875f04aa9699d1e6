"""Anything may happen to a competition, in any order: what holds all the same.

Submissions come and go, organisers edit, pods end in every way, the Subnet is deleted and made anew, clocks
jump, the operator dies between any two writes and starts anew.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from podium.core.clock import LedgerClock
from podium.core.competition import decide
from podium.core.faults import Fault, disrupted
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Normalization, RoundTask, TaskEntry
from podium.core.memo import Memo
from podium.core.shares import UNIT
from tests.podium.core.objects import GENESIS, a_competition, a_submission, a_subnet, failed, scored
from tests.podium.core.worlds import World

_HOTKEYS = ("hotkey-1", "hotkey-2", "hotkey-3", "hotkey-4")
_ENDS = st.sampled_from(
    [
        None,
        failed(),
        failed(reason="OutOfMemory"),
        Ending(disrupted("NodeLost", "as scripted", GENESIS)),
        failed(Fault.SUBMISSION, "Broken"),
        failed(Fault.EVALUATOR, "Bug"),
        failed(Fault.ORGANIZER, "RequestInvalid"),
        Ending(),
        scored("0.5"),
        scored("1.5", gpu="B"),
        replace(scored("0.5"), environment=()),
    ]
)
_TASKS = (RoundTask("texts", Fraction(1), Normalization("InverseExponential", Fraction(20))),)


class Story(RuleBasedStateMachine):
    """One competition; every rule is followed by passes until nothing is left to do."""

    @initialize(
        reference=st.booleans(),
        parallel=st.integers(1, 3),
        room=st.sampled_from([1, 3, 5, 10**9]),
    )
    def begin(self, *, reference: bool, parallel: int, room: int) -> None:
        digest = "sha256:reference" if reference else None
        competition = a_competition(
            every_blocks=50,
            deadline_blocks=40,
            keep_top=1,
            max_contenders=3,
            max_parallel=parallel,
            evaluator_image="image-0",
            reference_digest=digest,
            model_bytes=1000,
            store_bytes=1000 * room,
        )
        # What is not wanted any more ends, and may be wanted again under its name.
        self.world = World(competition=competition, names_once=False)
        self.world.audit = reference
        self.edits = 0
        for number, hotkey in enumerate(_HOTKEYS):
            self.submit(hotkey, "abcd"[number], "1259"[number], [], [])
        self._go_on(60)

    def _go_on(self, blocks: int = 8) -> None:
        self.world.run_to(self._block() + blocks)

    def _block(self) -> int:
        return int((self.world.now - GENESIS).total_seconds()) // 12

    # --- participants ------------------------------------------------------------------------

    @rule(
        hotkey=st.sampled_from(_HOTKEYS), content=st.sampled_from("abcdefgh"), score=st.sampled_from("1259"),
        evaluations=st.lists(_ENDS, max_size=3), fetches=st.lists(_ENDS, max_size=2),
    )  # fmt: skip
    def submit(
        self,
        hotkey: str,
        content: str,
        score: str,
        evaluations: list[Ending | None],
        fetches: list[Ending | None],
    ) -> None:
        self.edits += 1
        name = f"model-{self.edits}"
        self.world.contents[name], self.world.scores[name] = content, f"0.{score}"
        self.world.script[Purpose.EVALUATE, name] = evaluations
        self.world.script[Purpose.FETCH, name] = [one for one in fetches if one is None or one.failure]
        self.world.add(a_submission(name, self._block(), hotkey=hotkey))
        self._go_on()

    @precondition(lambda self: self.world.submissions)
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        self.world.delete(data.draw(st.sampled_from([one.name for one in self.world.submissions.values()])))
        self._go_on()

    # --- the organiser -----------------------------------------------------------------------

    @rule(what=st.sampled_from(["constraints", "image", "tasks", "seats", "evaluator", "suspend"]))
    def edit(self, what: str) -> None:
        self.edits += 1
        old = self.world.competition
        changes: dict[str, object] = {
            "constraints": {"constraints_digest": f"constraints-{self.edits % 3}"},
            "image": {"evaluator_image": f"image-{self.edits % 3}"},
            "tasks": {"task_schedule": (TaskEntry(0, _TASKS, f"tasks-{self.edits % 2}"),)},
            "seats": {"keep_top": 1 + self.edits % 2, "max_contenders": 4},
            "evaluator": {"evaluator_digest": f"evaluator-{self.edits % 3}"},
            "suspend": {"suspended": not old.suspended},
        }[what]
        self.world.competition = replace(old, generation=old.generation + 1, **changes)  # type: ignore[arg-type]  # by name
        self._go_on()

    @rule(anew=st.booleans())
    def delete_subnet(self, *, anew: bool) -> None:
        self.world.subnet = (
            a_subnet(uid=f"subnet-{self.edits}", clock=LedgerClock(self.world.now, 0, 12)) if anew else None
        )
        self._go_on()

    @rule()
    def restore_subnet(self) -> None:
        self.world.subnet = self.world.subnet or a_subnet()
        self._go_on()

    # --- the cluster -------------------------------------------------------------------------

    @rule(blocks=st.sampled_from([1, 3, 10, 30, 60, 200]))
    def wait(self, blocks: int) -> None:
        self._go_on(blocks)

    @rule(purpose=st.sampled_from([Purpose.PREPARE, Purpose.PROBE]), ending=_ENDS)
    def break_helpers(self, purpose: Purpose, ending: Ending | None) -> None:
        if ending is not None and ending.failure is None:
            return
        for job in self.world.jobs.values():
            if job.purpose is purpose:
                self.world.script[purpose, job.subject_uid.removeprefix("uid-")] = [ending]

    @rule()
    def lose_jobs(self) -> None:
        """Somebody deletes all Jobs: each is made again under its name."""
        self.world.jobs.clear()
        self._go_on()

    @rule(writes=st.integers(1, 9))
    def die_soon(self, writes: int) -> None:
        self.world.killed_after |= {len(self.world.applied) + writes}
        self.world.memo = Memo()

    # --- what holds --------------------------------------------------------------------------

    @invariant()
    def everything_is_settled(self) -> None:
        if not hasattr(self, "world"):
            return
        self.world.settle()
        assert decide(self.world.seen()).actions == ()

    @invariant()
    def every_round_ends_in_time(self) -> None:
        if not hasattr(self, "world"):
            return
        running = [one for one in self.world.rounds.values() if not one.status.phase.terminal]
        assert len(running) <= 1
        late = self.world.now - timedelta(seconds=12)
        assert all(one.deadline_time is None or one.deadline_time > late for one in running)

    @invariant()
    def the_store_is_not_overfull(self) -> None:
        if not hasattr(self, "world"):
            return
        held = {
            one.status.manifest_digest
            for one in self.world.submissions.values()
            if one.status.manifest_digest is not None and one.status.evicted_block is None
        }
        assert 1000 * len(held) <= self.world.competition.store_bytes

    @invariant()
    def averages_are_whole(self) -> None:
        if not hasattr(self, "world"):
            return
        averages = [self.world.competition.status.moving_average]
        averages += [one.status.moving_average for one in self.world.rounds.values()]
        averages += [one.previous_average for one in self.world.rounds.values()]
        assert all(sum(share.units for share in average) in {0, UNIT} for average in averages)

    @invariant()
    def nobody_waits_with_what_is_decided(self) -> None:
        if not hasattr(self, "world"):
            return
        for one in self.world.submissions.values():
            told = {condition.type: condition.status for condition in one.status.conditions}
            assert set(told) == {"Accepted", "Fetched", "Evaluated", "Ranked", "Ready"}


Story.TestCase.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
TestStory = Story.TestCase
