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
from podium.core.evidence import Evidence, TaskSamples
from podium.core.jobs import Ending, Job, Purpose
from podium.core.kinds import Competition, Contender, Round, Submission, Subnet
from podium.core.memo import Memo
from podium.core.reference import REFERENCE
from podium.core.tasks import active_tasks
from podium.core.world import CompetitionWorld
from tests.podium.core.objects import (
    GENESIS,
    a_competition,
    a_subnet,
    fetched,
    ledger_moment,
    prepared,
    scored,
)

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
    removing: dict[str, tuple[str, ...]] = field(default_factory=dict)

    # --- what tests ask for -------------------------------------------------------------------

    def add(self, *submissions: Submission) -> None:
        """Submissions as their participants created them."""
        self.submissions.update({one.uid: one for one in submissions})

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

    # --- what plans ask for -------------------------------------------------------------------

    def apply(self, action: act.Action) -> bool:
        """One write, as the API server would carry it out; whether it changed anything."""
        if isinstance(action, act.StoreEvidence) and action.name in self.evidence:
            return False
        self.applied.append(action)
        match action:
            case act.StoreEvidence():
                self.evidence[action.name] = action.digest
                told = self.samples.get(action.submission)
                if told is not None:
                    ids = tuple(str(number) for number in range(len(told)))
                    task = TaskSamples("sorting", told, (1,) * len(told), ids)
                    self.held[action.name] = Evidence(action.digest, tasks=(task,))
            case act.CreateRound():
                self._create_round(action)
            case act.DeleteRound():
                self.rounds.pop(action.uid)
            case act.DeleteJob():
                if self.jobs.pop(action.name, None) is None:
                    raise AssertionError(f"{action.name} was deleted twice")
            case (
                act.CreateProbeJob()
                | act.CreateFetchJob()
                | act.CreateReferenceFetchJob()
                | act.CreatePrepareJob()
                | act.CreateEvaluateJob()
            ):
                self._create_job(action)
            case _:
                self._set_status(action)
        return True

    def _set_status(self, action: act.Action) -> None:
        match action:
            case act.SetSubmissionStatus():
                if action.uid in self.submissions:
                    changed = replace(self.submissions[action.uid], status=action.status)
                    self.submissions[action.uid] = changed
            case act.SetRoundStatus():
                if self.rounds[action.uid].status.phase.terminal:
                    raise AssertionError(f"round {action.name} is over and was written again")
                self.rounds[action.uid] = replace(self.rounds[action.uid], status=action.status)
            case act.SetCompetitionStatus():
                self.competition = replace(self.competition, status=action.status)
            case _:
                raise AssertionError(f"no competition asks for {action}")

    def _create_round(self, action: act.CreateRound) -> None:
        comp = self.competition
        tasks = active_tasks(comp.task_schedule, action.tasks_start_block)
        if tasks is None or any(one.name == action.name for one in self.rounds.values()):
            raise AssertionError(f"round {action.name} cannot be created")
        self.opened[action.name] += 1
        uid = "-".join(["uid", action.name, *["again"] * (self.opened[action.name] - 1)])
        self.rounds[uid] = Round(
            name=action.name,
            uid=uid,
            namespace=comp.namespace,
            created=self.now,
            competition=comp.name,
            competition_uid=comp.uid,
            block=action.block,
            deadline_block=action.deadline_block,
            deadline_time=action.deadline_time,
            seed=action.seed,
            tasks=tasks.tasks,
            tasks_digest=tasks.digest or f"tasks-{tasks.start_block}",
            epsilon=comp.epsilon,
            selection=comp.selection,
            alpha=comp.alpha,
            max_parallel=comp.max_parallel,
            max_attempts=comp.max_attempts,
            pending_seconds=comp.pending_seconds,
            previous_average=action.previous_average,
            postponements=action.postponements,
            task_postponements=action.task_postponements,
            when_leader_missing=comp.when_leader_missing,
            when_task_unavailable=comp.when_task_unavailable,
            contenders=action.contenders,
            clone_filter=self.clone_filter,
            dethrone=self.dethrone,
            audit=self.audit,
            evaluator_image=comp.evaluator_image,
            reference=Contender(REFERENCE, comp.uid, "", 0, action.reference_digest)
            if comp.reference_digest is not None
            else None,
        )

    def _create_job(self, action: act.JobCreation) -> None:
        if action.name in self.jobs or (self.names_once and action.name in self.ordinals):
            raise AssertionError(f"the name {action.name} is used twice")
        match action:
            case act.CreateProbeJob():
                purpose, subject, round_uid = Purpose.PROBE, self.competition.uid, None
            case act.CreateReferenceFetchJob():
                purpose, subject, round_uid = Purpose.FETCH, self.competition.uid, None
            case act.CreateFetchJob():
                purpose, subject, round_uid = Purpose.FETCH, action.submission_uid, None
                self.removing[action.name] = action.evict
                self.removed |= set(action.evict)
            case act.CreatePrepareJob():
                purpose, subject, round_uid = Purpose.PREPARE, action.round_uid, action.round_uid
            case act.CreateEvaluateJob():
                purpose, subject, round_uid = Purpose.EVALUATE, action.submission_uid, action.round_uid
                assert action.manifest_digest not in self.removed, f"{action.name} has no model"
        name = subject.removeprefix("uid-")
        self.created[purpose, name] += 1
        self.ordinals[action.name] = self.created[purpose, name]
        self.jobs[action.name] = Job(
            name=action.name,
            uid=f"uid-{action.name}",
            purpose=purpose,
            subject_uid=subject,
            round_uid=round_uid,
            attempt=action.attempt,
            created=self.now,
            evicts=action.evict if isinstance(action, act.CreateFetchJob) else (),
        )
        running = [
            job for job in self.jobs.values() if job.purpose is Purpose.EVALUATE and job.ending is None
        ]
        self.most_running = max(self.most_running, len(running))

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
