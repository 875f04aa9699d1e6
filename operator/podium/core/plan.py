"""What a decision asks for: small actions in stages, and when to look again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from podium.core.discovery import Found
from podium.core.jobs import StoreSweep
from podium.core.kinds import (
    CompetitionStatus,
    Contender,
    RoundStatus,
    SamplesWindow,
    SubmissionStatus,
    SubnetStatus,
    WeightInput,
    WeightUpdateStatus,
)
from podium.core.memo import Memo
from podium.core.shares import Share

__all__ = [
    "Action",
    "CreateEvaluateJob",
    "CreateFetchJob",
    "CreatePrepareJob",
    "CreateProbeJob",
    "CreateReferenceFetchJob",
    "CreateRound",
    "CreateSubmission",
    "CreateWeightUpdate",
    "Creation",
    "DeleteJob",
    "DeleteRound",
    "JobCreation",
    "Plan",
    "ReportCommitments",
    "SetCompetitionStatus",
    "SetRoundStatus",
    "SetStatus",
    "SetSubmissionStatus",
    "SetSubnetStatus",
    "SetUpdateStatus",
    "StoreEvidence",
    "in_stages",
]


@dataclass(frozen=True)
class CreateProbeJob:
    """Start the isolation probe of a competition's evaluator settings."""

    name: str
    attempt: int


@dataclass(frozen=True)
class CreateFetchJob:
    """Copy a submission into the store.

    Attributes:
        evict: Manifest digests of models that are removed first.
    """

    name: str
    submission: str
    submission_uid: str
    attempt: int
    evict: tuple[str, ...] = ()


@dataclass(frozen=True)
class CreateReferenceFetchJob:
    """Copy the organiser's own model into the store."""

    name: str
    attempt: int


@dataclass(frozen=True)
class CreatePrepareJob:
    """Draw a round's samples.

    Attributes:
        sweep: What the store keeps; the rest goes before the samples are drawn.
    """

    name: str
    round: str
    round_uid: str
    attempt: int
    sweep: StoreSweep | None = None


@dataclass(frozen=True)
class CreateEvaluateJob:
    """Score one contender of a round."""

    name: str
    round: str
    round_uid: str
    submission_uid: str
    manifest_digest: str
    samples_digest: str
    attempt: int


@dataclass(frozen=True)
class DeleteJob:
    """Remove a Job whose end has been recorded, or which nobody needs any more."""

    name: str
    uid: str


@dataclass(frozen=True)
class CreateRound:
    """Open the round of a sync block; the rest of its spec is copied from the competition.

    Attributes:
        reference_digest: Manifest digest of the organiser's own model.
        block_hash: On a chain, of the sync block.
    """

    name: str
    block: int
    deadline_block: int
    deadline_time: datetime
    seed: str
    tasks_start_block: int
    previous_average: tuple[Share, ...]
    postponements: int
    task_postponements: int
    window: SamplesWindow
    contenders: tuple[Contender, ...]
    reference_digest: str | None = None
    block_hash: str | None = None


@dataclass(frozen=True)
class DeleteRound:
    """Sweep a round beyond the history limit; its evidence goes with it."""

    name: str
    uid: str


@dataclass(frozen=True)
class StoreEvidence:
    """Keep one contender's per-sample scores as an immutable ConfigMap of the round."""

    name: str
    round: str
    round_uid: str
    submission: str
    line: str
    digest: str


@dataclass(frozen=True)
class SetSubmissionStatus:
    """Write a ModelSubmission's status."""

    name: str
    uid: str
    status: SubmissionStatus


@dataclass(frozen=True)
class SetRoundStatus:
    """Write a Round's status."""

    name: str
    uid: str
    status: RoundStatus


@dataclass(frozen=True)
class SetCompetitionStatus:
    """Write a Competition's status."""

    name: str
    uid: str
    status: CompetitionStatus


@dataclass(frozen=True)
class SetSubnetStatus:
    """Write a Subnet's status."""

    name: str
    uid: str
    status: SubnetStatus


@dataclass(frozen=True)
class CreateWeightUpdate:
    """Hand one epoch's weights to the signer."""

    name: str
    epoch_start_block: int
    epoch_end_block: int
    valid_until_block: int
    weights: tuple[Share, ...]
    burn_units: int
    inputs: tuple[WeightInput, ...]


@dataclass(frozen=True)
class CreateSubmission:
    """Record a model that a hotkey has committed to on a chain."""

    found: Found


@dataclass(frozen=True)
class ReportCommitments:
    """Tell what was committed and cannot be a submission, each time once.

    Attributes:
        unusable: A sentence each, by hotkey and block.
    """

    subnet_uid: str
    unusable: Mapping[tuple[str, int], str]


@dataclass(frozen=True)
class SetUpdateStatus:
    """Write a WeightUpdate's status; only the signer does."""

    name: str
    uid: str
    status: WeightUpdateStatus


SetStatus = SetSubmissionStatus | SetRoundStatus | SetCompetitionStatus | SetSubnetStatus | SetUpdateStatus

JobCreation = CreateProbeJob | CreateFetchJob | CreateReferenceFetchJob | CreatePrepareJob | CreateEvaluateJob
Creation = JobCreation | CreateRound | CreateWeightUpdate | CreateSubmission | StoreEvidence
Action = Creation | SetStatus | DeleteJob | DeleteRound | ReportCommitments

_STAGES: tuple[tuple[type, ...], ...] = (
    # Evidence is stored before the result that names it, results before the Jobs that hold them go.
    (StoreEvidence,),
    # What was discovered is recorded before the Subnet says how far it was.
    (CreateSubmission,),
    (SetRoundStatus,),
    (SetSubmissionStatus,),
    (SetCompetitionStatus, SetSubnetStatus, SetUpdateStatus),
    (CreateRound, CreateWeightUpdate),
    (CreateProbeJob, CreateFetchJob, CreateReferenceFetchJob, CreatePrepareJob, CreateEvaluateJob),
    (DeleteJob, DeleteRound),
    (ReportCommitments,),
)


@dataclass(frozen=True)
class Plan:
    """What to do now, and when to decide again if nothing happens before.

    Attributes:
        stages: Actions of one stage are independent; a stage starts when the one before is done.
        evidence: Names of what must be read before the open round can end; decide again with it.
        memo: What the next decision about the same competition need not conclude again.
    """

    stages: tuple[tuple[Action, ...], ...] = ()
    wake_at: datetime | None = None
    evidence: tuple[str, ...] = ()
    memo: Memo = field(default=Memo(), compare=False, repr=False)

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions in order."""
        return tuple(action for stage in self.stages for action in stage)


def in_stages(actions: Sequence[Action], wake_at: datetime | None) -> Plan:
    """A plan whose stages make it safe to die between any two actions."""
    stages = (tuple(action for action in actions if isinstance(action, kinds)) for kinds in _STAGES)
    return Plan(tuple(stage for stage in stages if stage), wake_at)
