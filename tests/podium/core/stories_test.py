"""Any story of submissions, pods and edits, told twice: undisturbed, and with the operator dying."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from podium.core.faults import Fault
from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Competition
from tests.podium.core.objects import a_competition, a_submission, failed, fetched, scored
from tests.podium.core.worlds import World

_NAMES = ("alice", "bob", "carol", "dave")
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
    edit: dict[str, str]

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

    preparations = st.lists(st.sampled_from([failed(), None]), max_size=1)
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
                [{}, {"constraints_digest": "constraints-2"}, {"evaluator_digest": "evaluator-2"}]
            )
        ),
    )


@settings(max_examples=20)
@given(_stories(), st.frozensets(st.integers(1, 200), max_size=12))
def test_it_ends_the_same_however_often_the_operator_dies(story: Story, kills: frozenset[int]) -> None:
    undisturbed = story.told()
    assert story.told(kills).outcome() == undisturbed.outcome()
    assert story.told(frozenset(range(1, 10_000))).outcome() == undisturbed.outcome()


@settings(max_examples=20)
@given(_stories())
def test_rounds_end_pods_are_bounded_and_nothing_is_left(story: Story) -> None:
    world = story.told()
    assert all(one.status.phase.terminal for one in world.rounds.values() if one.block < 500)
    assert world.most_running <= world.competition.max_parallel
    live = {one.uid for one in world.rounds.values() if not one.status.phase.terminal}
    assert {job.round_uid for job in world.jobs.values() if job.round_uid is not None} <= live
    finished = [one for one in world.rounds.values() if one.status.phase.terminal]
    assert len(finished) <= world.competition.history_limit
