"""What every document of the contract has: strictness, bounds, a version."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = [
    "CONTAINER",
    "EVIDENCE_BYTES",
    "EVIDENCE_PREFIX",
    "REQUEST_BYTES",
    "REQUEST_VARIABLE",
    "SUMMARY_BYTES",
    "VERSION",
    "Digest",
    "Document",
    "Identifier",
    "Name",
    "Text",
]

VERSION: Final = "podium.dev/evaluator/v1"
"""Changes whenever a reader of the older documents would misread the newer ones."""

REQUEST_VARIABLE: Final = "PODIUM_REQUEST"
"""Environment variable with the request; a Job and its request are created in one write."""

REQUEST_BYTES: Final = 127 * 1024
"""Linux allows one variable 128 KiB, its name included."""

CONTAINER: Final = "evaluator"
"""Name of the one container of every pod that runs the image."""

SUMMARY_BYTES: Final = 4096
"""The kubelet cuts a termination message at 4,096 bytes."""

EVIDENCE_BYTES: Final = 128 * 1024
"""Largest encoded evidence: it becomes one ConfigMap and must stay small beside etcd's 1.5 MiB."""

EVIDENCE_PREFIX: Final = "podium-evidence "
"""Starts the one log line that carries evidence."""


Digest = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
Text = Annotated[str, StringConstraints(max_length=1024)]
Identifier = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Document(BaseModel):
    """Strict, immutable, camelCase on the wire."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        populate_by_name=True,
        alias_generator=lambda name: "".join(
            part if index == 0 else part.capitalize() for index, part in enumerate(name.split("_"))
        ),
    )

    def to_json(self) -> str:
        """Compact JSON without absent fields."""
        return self.model_dump_json(by_alias=True, exclude_none=True)
