"""Whatever a competition chooses, samples score what the oracle expects."""

from pathlib import Path

import pytest

from podium_evaluator.datasets.base import TextSample
from tests.podium_evaluator.oracle.comparison import compare, compare_gate
from tests.podium_evaluator.oracle.models import document, opinionated
from tests.podium_evaluator.oracle.samples import REFERENCES, TEXTS
from tests.podium_evaluator.oracle.stage import evaluated
from tests.podium_evaluator.oracle.templates import ORGANISERS, PUBLISHED
from tests.podium_evaluator.oracle.vocabularies import Kind
from tests.podium_evaluator.oracle.world import World
from tests.podium_evaluator.tiny import bfloat16

LLAMA = document("LlamaForCausalLM")
PHI = document("PhiForCausalLM")
QUICK = ("references", "texts", "likely", "chosen")
"""Tasks whose answers are short."""

KINDS: tuple[Kind, ...] = ("Plain", "Begins", "Pieces")
WORLDS = [
    world
    for index, template in enumerate((*PUBLISHED, *ORGANISERS))
    for world in (
        World("Own", KINDS[index % 3], template, "Token"),
        World("Fixed", KINDS[(index + 2) % 3], template, "Byte"),
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


def test_logits_that_are_all_negative(tmp_path: Path) -> None:
    """A penalty lowers these by multiplication."""
    tensors = opinionated(PHI)
    tensors["lm_head.bias"] -= 40

    found = evaluated(tmp_path, PHI, tensors, World(), tasks=("chosen", "instructions"))

    assert found.oracle.model.logits(found.oracle.prompt("How?", 1)).max() < 0
    compare(found, "chosen", uncertain=1)
    compare(found, "instructions", uncertain=1)


@pytest.mark.parametrize(("alike", "kind"), [(99, "Plain"), (100, "Plain"), (98, "Begins"), (99, "Begins")])
def test_the_gate_reads_a_hundred_tokens(tmp_path: Path, alike: int, kind: Kind) -> None:
    texts = tuple(TextSample(end, "." * alike + end * 40) for end in "xy")
    tensors, world = opinionated(LLAMA, kind), World(kind=kind, end=None)

    found = evaluated(tmp_path, LLAMA, tensors, world, tasks=("texts",), samples={"texts": texts})

    assert compare_gate(found, texts) == (alike == (100 if kind == "Plain" else 99))


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
