"""The five kinds: their names, columns and the fields that `--field-selector` knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from podium.api.base import Resource
from podium.api.competition import COMPETITION_RULES, Competition
from podium.api.extensions import Rule
from podium.api.round import ROUND_RULES, Round
from podium.api.submission import SUBMISSION_RULES, ModelSubmission
from podium.api.subnet import SUBNET_RULES, Subnet
from podium.api.weight_update import WEIGHT_UPDATE_RULES, WeightUpdate

__all__ = ["KINDS", "Column", "Kind"]


@dataclass(frozen=True)
class Column:
    """A column of `kubectl get`.

    Attributes:
        path: JSONPath of the value.
        wide: Shown with `-o wide` only.
    """

    name: str
    path: str
    type: Literal["string", "integer", "date"] = "string"
    wide: bool = False


@dataclass(frozen=True)
class Kind:
    """One kind as the API server is told about it.

    Attributes:
        rules: About the whole object, its name included.
        selectable: Paths that `--field-selector` knows.
    """

    model: type[Resource]
    plural: str
    short_name: str
    rules: tuple[Rule, ...]
    columns: tuple[Column, ...]
    selectable: tuple[str, ...]

    @property
    def name(self) -> str:
        """The kind, as in `kind:`."""
        return self.model.__name__


_AGE: Final = Column("Age", ".metadata.creationTimestamp", "date")


def _reason(condition: str) -> str:
    return f'.status.conditions[?(@.type=="{condition}")].reason'


SUBNET: Final = Kind(
    Subnet,
    "subnets",
    "subnet",
    SUBNET_RULES,
    (
        Column("Netuid", ".spec.bittensor.netuid", "integer"),
        Column("Mode", ".spec.weights.mode"),
        Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
        Column("Reason", _reason("Ready")),
        Column("Last update", ".status.lastWeightUpdate.name", wide=True),
        Column("Epoch", ".status.lastWeightUpdate.epochStartBlock", "integer"),
        Column("Update phase", ".status.lastWeightUpdate.phase"),
        Column("Hotkey", ".spec.bittensor.hotkey", wide=True),
        _AGE,
    ),
    (),
)
COMPETITION: Final = Kind(
    Competition,
    "competitions",
    "comp",
    COMPETITION_RULES,
    (
        Column("Subnet", ".spec.subnet"),
        Column("Phase", ".status.phase"),
        Column("Reason", _reason("Ready"), wide=True),
        Column("Round", ".status.currentRound"),
        Column("Leader", ".status.leader.submission"),
        Column("Score", ".status.summary.score"),
        Column("Submissions", ".status.submissions.total", "integer"),
        Column("Waiting", ".status.submissions.waiting", "integer", wide=True),
        Column("Next block", ".status.nextRoundBlock", "integer"),
        Column("Isolated", '.status.conditions[?(@.type=="Isolated")].status', wide=True),
        _AGE,
    ),
    (".spec.subnet",),
)
MODEL_SUBMISSION: Final = Kind(
    ModelSubmission,
    "modelsubmissions",
    "msub",
    SUBMISSION_RULES,
    (
        Column("Competition", ".spec.competition"),
        Column("Hotkey", ".spec.hotkey", wide=True),
        Column("Phase", ".status.phase"),
        Column("Place", ".status.place", "integer"),
        Column("Score", ".status.summary.score"),
        Column("Share", ".status.summary.share"),
        Column("Reason", ".status.summary.reason"),
        Column("Commit block", ".status.commitBlock", "integer", wide=True),
        Column("Parameters", ".status.parameters", "integer", wide=True),
        _AGE,
    ),
    (".spec.competition", ".spec.hotkey"),
)
ROUND: Final = Kind(
    Round,
    "rounds",
    "round",
    ROUND_RULES,
    (
        Column("Competition", ".spec.competition.name"),
        Column("Block", ".spec.block", "integer"),
        Column("Phase", ".status.phase"),
        Column("Contenders", ".status.summary.contenders", "integer"),
        Column("Evaluated", ".status.summary.evaluated", "integer"),
        Column("Winner", ".status.summary.winner"),
        Column("Deadline", ".spec.deadlineBlock", "integer", wide=True),
        Column("Message", ".status.message", wide=True),
        _AGE,
    ),
    (".spec.competition.name",),
)
WEIGHT_UPDATE: Final = Kind(
    WeightUpdate,
    "weightupdates",
    "wu",
    WEIGHT_UPDATE_RULES,
    (
        Column("Subnet", ".spec.subnet.name"),
        Column("Epoch", ".spec.epoch.startBlock", "integer"),
        Column("Phase", ".status.phase"),
        Column("Top", ".spec.weights[0].hotkey"),
        Column("Share", ".spec.weights[0].share", wide=True),
        Column("Burn", ".spec.burnShare", wide=True),
        Column("Reason", ".status.reason", wide=True),
        _AGE,
    ),
    (".spec.subnet.name",),
)

KINDS: Final = (SUBNET, COMPETITION, MODEL_SUBMISSION, ROUND, WEIGHT_UPDATE)
