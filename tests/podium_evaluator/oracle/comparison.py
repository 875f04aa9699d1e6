"""Holding the evidence of a task against what the oracle expects."""

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.datasets.base import TextSample
from tests.podium_evaluator.oracle.oracle import Expected, task_score
from tests.podium_evaluator.oracle.samples import SAMPLES, TEXTS
from tests.podium_evaluator.oracle.stage import Evaluated

PER_TOKEN = 1e-4
"""Nats: how far a loss in single precision may be off, a token."""


def compare(found: Evaluated, name: str, uncertain: int = 0) -> list[Expected]:
    """Compare a task, sample by sample and as a whole, where single precision is sure of the result.

    Args:
        found: An evaluation.
        name: Of the task.
        uncertain: So many samples may go uncompared at most.

    Returns:
        What was expected.
    """
    task, samples, evidence = found.world.task(name), SAMPLES[name], found.evidence[name]
    expected = [found.oracle.expect(sample, task) for sample in samples]
    total = task_score(expected, samples, task.method)
    assert evidence.sample_ids == tuple(sample.id for sample in samples)
    assert sum(not one.certain for one in expected) <= uncertain
    for one, score in zip(expected, evidence.scores, strict=True):
        # Where answers are too much alike all samples count as failed.
        wanted = 1.0 if any(one.alike for one in expected) else one.score
        if one.certain:
            assert score == pytest.approx(wanted, rel=0, abs=PER_TOKEN * one.tokens_each)
    if all(one.certain for one in expected):
        assert found.scores[name].score == pytest.approx(total, rel=0, abs=PER_TOKEN)
    return expected


def compare_gate(found: Evaluated, texts: tuple[TextSample, ...] = TEXTS) -> bool:
    """Whether the model is rejected, on which both agree."""
    rejected, certain = found.oracle.rejects(texts)
    assert certain
    assert found.scores["texts"].reason is (Reason.DEGENERATE_OUTPUT if rejected else None)
    return rejected
