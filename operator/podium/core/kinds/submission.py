"""A submission: one model of one hotkey, and what has become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from podium.core.conditions import Condition
from podium.core.faults import Failure

__all__ = ["Evaluation", "Submission", "SubmissionStatus"]


@dataclass(frozen=True)
class Evaluation:
    """One line of a submission's history.

    Attributes:
        winner_commit_block: Of the round's first; its age decides how far its advantage has decayed.
    """

    round: str
    block: int
    outcome: str
    score: str | None
    winner_score: str | None
    tasks_digest: str
    winner_commit_block: int | None = None
    evaluator_image: str = ""


@dataclass(frozen=True)
class Similar:
    """The earlier model whose tensors are most alike.

    Attributes:
        equal: Slots of the sketches that agree.
        of: Slots that say anything.
    """

    submission: str
    equal: int
    of: int


@dataclass(frozen=True)
class SubmissionStatus:
    """Everything that the operator writes on a ModelSubmission.

    Attributes:
        fetch_attempts: Fetches that ended by the submission's fault and may be repeated.
        fetch_disruptions: Fetches that ended by nobody's fault.
        fetch_block: When the last fetch ended.
        evicted_block: When its bytes were given up for others; None while the store has them.
        removed: Whether a fetch has removed them since.
        units: Its hotkey's part of the moving average.
        sketch: By which tensors are compared.
        similar: As of the moment at which it was fetched.
        quarantine: The evaluator image that failed on it while others were scored.
    """

    observed_generation: int = 0
    phase: str = ""
    conditions: tuple[Condition, ...] = ()
    commit_block: int | None = None
    manifest_digest: str | None = None
    tensors_digest: str | None = None
    bytes: int | None = None
    parameters: int | None = None
    architecture: str | None = None
    chat_template: str | None = None
    hashed_files: tuple[str, ...] = ()
    constraints_digest: str | None = None
    duplicate_of: str | None = None
    fetch_attempts: int = 0
    fetch_disruptions: int = 0
    fetch_block: int | None = None
    evicted_block: int | None = None
    removed: bool = False
    evaluations: tuple[Evaluation, ...] = ()
    score: str | None = None
    place: int | None = None
    units: int | None = None
    failure: Failure | None = None
    quarantine: str | None = None
    sketch: str | None = None
    similar: Similar | None = None


@dataclass(frozen=True)
class Submission:
    """One model of one hotkey at one revision.

    Attributes:
        volume_claim: The claim that holds it, when its source is a volume.
        discovered_block: On a chain, the block of the commitment; counts there only.
    """

    name: str
    uid: str
    namespace: str
    generation: int
    created: datetime
    competition: str
    hotkey: str
    volume_claim: str | None = None
    discovered_block: int | None = None
    status: SubmissionStatus = SubmissionStatus()
