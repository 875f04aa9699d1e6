"""Pods are quoted in bounded room, whatever they say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from podium.core.faults import Cause, Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import TaskScore
from podium.core.quoting import quoted_cause, quoted_scores
from tests.podium.core.objects import a_submission, failed, scored
from tests.podium.core.worlds import World

_SAID = 1024 * "<"


def _scores(silent: int) -> tuple[TaskScore, ...]:
    without = [TaskScore(f"task-{number}", None, "DegenerateOutput", _SAID) for number in range(silent)]
    return (*without, TaskScore("sorting", "0.5"))


def test_a_failure_keeps_the_begin_of_its_message() -> None:
    assert quoted_cause(Cause(Fault.SUBMISSION, "Broken", _SAID)).message == 512 * "<"
    assert quoted_cause(Cause(Fault.SUBMISSION, "Broken", "short")).message == "short"


@pytest.mark.parametrize(("silent", "kept"), [(0, 0), (1, 512), (2, 256), (18, 28)])
def test_tasks_without_a_score_share_one_contenders_room(silent: int, kept: int) -> None:
    found = quoted_scores(_scores(silent))
    assert [len(one.message) for one in found] == [*silent * [kept], 0]
    assert [replace(one, message="") for one in found] == [
        replace(one, message="") for one in _scores(silent)
    ]


def test_rounds_keep_no_more_than_that() -> None:
    world = World()
    world.add(a_submission("alice", 1), a_submission("bob", 1), a_submission("carol", 1))
    failure = failed(Fault.SUBMISSION, "Broken").failure
    assert failure is not None
    world.script[Purpose.EVALUATE, "alice"] = [Ending(replace(failure, message=_SAID))]
    alone = (TaskScore("sorting", None, "DegenerateOutput", _SAID),)
    world.script[Purpose.EVALUATE, "bob"] = [replace(scored("1"), task_scores=alone)]
    world.run_to(190)
    alice, bob, _ = world.round(100).status.results
    assert [one.cause is not None and len(one.cause.message) for one in (alice, bob)] == [512, 512]
    assert [len(one.message) for one in bob.task_scores] == [512]
