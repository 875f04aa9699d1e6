"""Valid objects of core, to be changed by tests, and the ways in which Jobs end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from podium.core.clock import LedgerClock
from podium.core.faults import Failure, Fault
from podium.core.jobs import Ending, FetchedModel
from podium.core.kinds import (
    Competition,
    Normalization,
    PreparedTask,
    RoundTask,
    Samples,
    Submission,
    Subnet,
    TaskEntry,
    TaskScore,
)
from podium.core.ranking import Epsilon, Selection

__all__ = [
    "EVERY",
    "GENESIS",
    "a_competition",
    "a_submission",
    "a_subnet",
    "failed",
    "fetched",
    "ledger_moment",
    "prepared",
    "scored",
]

GENESIS = datetime(2026, 1, 1, tzinfo=UTC)
BLOCK = timedelta(seconds=12)
EVERY = 100


def ledger_moment(block: int) -> datetime:
    """When a block of the ledger of these worlds begins."""
    return GENESIS + block * BLOCK


def a_subnet(**changes: object) -> Subnet:
    """A ledger with blocks of 12 s from `GENESIS` on."""
    subnet = Subnet(
        name="main",
        uid="subnet-uid",
        namespace="games",
        generation=1,
        clock=LedgerClock(GENESIS, 0, 12),
        target_digest="target",
        schedule=(),
        every_blocks=360,
        burn_percent=0,
        mode="Set",
        when_nobody_earned="KeepLast",
    )
    return replace(subnet, **changes)  # type: ignore[arg-type]  # names and types are the caller's concern


def a_competition(**changes: object) -> Competition:
    """One task, a round every 100 blocks, the winner takes all."""
    task = RoundTask("sorting", Fraction(1), Normalization())
    competition = Competition(
        name="small",
        uid="competition-uid",
        namespace="games",
        generation=1,
        created=GENESIS,
        subnet="main",
        competition_id=1,
        suspended=False,
        constraints_digest="constraints-1",
        evaluator_digest="evaluator-1",
        task_schedule=(TaskEntry(0, (task,)),),
        every_blocks=EVERY,
        sync_offset_block=0,
        submission_delay_blocks=0,
        keep_top=2,
        max_contenders=8,
        deadline_blocks=EVERY,
        when_leader_missing="Postpone",
        when_task_unavailable="Postpone",
        history_limit=3,
        epsilon=Epsilon("LinearDecay", Fraction(1, 20), Fraction(1, 100), 1000),
        selection=Selection("WinnerTakesAll"),
        alpha=Fraction(9, 10),
        threshold=Fraction(18, 100),
        max_parallel=2,
        max_attempts=3,
        pending_seconds=600,
        isolation="Required",
    )
    return replace(competition, **changes)  # type: ignore[arg-type]  # as above


def a_submission(name: str, block: int = 0, **changes: object) -> Submission:
    """A submission that was created at the start of `block` by a hotkey of its own."""
    submission = Submission(
        name=name,
        uid=f"uid-{name}",
        namespace="games",
        generation=1,
        created=ledger_moment(block),
        competition="small",
        hotkey=f"hotkey-{name}",
    )
    return replace(submission, **changes)  # type: ignore[arg-type]  # as above


def failed(
    fault: Fault = Fault.INFRASTRUCTURE, reason: str = "NodeLost", *, retriable: bool | None = None
) -> Ending:
    """How a Job ends that has no result."""
    retriable = fault is Fault.INFRASTRUCTURE if retriable is None else retriable
    return Ending(Failure(fault, reason, "as scripted", retriable, GENESIS), seconds=1)


def fetched(content: str) -> Ending:
    """How a fetch ends that stored a model."""
    return Ending(fetched=FetchedModel(f"sha256:{content}", f"tensors:{content}", 1000, 500, "Llama"))


def prepared(tasks: Iterable[RoundTask]) -> Ending:
    """How a prepare Job ends that wrote samples."""
    lines = tuple(PreparedTask(task.name, 10, 0, None, f"sha256:{task.name}") for task in tasks)
    return Ending(samples=Samples("sha256:samples", lines))


def scored(*scores: str, tasks: tuple[str, ...] = ("sorting",), gpu: str = "A") -> Ending:
    """How an evaluation ends that has a score of each task."""
    return Ending(
        task_scores=tuple(TaskScore(task, score) for task, score in zip(tasks, scores, strict=True)),
        evidence="line",
        evidence_digest=f"sha256:{'-'.join(scores)}",
        environment=(("gpu", gpu),),
        seconds=7,
    )
