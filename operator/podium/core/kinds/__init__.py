"""What decisions are made from: the parts of the stored objects that decisions read and write.

`podium.api` turns what the cluster stores into these and back.
"""

from podium.core.kinds.competition import (
    Competition,
    CompetitionStatus,
    IsolationVerdict,
    Leader,
    Normalization,
    ReferenceStatus,
    RoundTask,
    SubmissionCounts,
    TaskEntry,
)
from podium.core.kinds.round import (
    Comparison,
    Contender,
    Environment,
    Outcome,
    PreparedTask,
    RankedLine,
    Result,
    Round,
    RoundPhase,
    RoundStatus,
    Samples,
    SamplesWindow,
    TaskScore,
    Verdict,
)
from podium.core.kinds.submission import Evaluation, Similar, Submission, SubmissionStatus
from podium.core.kinds.subnet import (
    Subnet,
    SubnetStatus,
    UpdatePhase,
    WeightInput,
    WeightUpdate,
    WeightUpdateStatus,
)

__all__ = [
    "Comparison",
    "Competition",
    "CompetitionStatus",
    "Contender",
    "Environment",
    "Evaluation",
    "IsolationVerdict",
    "Leader",
    "Normalization",
    "Outcome",
    "PreparedTask",
    "RankedLine",
    "ReferenceStatus",
    "Result",
    "Round",
    "RoundPhase",
    "RoundStatus",
    "RoundTask",
    "Samples",
    "SamplesWindow",
    "Similar",
    "Submission",
    "SubmissionCounts",
    "SubmissionStatus",
    "Subnet",
    "SubnetStatus",
    "TaskEntry",
    "TaskScore",
    "UpdatePhase",
    "Verdict",
    "WeightInput",
    "WeightUpdate",
    "WeightUpdateStatus",
]
