"""Every method on every architecture scores what the oracle expects, sample by sample.

Losses to 1e-4 a token in single precision. What is generated is the same up to the first step at which the
two best tokens are closer than 1e-3, and what follows from it is compared where there was no such step.
"""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from podium_evaluator.engine.score import score
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.sequences import Generation, TokenSequence
from tests.podium_evaluator.oracle.comparison import PER_TOKEN, compare, compare_gate
from tests.podium_evaluator.oracle.models import document, opinionated
from tests.podium_evaluator.oracle.oracle import task_score
from tests.podium_evaluator.oracle.samples import INSTRUCTIONS, REFERENCES, SAMPLES, TEXTS
from tests.podium_evaluator.oracle.stage import Evaluated, evaluated
from tests.podium_evaluator.oracle.world import World

WORLDS = {
    "BartForCausalLM": World("Own", "Begins", "ChatML", "Token"),
    "FalconForCausalLM": World("Fixed", "Plain", "ChatML", "Byte"),
    "GemmaForCausalLM": World("Own", "Begins", "Gemma", "Token"),
    "Gemma2ForCausalLM": World("Own", "Begins", "Gemma", "Byte"),
    "GPTNeoXForCausalLM": World("Fixed", "Plain", "Phi-3", "Token"),
    "LlamaForCausalLM": World("Own", "Pieces", "Llama-2", "Byte"),
    "MistralForCausalLM": World("Own", "Pieces", "Mistral", "Token"),
    "PhiForCausalLM": World("Fixed", "Begins", "ChatML", "Byte"),
    "Phi3ForCausalLM": World("Own", "Plain", "Phi-3", "Token"),
    "Qwen2ForCausalLM": World("Own", "Plain", "ChatML", "Byte"),
    "Qwen3ForCausalLM": World("Fixed", "Pieces", "Zephyr", "Token"),
}
"""What the competition of each architecture chooses here; all worlds are gone through for one of them."""


@pytest.fixture(scope="module", params=ARCHITECTURES)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Evaluated:
    described, world = document(request.param), WORLDS[request.param]
    return evaluated(
        tmp_path_factory.mktemp(request.param), described, opinionated(described, world.kind), world
    )


@pytest.mark.parametrize("name", ["references", "texts"])
def test_losses(found: Evaluated, name: str) -> None:
    assert found.scores[name].reason is None
    compare(found, name)


def test_options_by_likelihood(found: Evaluated) -> None:
    compare(found, "likely")


def test_options_by_generation(found: Evaluated) -> None:
    compare(found, "chosen", uncertain=1)


def test_instructions(found: Evaluated) -> None:
    compare(found, "instructions", uncertain=1)

    assert found.evidence["instructions"].weights == tuple(2 * len(one.rules) for one in INSTRUCTIONS)


def test_gate(found: Evaluated) -> None:
    assert not compare_gate(found)


def test_each_token(found: Evaluated) -> None:
    """Losses of tokens, not only their means."""
    sequences = [one for sample in (*REFERENCES, *TEXTS) for one in found.oracle.sequences(sample)]
    asked = [TokenSequence(tuple(one.ids), len(one.ids) - one.count) for one in sequences]

    losses = score(found.engine.model, asked)

    for one, by_evaluator in zip(sequences, losses, strict=True):
        assert np.abs(found.oracle.model.losses(one.ids, one.count) - by_evaluator).max() < PER_TOKEN


def test_each_step(found: Evaluated) -> None:
    """Tokens of continuations, up to the first step without a clear winner."""
    prompts = [prompt for sample in INSTRUCTIONS for prompt in sample.prompts]
    asked = [Generation(tuple(found.oracle.prompt(prompt, 200)), 200, 1.2) for prompt in prompts]

    generated = found.engine.continuations(asked, lambda _: None)

    answers = [found.oracle.answer(prompt, 200, 1.2) for prompt in prompts]
    for by_evaluator, answer in zip(generated, answers, strict=True):
        assert list(by_evaluator.ids[: answer.certain]) == answer.ids[: answer.certain]
        assert not answer.complete or list(by_evaluator.ids) == answer.ids
    assert sum(answer.certain for answer in answers) > sum(len(answer.ids) for answer in answers) / 2


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_scores_in_half_precision(tmp_path: Path, architecture: str) -> None:
    """They are those of a loop over the same rounded model whose losses are not rounded."""
    described = document(architecture)
    world = dataclasses.replace(WORLDS[architecture], degenerate="Ignore")
    # Nothing is random twice: rounding errors grow with what layers add.
    tensors = opinionated(described, world.kind, sharpness=4.0, depth=1.0)
    names = ("references", "texts")

    found = evaluated(tmp_path, described, tensors, world, tasks=names, dtype="BFloat16")

    for name in names:
        task, samples = world.task(name), SAMPLES[name]
        expected = [found.oracle.expect(sample, task) for sample in samples]
        assert found.scores[name].score == pytest.approx(task_score(expected, samples, task.method), rel=3e-3)
