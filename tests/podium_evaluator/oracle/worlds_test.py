"""Whatever a competition chooses, samples score what the oracle expects."""

from pathlib import Path

import pytest

from tests.podium_evaluator.oracle.comparison import compare, compare_gate
from tests.podium_evaluator.oracle.models import document, opinionated
from tests.podium_evaluator.oracle.samples import REFERENCES, TEXTS
from tests.podium_evaluator.oracle.stage import evaluated
from tests.podium_evaluator.oracle.templates import PUBLISHED
from tests.podium_evaluator.oracle.vocabularies import Kind
from tests.podium_evaluator.oracle.world import World
from tests.podium_evaluator.tiny import bfloat16

LLAMA = document("LlamaForCausalLM")
QUICK = ("references", "texts", "likely", "chosen")
"""Tasks whose answers are short."""

KINDS: tuple[Kind, ...] = ("Plain", "Begins", "Pieces")
WORLDS = [
    world
    for index, template in enumerate(PUBLISHED)
    for world in (
        World("Own", KINDS[index % 3], template, "Token"),
        World("Fixed", KINDS[(index + 1) % 3], template, "Byte"),
    )
]


@pytest.mark.parametrize("world", [*WORLDS, World(end=None)], ids=str)
def test_every_world(tmp_path: Path, world: World) -> None:
    found = evaluated(tmp_path, LLAMA, opinionated(LLAMA, world.kind), world, tasks=QUICK)

    for name in QUICK:
        compare(found, name, uncertain=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("architecture", ["MistralForCausalLM", "BartForCausalLM"])
def test_what_is_too_long(tmp_path: Path, architecture: str, kind: Kind) -> None:
    """Texts and references go on in further windows, prompts lose their beginning."""
    described = document(architecture)
    world = World(kind=kind, sequence_length=64)

    found = evaluated(tmp_path, described, opinionated(described, kind), world, tasks=QUICK)

    assert max(len(found.oracle.sequences(sample)) for sample in TEXTS) > 2
    assert max(len(found.oracle.sequences(sample)) for sample in REFERENCES) > 1
    for name in QUICK:
        compare(found, name, uncertain=1)


def test_instructions_that_are_too_long(tmp_path: Path) -> None:
    world = World(sequence_length=220)

    found = evaluated(tmp_path, LLAMA, opinionated(LLAMA), world, tasks=("instructions",))

    assert {len(found.oracle.prompt(prompt, 200)) for prompt in ("How? " * 9, "Why? " * 7)} == {20}
    compare(found, "instructions")


@pytest.mark.parametrize("depth", [0.5, 4.0], ids=["shallow", "deep"])
def test_models_that_repeat_themselves(tmp_path: Path, depth: float) -> None:
    tensors = opinionated(LLAMA, depth=depth)

    found = evaluated(tmp_path, LLAMA, tensors, World(), tasks=("texts",))

    assert compare_gate(found) == (depth < 1)


def test_answers_that_are_alike(tmp_path: Path) -> None:
    tensors = opinionated(LLAMA, depth=0.5)

    found = evaluated(tmp_path, LLAMA, tensors, World(), tasks=("instructions",))

    assert any(one.alike for one in compare(found, "instructions"))


def test_weights_that_are_cast(tmp_path: Path) -> None:
    tensors = {name: bfloat16(tensor) for name, tensor in opinionated(LLAMA).items()}

    found = evaluated(tmp_path, LLAMA, tensors, World(), tasks=("references",))

    compare(found, "references")
