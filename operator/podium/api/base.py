"""The base of every stored model and the bounded types that their fields are made of.

Stored numbers are integers; whatever has a fraction is a decimal string, so that no reader rounds
it. Every string and list has an upper bound: the API server estimates the cost of CEL rules from it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, WithJsonSchema
from pydantic.alias_generators import to_camel

from podium.api.extensions import ListMap, Sentence

__all__ = [
    "GROUP",
    "MAX_AVERAGE",
    "MAX_CONTENDERS",
    "VERSION",
    "Block",
    "CamelCase",
    "Count",
    "Decimal",
    "Digest",
    "Fraction",
    "Hotkey",
    "HotkeyShare",
    "Label",
    "Metadata",
    "Model",
    "Name",
    "ObjectName",
    "Quantity",
    "Resource",
    "Revision",
    "RevisionName",
    "Score",
    "Share",
    "Shares",
    "Text",
    "Uid",
    "Word",
]

GROUP: Final = "podium.dev"
VERSION: Final = "v1alpha1"

MAX_CONTENDERS: Final = 128
"""A Round with this many contenders and their results stays well below etcd's limit for an object."""

MAX_AVERAGE: Final = 1024
"""Hotkeys in a moving average; one that is no longer paid takes hundreds of rounds to fade out."""


class Model(BaseModel):
    """camelCase on the wire, immutable, deaf to keys it does not know (the API server prunes them)."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="ignore",
        frozen=True,
        protected_namespaces=(),
        use_attribute_docstrings=True,
    )

    # Any: the JSON of a Kubernetes object.
    def stored(self) -> dict[str, Any]:
        """The model as the API server stores it: camelCase, without absent fields."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)


class Metadata(Model):
    """The parts of an object's metadata that are read."""

    name: str = ""
    namespace: str = ""
    uid: str = ""
    generation: int = 0
    resource_version: str = ""
    creation_timestamp: datetime | None = None
    deletion_timestamp: datetime | None = None
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)


class Resource(Model):
    """An object of one of the five kinds; each adds its `spec` and `status`."""

    metadata: Metadata = Metadata()


# --- names and texts -------------------------------------------------------------------------

_LABEL = StringConstraints(min_length=1, max_length=63, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")
_SUBDOMAIN = StringConstraints(min_length=1, max_length=253, pattern=r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$")

Name = Annotated[str, _LABEL, Sentence("must be 1 to 63 lower-case letters, digits and '-'")]
"""A name that people choose and that becomes part of other names and of labels."""

Label = Annotated[str, _LABEL]
"""The same, written by the operator."""

ObjectName = Annotated[str, _SUBDOMAIN, Sentence("must be the name of an object: a-z, 0-9, '-' and '.'")]
"""The name of an object of another API."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=128)]
CamelCase = Annotated[str, StringConstraints(max_length=64, pattern=r"^[A-Z][A-Za-z0-9]*$")]
Text = Annotated[str, StringConstraints(max_length=1024)]
Uid = Annotated[str, StringConstraints(min_length=1, max_length=64)]
"""metadata.uid of an object: what it is judged by."""

Digest = Annotated[str, StringConstraints(max_length=71, pattern=r"^sha256:[0-9a-f]{64}$")]
Revision = Annotated[
    str,
    StringConstraints(max_length=40, pattern=r"^[0-9a-f]{40}$"),
    Sentence("must be a commit of 40 lower-case hexadecimal digits, not a branch or tag"),
]
RevisionName = Annotated[
    str,
    StringConstraints(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"),
    Sentence("must be a commit of 40 hexadecimal digits, or the name of a branch or tag"),
]
Hotkey = Annotated[str, StringConstraints(max_length=48, pattern=r"^[1-9A-HJ-NP-Za-km-z]{47,48}$")]
"""SS58 address; its checksum is checked by the reader."""

# --- numbers ---------------------------------------------------------------------------------

Block = Annotated[int, Field(ge=0, le=2**32 - 1)]
Count = Annotated[int, Field(ge=0, le=2**31 - 1)]

Share = Annotated[str, StringConstraints(max_length=20, pattern=r"^(0|1|0\.\d{1,18}|1\.0{1,18})$")]
"""A share of one whole, with up to 18 digits."""

Score = Annotated[str, StringConstraints(max_length=32, pattern=r"^-?\d+(\.\d+)?(e[+-]?\d+)?$")]
"""The shortest decimal that reads back as the same float."""

Fraction = Annotated[
    str,
    StringConstraints(max_length=20, pattern=r"^(0|1|0\.\d{1,18}|1\.0{1,18})$"),
    Sentence("must be a decimal from 0 to 1 in quotes, such as '0.05'"),
]
Decimal = Annotated[
    str,
    StringConstraints(max_length=32, pattern=r"^\d{1,12}(\.\d{1,18})?$"),
    Sentence("must be a decimal in quotes, such as '12.5'"),
]
Quantity = Annotated[
    str,
    BeforeValidator(lambda value: str(value) if isinstance(value, int) else value),
    StringConstraints(min_length=1, max_length=32),
    WithJsonSchema(
        {
            "x-kubernetes-int-or-string": True,
            "anyOf": [{"type": "integer"}, {"type": "string"}],
            "minimum": 0,
            "pattern": r"^\d+(\.\d+)?(m|k|M|G|T|Ki|Mi|Gi|Ti)?$",
            "maxLength": 32,
        }
    ),
]
"""An amount of a resource as Kubernetes writes it: 4, "500m", "16Gi"."""


class HotkeyShare(Model):
    """What one hotkey holds."""

    hotkey: Hotkey
    share: Share


Shares = Annotated[tuple[HotkeyShare, ...], Field(max_length=MAX_AVERAGE), ListMap("hotkey")]
