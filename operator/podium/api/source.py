"""Where a model comes from: a pinned revision of a repository, or a folder of a volume."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, StringConstraints

from podium.api.base import Model, ObjectName, Revision
from podium.api.extensions import Rule, Sentence, ruled

__all__ = ["HuggingFaceSource", "Repository", "Source", "VolumeSource"]

Repository = Annotated[
    str,
    StringConstraints(
        min_length=3, max_length=128, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"
    ),
    Sentence("must be a repository as namespace/name"),
]

FolderPath = Annotated[
    str,
    StringConstraints(min_length=1, max_length=512),
    Rule(
        "!self.startsWith('/') && !self.split('/').exists(part, part in ['', '.', '..'])",
        "must be a relative path without '.', '..' or empty parts",
    ),
]


class HuggingFaceSource(Model):
    """A model repository at one commit of a hub."""

    repository: Repository
    revision: Revision


class VolumeSource(Model):
    """A folder of a persistent volume that the competition allows."""

    claim_name: ObjectName
    path: FolderPath


class Source(Model):
    """Exactly one place that a model is fetched from."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule("has(self.huggingFace) != has(self.volume)", "needs exactly one of huggingFace and volume")
        )
    )

    hugging_face: HuggingFaceSource | None = None
    volume: VolumeSource | None = None
