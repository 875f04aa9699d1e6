"""Any story of submissions, pods and edits, told twice: undisturbed, and with the operator dying."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from podium.core.conditions import find_condition
from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import (
    Competition,
    Normalization,
    PreparedTask,
    RoundPhase,
    RoundStatus,
    RoundTask,
    Samples,
    TaskEntry,
    TaskScore,
)
from podium.core.plan import CreateRound, SetCompetitionStatus, SetRoundStatus
from tests.podium.core.objects import a_competition, a_submission, failed, fetched, scored
from tests.podium.core.worlds import World

_NAMES = ("alice", "bob", "carol", "dave")
_TASKS = (
    RoundTask("sorting", Fraction(1, 4), Normalization()),
    RoundTask("texts", Fraction(3, 4), Normalization("InverseExponential", Fraction(20))),
)
_ALONE = PreparedTask("sorting", 10, 0, None, "sha256:sorting")
_GONE = PreparedTask("texts", 0, 9, None, None, "TooFewSamples", "9 of 50")
_WITHOUT_SCORE = TaskScore("texts", None, "DegenerateOutput", "one token 17 times")
_EVALUATIONS = st.sampled_from(
    [
        None,
        failed(),
        failed(reason="NotIsolated"),
        failed(Fault.SUBMISSION, "Broken"),
        failed(Fault.EVALUATOR, "Bug"),
        Ending(),
        scored("0.5"),
        scored("1.5"),
        scored("0.5", "0.2", tasks=("sorting", "texts")),
        replace(scored("0.5"), task_scores=(TaskScore("sorting", "0.5"), _WITHOUT_SCORE)),
        replace(scored("0.5"), task_scores=(replace(_WITHOUT_SCORE, name="sorting"),)),
    ]
)
_PREPARATIONS = st.sampled_from(
    [
        None,
        failed(),
        failed(reason="HubUnavailable"),
        failed(Fault.ORGANIZER, "TooFewSamples"),
        failed(Fault.EVALUATOR, "Bug"),
        Ending(),
        Ending(samples=Samples("sha256:some", (_ALONE, _GONE))),
        Ending(samples=Samples("sha256:none", (replace(_GONE, name="sorting"), _GONE))),
        Ending(samples=Samples("sha256:other", (_ALONE, _ALONE))),
    ]
)
_FETCHES = st.sampled_from(
    [
        None,
        failed(),
        failed(Fault.SUBMISSION, "TensorsMismatch"),
        failed(Fault.SUBMISSION, "NotYetPublished", retriable=True),
        fetched("a copy"),
    ]
)


@dataclass(frozen=True)
class Story:
    """What happens in a world, whatever the operator does."""

    competition: Competition
    commits: tuple[int, ...]
    script: dict[tuple[Purpose, str], list[Ending | None]]
    scores: dict[str, str]
    changed_at: int
    deleted: str | None
    edit: dict[str, object]

    def told(self, killed_after: frozenset[int] = frozenset()) -> World:
        """The world at the end, six rounds later."""
        world = World(self.competition, killed_after=killed_after, scores=dict(self.scores))
        world.script = {key: list(endings) for key, endings in self.script.items()}
        for name, block in zip(_NAMES, sorted(self.commits), strict=True):
            world.run_to(block)
            world.add(a_submission(name, block))
        world.run_to(self.changed_at)
        if self.deleted is not None:
            world.delete(self.deleted)
        world.competition = replace(world.competition, **self.edit)
        world.run_to(520)
        return world


@st.composite
def _stories(draw: st.DrawFn) -> Story:
    def script(purpose: Purpose, endings: st.SearchStrategy[Ending | None], longest: int) -> dict:
        return {(purpose, name): draw(st.lists(endings, max_size=longest)) for name in _NAMES}

    preparations = st.lists(_PREPARATIONS, max_size=3)
    return Story(
        competition=a_competition(
            keep_top=draw(st.sampled_from([1, 2])),
            max_contenders=draw(st.sampled_from([3, 4])),
            max_parallel=draw(st.sampled_from([1, 2, 3])),
            history_limit=draw(st.sampled_from([1, 2, 9])),
            deadline_blocks=draw(st.sampled_from([40, 100])),
            pending_seconds=draw(st.sampled_from([60, 600])),
            submission_delay_blocks=draw(st.sampled_from([0, 30])),
            isolation=draw(st.sampled_from(["Required", "Preferred"])),
            when_task_unavailable=draw(st.sampled_from(["Postpone", "Renormalize"])),
            task_schedule=(TaskEntry(0, draw(st.sampled_from([_TASKS, _TASKS[:1]]))),),
        ),
        commits=draw(st.tuples(*[st.integers(0, 200)] * len(_NAMES))),
        script=script(Purpose.EVALUATE, _EVALUATIONS, 5)
        | script(Purpose.FETCH, _FETCHES, 2)
        | {(Purpose.PREPARE, f"small-{block}"): draw(preparations) for block in range(0, 500, 100)},
        scores={name: draw(st.sampled_from(["0.1", "0.5", "0.9"])) for name in _NAMES},
        changed_at=draw(st.integers(200, 400)),
        deleted=draw(st.none() | st.sampled_from(_NAMES)),
        edit=draw(
            st.sampled_from(
                [
                    {},
                    {"constraints_digest": "constraints-2"},
                    {"evaluator_digest": "evaluator-2"},
                    {"when_task_unavailable": "Renormalize"},
                    {"when_task_unavailable": "Postpone", "generation": 2},
                    {"task_schedule": (TaskEntry(0, _TASKS[1:]),)},
                ]
            )
        ),
    )


@settings(max_examples=20)
@given(_stories(), st.frozensets(st.integers(1, 200), max_size=12))
def test_it_ends_the_same_however_often_the_operator_dies(story: Story, kills: frozenset[int]) -> None:
    undisturbed = story.told()
    for disturbed in (story.told(kills), story.told(frozenset(range(1, 10_000)))):
        assert disturbed.outcome() == undisturbed.outcome()
        assert disturbed.competition.status.conditions == undisturbed.competition.status.conditions


@settings(max_examples=20)
@given(_stories())
def test_rounds_end_pods_are_bounded_and_nothing_is_left(story: Story) -> None:
    world = story.told()
    assert all(one.status.phase.terminal for one in world.rounds.values() if one.block < 500)
    assert world.most_running <= world.competition.max_parallel
    live = {one.uid for one in world.rounds.values() if not one.status.phase.terminal}
    assert {job.round_uid for job in world.jobs.values() if job.round_uid is not None} <= live
    finished = [one for one in world.rounds.values() if one.status.phase.terminal]
    # The newest completed one stays beyond the limit.
    assert len(finished) <= world.competition.history_limit + 1


@settings(max_examples=20)
@given(_stories())
def test_postponements_are_counted_over_all_rounds_that_there_ever_were(story: Story) -> None:
    ended: list[RoundStatus] = []
    for action in story.told().applied:
        match action:
            case SetRoundStatus() if action.status.phase.terminal:
                ended.append(action.status)
            case CreateRound():
                for_leader, for_tasks = _leader_postponements(ended), _task_postponements(ended)
                assert (action.postponements, action.task_postponements) == (for_leader, for_tasks)
                assert for_leader <= 2


@settings(max_examples=20)
@given(_stories())
def test_what_is_said_of_tasks_does_not_flap(story: Story) -> None:
    said: list[object] = []
    writes = 1
    for action in story.told().applied:
        if isinstance(action, SetRoundStatus):
            writes += 1
        if isinstance(action, SetCompetitionStatus):
            available = find_condition(action.status.conditions, "TasksAvailable")
            assert available is not None
            if said[-1:] != [(available.status, available.message)]:
                said.append((available.status, available.message))
            assert len(said) <= writes


def _leader_postponements(ended: list[RoundStatus]) -> int:
    """Since the last round that counted."""
    counted = [number for number, one in enumerate(ended) if one.phase is RoundPhase.COMPLETED]
    since = ended[counted[-1] + 1 :] if counted else ended
    return sum(_reason(one) == "LeaderMissing" for one in since)


def _task_postponements(ended: list[RoundStatus]) -> int:
    """In an unbroken row."""
    others = [number for number, one in enumerate(ended) if _reason(one) != "TaskUnavailable"]
    return len(ended[others[-1] + 1 :]) if others else len(ended)


def _reason(status: RoundStatus) -> str:
    condition = find_condition(status.conditions, "Complete")
    assert condition is not None
    return condition.reason
