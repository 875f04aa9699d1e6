"""Whether the evidence of an evaluation on drawn samples will fit into its line."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Final

from podium_evaluator.contract import Evidence, Reason, TaskEvidence, encode_evidence
from podium_evaluator.datasets.base import InstructionSample, Sample
from podium_evaluator.errors import organizer

__all__ = ["check_evidence_room"]

_LARGEST_SCORE: Final = 100.0
_DECIMALS: Final = 6
_WEIGHTS: Final = 10
_ANY_DIGEST: Final = f"sha256:{'0' * 64}"


def check_evidence_room(samples: Mapping[str, Iterable[Sample]]) -> None:
    """Encode evidence with these samples' ids and scores that compress badly.

    Args:
        samples: Of each task, by its name.

    Raises:
        Failure: `REQUEST_INVALID` of the organiser, before anybody is scored in vain.
    """
    source = random.Random(0)  # noqa: S311 - any scores will do, but always the same
    tasks = tuple(_evidence(name, list(drawn), source) for name, drawn in samples.items())
    evidence = Evidence(nonce="0" * 32, samples_digest=_ANY_DIGEST, manifest_digest=_ANY_DIGEST, tasks=tasks)
    try:
        encode_evidence(evidence)
    except ValueError as error:
        raise organizer(Reason.REQUEST_INVALID, f"scores of all samples will not fit: {error}") from error


def _evidence(name: str, samples: list[Sample], source: random.Random) -> TaskEvidence:
    weighted = any(isinstance(sample, InstructionSample) for sample in samples)
    return TaskEvidence(
        name=name,
        sample_ids=tuple(sample.id for sample in samples),
        scores=tuple(round(source.uniform(0, _LARGEST_SCORE), _DECIMALS) for _ in samples),
        weights=tuple(source.randint(1, _WEIGHTS) for _ in samples) if weighted else None,
    )
