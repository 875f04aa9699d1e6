"""What plans ask to create, and the stored objects that it is created for."""

from datetime import UTC, datetime
from fractions import Fraction

from podium.api.competition import Competition
from podium.api.round import Round
from podium.api.submission import ModelSubmission
from podium.core import plan as act
from podium.core.jobs import StoreSweep
from podium.core.kinds import Contender, SamplesWindow, WeightInput
from podium.core.shares import UNIT, Share
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB, DIGEST

__all__ = [
    "EVALUATE",
    "EVIDENCE",
    "FETCH",
    "OPEN",
    "PREPARE",
    "PROBE",
    "SAMPLES",
    "UPDATE",
    "competition",
    "round_",
    "submission",
]

SAMPLES = "sha256:" + 64 * "5"
_EVALUATOR = {
    "spec/evaluator/runtimeClassName": "gvisor",
    "spec/evaluator/priorityClassName": "low",
    "spec/evaluator/nodeSelector": {"pool": "gpu"},
    "spec/evaluator/tolerations": [{"key": "gpu", "operator": "Exists", "effect": "NoSchedule"}],
}
_METADATA = {
    "metadata/name": "small",
    "metadata/namespace": "games",
    "metadata/uid": "7d9b",
    "metadata/generation": 3,
}

PROBE = act.CreateProbeJob("probe-1", 1)
FETCH = act.CreateFetchJob("fetch-1", "alice-1", "11aa", 2)
PREPARE = act.CreatePrepareJob(
    "prepare-1",
    "small-720",
    "33cc",
    1,
    StoreSweep(datetime(2026, 1, 2, tzinfo=UTC), "5", (DIGEST,), (SAMPLES,)),
)
EVALUATE = act.CreateEvaluateJob("evaluate-1", "small-720", "33cc", "11aa", DIGEST, SAMPLES, 1)
EVIDENCE = act.StoreEvidence("evidence-1", "small-720", "33cc", "alice-1", "H4sI", DIGEST)
OPEN = act.CreateRound(
    name="small-720",
    block=720,
    deadline_block=1020,
    deadline_time=datetime(2026, 1, 4, tzinfo=UTC),
    seed=64 * "d",
    tasks_start_block=0,
    previous_average=(Share(BOB, UNIT),),
    postponements=1,
    task_postponements=2,
    window=SamplesWindow(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)),
    contenders=(
        Contender("alice-1", "11aa", ALICE, 12, DIGEST),
        Contender("bob-1", "22bb", BOB, 13, None),
    ),
)
UPDATE = act.CreateWeightUpdate(
    name="weights-720",
    epoch_start_block=720,
    epoch_end_block=1079,
    valid_until_block=1079,
    weights=(Share(BOB, UNIT * 9 // 10),),
    burn_units=UNIT // 10,
    inputs=(
        WeightInput(
            "small", Fraction(100), "small-360", "33cc", 360, (Share(BOB, UNIT),), (Share(BOB, UNIT),)
        ),
    ),
)


def competition(**changes: object) -> Competition:
    """A competition with every placement setting; changes are paths with `__` for slashes."""
    given = {path.replace("__", "/"): value for path, value in changes.items()}
    raw = changed(valid("Competition"), {**_METADATA, **_EVALUATOR, **given}.items())
    return Competition.model_validate(raw)


def submission(**source: object) -> ModelSubmission:
    """A submission of a repository, or of another source."""
    changes = [("spec/source", source)] if source else []
    return ModelSubmission.model_validate(changed(valid("ModelSubmission"), changes))


def round_(**changes: object) -> Round:
    """A round of that competition."""
    given = {path.replace("__", "/"): value for path, value in changes.items()}
    metadata = {**_METADATA, "metadata/name": "small-720", "metadata/uid": "33cc", "metadata/generation": 1}
    return Round.model_validate(changed(valid("Round"), {**metadata, **_EVALUATOR, **given}.items()))
