"""Anything may happen to stored objects, in any order: what holds all the same.

As the story of decisions in memory, and through everything around them: manifests, stored statuses and their
schemas, conflicts, lost calls, processes that start anew and know nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from podium.cluster.resources import (
    COMPETITIONS,
    CONFIG_MAPS,
    JOBS,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WEIGHT_UPDATES,
    Resource,
)
from podium.core.jobs import Ending, Purpose
from tests.podium.api.cases.case import changed, valid
from tests.podium.reconcile.plants import SPACE
from tests.podium.reconcile.stored_world import (
    COMPETITION_EDITS,
    EVERY,
    FAILURES,
    HOTKEYS,
    MODELS,
    SUBNET_EDITS,
    TERMINAL,
    StoredWorld,
    timeless,
)


class StoredStory(RuleBasedStateMachine):
    """One Subnet and up to two competitions; after every rule the world settles."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.rounds_deleted = False
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger("critical"))

    def teardown(self) -> None:
        self.loop.close()
        structlog.reset_defaults()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.loop.run_until_complete(work)

    def _go_on(self, steps: int = 1) -> None:
        self._run(self.world.wait(steps))

    @initialize(keep=st.integers(1, 2), others_id=st.sampled_from([None, 4, 5]))
    def begin(self, keep: int, others_id: int | None) -> None:
        rounds = {
            "everyBlocks": EVERY,
            "deadlineBlocks": 40,
            "historyLimit": 2,
            "maxContenders": 3,
            "keepTop": keep,
        }
        self.world = StoredWorld(competition={"spec/rounds": rounds})
        if others_id is not None:
            changes = {"spec/rounds": rounds, "spec/competitionId": others_id}
            self._run(self.world.create(COMPETITIONS, "Competition", "other", changes))
        for number, hotkey in enumerate(HOTKEYS):
            self.submit(hotkey, str(number + 1), "small" if number < keep else "other", [], [])
        self._go_on(8)

    # --- participants -----------------------------------------------------------------------------

    @rule(
        hotkey=st.sampled_from(HOTKEYS), score=st.sampled_from("1259"),
        competition=st.sampled_from(["small", "small", "other", "nowhere"]),
        evaluations=st.lists(st.sampled_from(FAILURES), max_size=3),
        fetches=st.lists(st.sampled_from(FAILURES[:-1]), max_size=2),
    )  # fmt: skip
    def submit(
        self, hotkey: str, score: str, competition: str, evaluations: list[Ending], fetches: list[Ending]
    ) -> None:
        self.world.names += 1
        spec = {"spec/hotkey": hotkey, "spec/competition": competition}
        uid = self._run(self.world.create(SUBMISSIONS, "ModelSubmission", f"model-{self.world.names}", spec))
        self.world.scores[uid] = f"0.{score}"
        self.world.endings[Purpose.EVALUATE, uid] = evaluations
        self.world.endings[Purpose.FETCH, uid] = fetches
        self._go_on()

    @precondition(lambda self: self.world.all(SUBMISSIONS))
    @rule(data=st.data())
    def withdraw(self, data: st.DataObject) -> None:
        names = [raw["metadata"]["name"] for raw in self.world.all(SUBMISSIONS)]
        self.world.client.remove(SUBMISSIONS, SPACE, data.draw(st.sampled_from(names)))
        self._go_on()

    # --- the organiser ----------------------------------------------------------------------------

    @rule(name=st.sampled_from(["small", "other"]), changes=st.sampled_from(COMPETITION_EDITS))
    def edit_competition(self, name: str, changes: dict[str, Any]) -> None:
        if (COMPETITIONS.plural, SPACE, name) in self.world.client.objects:
            self.world.edit(COMPETITIONS, name, changes)
        self._go_on()

    @rule(changes=st.sampled_from(SUBNET_EDITS))
    def edit_subnet(self, changes: dict[str, Any]) -> None:
        if self.world.all(SUBNETS):
            self.world.edit(SUBNETS, "main", changes)
        self._go_on()

    @rule(what=st.sampled_from([(COMPETITIONS, "small"), (COMPETITIONS, "other"), (SUBNETS, "main")]))
    def delete_or_create(self, what: tuple[Resource, str]) -> None:
        resource, name = what
        changes: dict[str, Any] = {"spec/weights/everyBlocks": 10}
        if resource is COMPETITIONS:
            changes = {"spec/rounds/everyBlocks": EVERY, "spec/rounds/deadlineBlocks": 40}
        if (resource.plural, SPACE, name) in self.world.client.objects:
            self.world.client.remove(resource, SPACE, name)
        else:
            self._run(self.world.create(resource, resource.kind, name, changes))
        self._go_on()

    @precondition(lambda self: self.world.all(ROUNDS))
    @rule(data=st.data())
    def delete_a_round(self, data: st.DataObject) -> None:
        self.rounds_deleted = True
        names = [raw["metadata"]["name"] for raw in self.world.all(ROUNDS)]
        self.world.client.remove(ROUNDS, SPACE, data.draw(st.sampled_from(names)))
        self._go_on()

    # --- the cluster ------------------------------------------------------------------------------

    @rule(steps=st.sampled_from([2, 4, 10, 20]))
    def wait(self, steps: int) -> None:
        self._go_on(steps)

    @rule(days=st.sampled_from([1, 30]))
    def sleep_long(self, days: int) -> None:
        """Nobody was there, and then everything is late."""
        self.world.now += timedelta(days=days)
        self._go_on()

    @rule(purpose=st.sampled_from([Purpose.PREPARE, Purpose.PROBE]), ending=st.sampled_from(FAILURES[:-1]))
    def break_helpers(self, purpose: Purpose, ending: Ending) -> None:
        for raw in (*self.world.all(COMPETITIONS), *self.world.all(ROUNDS)):
            self.world.endings[purpose, raw["metadata"]["uid"]] = [ending]

    @rule(purpose=st.sampled_from(list(Purpose)))
    def hang_or_go_on(self, purpose: Purpose) -> None:
        self.world.stuck ^= {purpose}

    @rule()
    def lose_jobs(self) -> None:
        for raw in self.world.all(JOBS):
            self.world.client.remove(JOBS, SPACE, raw["metadata"]["name"])
        self._go_on()

    @rule(calls=st.integers(1, 9), reaches=st.booleans())
    def lose_a_call(self, calls: int, *, reaches: bool) -> None:
        self.world.client.lost_at = len(self.world.client.calls) + calls
        self.world.client.reaches = reaches

    @rule()
    def restart(self) -> None:
        self.world.start()
        self._go_on()

    @precondition(lambda self: self.world.all(SUBNETS) and not self.rounds_deleted)
    @rule(what=st.sampled_from([(COMPETITIONS, "small"), (COMPETITIONS, "other"), (SUBNETS, "main")]))
    def lose_a_status(self, what: tuple[Resource, str]) -> None:
        """What is said of what organisers made follows from other objects, but for what a probe has found."""
        resource, name = what
        if (resource.plural, SPACE, name) not in self.world.client.objects:
            return
        self._go_on(0)
        raw = self.world.client.objects[resource.plural, SPACE, name]
        probed = {"isolation": raw["status"]["isolation"]} if "isolation" in raw["status"] else {}
        self.world.client.hold(resource, {**raw, "status": probed})
        self._go_on(0)
        found = timeless(self.world.client.objects[resource.plural, SPACE, name]["status"])
        expected = timeless(raw["status"])
        different = {key for key in {*found, *expected} if found.get(key) != expected.get(key)}
        assert not different, [(key, found.get(key), expected.get(key)) for key in sorted(different)]

    # --- what holds -------------------------------------------------------------------------------

    @invariant()
    def a_process_that_knows_nothing_has_nothing_to_say(self) -> None:
        if not hasattr(self, "world"):
            return
        before = self.world.statuses()
        self.world.start()
        self.world.client.lost_at = -1
        calls = len(self.world.client.calls)
        self._go_on(0)
        assert self.world.client.calls[calls:] == []
        assert self.world.statuses() == before

    @invariant()
    def every_round_ends_in_time(self) -> None:
        if not hasattr(self, "world"):
            return
        running = [raw for raw in self.world.all(ROUNDS) if raw["status"]["phase"] not in TERMINAL]
        owners = [raw["spec"]["competition"]["uid"] for raw in running]
        assert len(owners) == len(set(owners))
        late = self.world.now - timedelta(seconds=12)
        assert all(raw["spec"]["deadlineTime"] > f"{late:%Y-%m-%dT%H:%M:%SZ}" for raw in running)

    @invariant()
    def nothing_is_left_of_what_is_gone(self) -> None:
        if not hasattr(self, "world"):
            return
        uids = {raw["metadata"]["uid"] for raw in self.world.client.objects.values()}
        for resource in (JOBS, ROUNDS, CONFIG_MAPS):
            for raw in self.world.all(resource):
                assert {one["uid"] for one in raw["metadata"]["ownerReferences"]} & uids

    @invariant()
    def everybody_is_told(self) -> None:
        if not hasattr(self, "world"):
            return
        for resource in (COMPETITIONS, SUBNETS, SUBMISSIONS, ROUNDS, WEIGHT_UPDATES):
            for raw in self.world.all(resource):
                assert raw["status"]["phase" if resource is not SUBNETS else "conditions"]

    @invariant()
    def what_the_operator_makes_follows_from_averages(self) -> None:
        if not hasattr(self, "world"):
            return
        for raw in self.world.all(WEIGHT_UPDATES):
            said = [one["message"] for one in raw["status"]["conditions"]]
            assert not [text for text in said if "does not follow from its average" in text]

    @invariant()
    def an_epoch_is_paid_once(self) -> None:
        if not hasattr(self, "world"):
            return
        epochs = [
            (raw["spec"]["subnet"]["uid"], raw["spec"]["epoch"]["startBlock"])
            for raw in self.world.all(WEIGHT_UPDATES)
        ]
        assert len(epochs) == len(set(epochs))


@pytest.mark.parametrize("changes", [*COMPETITION_EDITS, *SUBNET_EDITS], ids=str)
def test_every_edit_alone_is_one_that_the_schema_takes(changes: dict[str, Any]) -> None:
    resource = SUBNETS if changes in SUBNET_EDITS else COMPETITIONS
    MODELS[resource].model_validate(changed(valid(resource.kind), {"metadata/name": "x", **changes}.items()))


StoredStory.TestCase.settings = settings(
    max_examples=30, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestStoredStory = StoredStory.TestCase
