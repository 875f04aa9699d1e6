"""How evaluate pods look and how many run."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import MAX_CONTENDERS, Model, ObjectName, Quantity
from podium.api.extensions import Rule, Sentence, ruled

__all__ = ["Evaluator", "Image", "Resources", "Toleration"]

Image = Annotated[
    str,
    StringConstraints(max_length=512, pattern=r"^[a-z0-9][^\s@]*@sha256:[0-9a-f]{64}$"),
    Sentence("must name the image by digest: name@sha256: and 64 hexadecimal digits"),
]
LabelKey = Annotated[str, StringConstraints(min_length=1, max_length=317)]
LabelValue = Annotated[str, StringConstraints(max_length=63)]
Seconds = Annotated[int, Field(ge=1, le=604_800)]


class Resources(Model):
    """What an evaluate container gets and asks for, requests being equal to limits where absent."""

    limits: Annotated[
        dict[str, Quantity],
        Field(min_length=1, max_length=16),
        Rule("'memory' in self && 'cpu' in self", "must limit cpu and memory: a stranger's model runs here"),
    ]
    requests: Annotated[dict[str, Quantity], Field(max_length=16)] = Field(default_factory=dict)


class Toleration(Model):
    """A taint of nodes that evaluate pods may run on."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.operator != 'Exists' || !has(self.value)",
                "operator Exists has no value",
                ".value",
                "FieldValueForbidden",
            ),
            Rule(
                "self.operator == 'Exists' || has(self.key)",
                "operator Equal needs a key",
                ".operator",
                "FieldValueRequired",
            ),
        )
    )

    key: LabelKey | None = None
    operator: Literal["Equal", "Exists"] = "Equal"
    value: LabelValue | None = None
    effect: Literal["NoSchedule", "PreferNoSchedule", "NoExecute"] | None = None
    toleration_seconds: Annotated[int, Field(ge=0, le=604_800)] | None = None


class Evaluator(Model):
    """The image, its resources and limits, and where its pods run."""

    image: Image
    resources: Resources
    timeout_seconds: Annotated[int, Field(ge=1, le=86_400)] = 3600
    """Time that one evaluation may take on its node."""
    pending_seconds: Seconds = 3600
    """Time that a pod may wait for a node; never held against the submission."""
    runtime_class_name: ObjectName | None = None
    node_selector: Annotated[dict[str, LabelValue], Field(max_length=16)] = Field(default_factory=dict)
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=16)] = ()
    queue_name: ObjectName | None = None
    """A LocalQueue of Kueue."""
    priority_class_name: ObjectName | None = None
    max_parallel: Annotated[int, Field(ge=1, le=MAX_CONTENDERS)] = 1
    """Evaluations at a time."""
    max_attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """Evaluations of one contender that may end without a result before it is missing."""
