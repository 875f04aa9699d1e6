"""Evidence as it is stored, read back."""

from __future__ import annotations

import hashlib

from podium.cluster.resources import Raw
from podium.core.evidence import Evidence, TaskSamples
from podium_evaluator import contract

__all__ = ["evidence_from_config_map"]


def evidence_from_config_map(config_map: Raw) -> Evidence:
    """The evidence that a ConfigMap holds, or why it cannot be read."""
    line = (config_map.get("data") or {}).get("evidence")
    if not isinstance(line, str):
        return Evidence("", unreadable="the ConfigMap holds no evidence")
    digest = f"sha256:{hashlib.sha256(line.encode()).hexdigest()}"
    try:
        held = contract.decode_evidence(line, digest)
    except ValueError as error:
        return Evidence(digest, unreadable=str(error).splitlines()[0][:512])
    tasks = tuple(
        TaskSamples(one.name, one.scores, one.weights or (1,) * len(one.scores), one.sample_ids)
        for one in held.tasks
    )
    return Evidence(digest, held.samples_digest, held.manifest_digest, tasks)
