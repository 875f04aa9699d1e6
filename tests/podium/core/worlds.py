"""A competition's world in memory: it does what plans ask for, ends Jobs by a script, moves the clock.

What the API server, the scheduler and the pods do to a competition, without any of them: tests
run whole rounds through `decide` in a millisecond, and kill the operator between any two writes.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Literal

from podium.core import plan as act
from podium.core.competition import decide
from podium.core.conditions import find_condition
from podium.core.evidence import Evidence
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import Competition, Result, Round, Submission, Subnet
from podium.core.memo import Memo
from podium.core.world import CompetitionWorld
from tests.podium.core.objects import (
    BLOCK,
    GENESIS,
    a_competition,
    a_subnet,
    fetched,
    ledger_moment,
    prepared,
    scored,
)
from tests.podium.core.writes import carry_out

__all__ = ["JOB_SECONDS", "World"]

JOB_SECONDS = 30
_MOST_PASSES = 60


@dataclass
class World:
    """Everything that a competition's pass sees, and what happens to it.

    Attributes:
        script: Overrides how Jobs end; None is the good end of the purpose.
        scores: What submissions score, by name; 1 when they are not named.
        samples: Scores of the samples of submissions' only task, by name: what their evidence holds.
        contents: What submissions consist of, by name; their own name when they are not named.
        stuck: Jobs (by purpose and subject) that never start.
        killed_after: The operator dies right after these writes, counted from 1 over its life.
        applied: Every action that was carried out.
        names_once: Nothing makes the operator create a Job anew under a name.
        forgets: Every decision is also made without the memory of the one before.
        removed: Digests of models that the store no longer has; of what a fetch removes nobody knows when.
        stored: When models came into the store, by digest.
        most_running: The largest number of evaluate Jobs that had not ended at one moment.
    """

    competition: Competition = field(default_factory=a_competition)
    subnet: Subnet | None = field(default_factory=a_subnet)
    paid_elsewhere: frozenset[str] = frozenset()
    submissions: dict[str, Submission] = field(default_factory=dict)
    rounds: dict[str, Round] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    evidence: dict[str, str] = field(default_factory=dict)
    now: datetime = GENESIS
    same_id: tuple[str, ...] = ()
    unreadable_rounds: tuple[str, ...] = ()
    unreadable_submissions: int = 0
    registered: dict[str, int] | None = None
    block_hash: str | None = None
    script: dict[tuple[Purpose, str], list[Ending | None]] = field(default_factory=dict)
    scores: dict[str, str] = field(default_factory=dict)
    contents: dict[str, str] = field(default_factory=dict)
    stuck: set[tuple[Purpose, str]] = field(default_factory=set)
    killed_after: frozenset[int] = frozenset()
    applied: list[act.Action] = field(default_factory=list)
    most_running: int = 0
    memo: Memo = field(default_factory=Memo)
    forgets: bool = True
    names_once: bool = True
    clone_filter: bool = False
    audit: bool = False
    dethrone: Literal["Score", "Significant"] = "Score"
    samples: dict[str, tuple[float, ...]] = field(default_factory=dict)
    held: dict[str, Evidence] = field(default_factory=dict)
    created: Counter[tuple[Purpose, str]] = field(default_factory=Counter)
    opened: Counter[str] = field(default_factory=Counter)
    ordinals: dict[str, int] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    stored: dict[str, datetime] = field(default_factory=dict)
    removing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    # --- what tests ask for -------------------------------------------------------------------

    def add(self, *submissions: Submission) -> None:
        """Submissions as their participants created them."""
        self.submissions.update({one.uid: one for one in submissions})

    @property
    def block(self) -> int:
        """Of the ledger, at this moment."""
        return int((self.now - GENESIS).total_seconds()) // int(BLOCK.total_seconds())

    def seen(self) -> CompetitionWorld:
        """The world of a pass that starts now."""
        return CompetitionWorld(
            paid_elsewhere=self.paid_elsewhere,
            competition=self.competition,
            subnet=self.subnet,
            same_id=self.same_id,
            submissions=tuple(self.submissions.values()),
            rounds=tuple(self.rounds.values()),
            jobs=dict(self.jobs),
            now=self.now,
            entropy=b"\x07" * 32,
            unreadable_rounds=self.unreadable_rounds,
            unreadable_submissions=self.unreadable_submissions,
            registered=self.registered,
            block_hash=self.block_hash,
        )

    def settle(self) -> datetime | None:
        """Passes until there is nothing left to do; each may be cut by a kill. When to look again."""
        for _ in range(_MOST_PASSES):
            seen = self.seen()
            plan = decide(seen, self.memo)
            if self.forgets:
                assert plan == decide(seen), "what is remembered changes nothing"
            if plan.evidence:
                plan = decide(replace(seen, evidence=self._held(plan.evidence)), plan.memo)
            self.memo = plan.memo
            if not plan.actions:
                return plan.wake_at
            for action in plan.actions:
                if self.apply(action) and len(self.applied) in self.killed_after:
                    break
        raise AssertionError(f"still not settled after {_MOST_PASSES} passes: {self.applied[-8:]}")

    def _held(self, names: tuple[str, ...]) -> dict[str, Evidence]:
        """Evidence as it is read back; nothing was kept of those whose samples no test tells."""
        return {name: self.held.get(name, Evidence("", unreadable="not told")) for name in names}

    def run_to(self, block: int) -> None:
        """Lets time pass until a block begins: Jobs end, and the operator wakes when it asked to."""
        end = ledger_moment(block)
        wake = self.settle()
        while self.now < end:
            moments = [self._ends_at(job) for job in self.jobs.values() if self._may_end(job)]
            if wake is not None and wake <= self.now:
                raise AssertionError(f"a settled world asks to be looked at again at once: {wake}")
            self.now = min([end, *moments, *([wake] if wake is not None else [])])
            for job in list(self.jobs.values()):
                self._live(job)
            wake = self.settle()

    def delete(self, name: str) -> None:
        """A submission as its participant deletes it."""
        self.submissions = {uid: one for uid, one in self.submissions.items() if one.name != name}

    def submission(self, name: str) -> Submission:
        """The submission of this name."""
        return next(one for one in self.submissions.values() if one.name == name)

    def round(self, block: int) -> Round:
        """The round of this sync block."""
        return next(one for one in self.rounds.values() if one.block == block)

    def results(self, block: int = 100) -> dict[str, Result]:
        """The results of a round by submission."""
        return {one.submission: one for one in self.round(block).status.results}

    def ended(self, block: int) -> str:
        """The reason with which a round ended."""
        condition = find_condition(self.round(block).status.conditions, "Complete")
        assert condition is not None
        return condition.reason

    def outcome(self) -> object:
        """What everybody would agree on: rankings, averages, and what submissions are told."""
        rounds = {
            one.block: (
                one.status.phase,
                one.status.ranking,
                one.status.moving_average,
                one.status.results,
                one.contenders,
            )
            for one in self.rounds.values()
        }
        told = {
            one.name: (
                one.status.phase,
                one.status.place,
                one.status.units,
                one.status.evaluations,
                one.status.duplicate_of,
                one.status.fetch_attempts,
                one.status.fetch_disruptions,
            )
            for one in self.submissions.values()
        }
        status = self.competition.status
        return rounds, told, status.moving_average, status.leader, status.average_round, status.counts

    def apply(self, action: act.Action) -> bool:
        """One write, as the API server would carry it out; whether it changed anything."""
        return carry_out(self, action)

    def fetches(self, name: str) -> list[act.CreateFetchJob]:
        """All fetches of a submission that were started."""
        return [one for one in self.applied if isinstance(one, act.CreateFetchJob) and one.submission == name]

    def evaluations(self) -> list[act.CreateEvaluateJob]:
        """All evaluations that were started."""
        return [one for one in self.applied if isinstance(one, act.CreateEvaluateJob)]

    def reason(self, name: str, kind: str = "Accepted") -> str:
        """The reason that a condition of a submission gives."""
        conditions = self.submission(name).status.conditions
        return next(one.reason for one in conditions if one.type == kind)

    # --- what pods do -------------------------------------------------------------------------

    def _subject(self, job: Job) -> str:
        return job.subject_uid.removeprefix("uid-")

    def _may_end(self, job: Job) -> bool:
        return job.ending is None and (job.purpose, self._subject(job)) not in self.stuck

    def _ends_at(self, job: Job) -> datetime:
        if self._ending(job) is None:
            return datetime.max.replace(tzinfo=UTC)
        return job.created + timedelta(seconds=JOB_SECONDS)

    def _live(self, job: Job) -> None:
        if not self._may_end(job):
            return
        self.jobs[job.name] = replace(job, started=job.started or self.now)
        if self.now >= self._ends_at(job):
            ending = self._ending(job)
            self.removed |= set(self.removing.get(job.name, ()))
            if ending is not None and ending.fetched is not None:
                self.removed.discard(ending.fetched.manifest_digest)
                self.stored[ending.fetched.manifest_digest] = self.now
            self.jobs[job.name] = replace(self.jobs[job.name], ending=ending)

    def _ending(self, job: Job) -> Ending | None:
        subject = self._subject(job)
        scripted = self.script.get((job.purpose, subject), [])
        ordinal = self.ordinals[job.name] - 1
        if ordinal < len(scripted):
            return scripted[ordinal]
        return self.good_ending(job)

    def good_ending(self, job: Job) -> Ending:
        """How a Job ends when all is well."""
        subject = self._subject(job)
        match job.purpose:
            case Purpose.PROBE:
                return Ending()
            case Purpose.FETCH:
                return fetched(self.contents.get(subject, subject))
            case Purpose.PREPARE:
                return prepared(self.rounds[job.subject_uid].tasks)
            case Purpose.EVALUATE:
                samples = self.rounds[str(job.round_uid)].status.samples
                tasks = tuple(sorted(samples.prepared)) if samples is not None else ()
                return scored(*len(tasks) * [self.scores.get(subject, "1.0")], tasks=tasks)
