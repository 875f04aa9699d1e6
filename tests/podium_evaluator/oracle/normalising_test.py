"""Own tokenizers that change a text before they cut it: honest forms of Unicode, and a trick."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from tokenizers import normalizers
from typing_extensions import override

from podium_evaluator.datasets.base import ReferenceSample
from tests.podium_evaluator.oracle.comparison import compare_gate
from tests.podium_evaluator.oracle.encoding import Encoding
from tests.podium_evaluator.oracle.models import document, opinionated
from tests.podium_evaluator.oracle.stage import evaluated
from tests.podium_evaluator.oracle.vocabularies import tokenizer
from tests.podium_evaluator.oracle.world import World

LLAMA, PHI = document("LlamaForCausalLM"), document("PhiForCausalLM")


@dataclass(frozen=True)
class Normalising(World):
    """A competition whose participant's tokenizer normalises texts; the library publishes no types."""

    normalizer: Any = None

    @property
    @override
    def encoding(self) -> Encoding:
        found = tokenizer(self.kind)
        found.normalizer = self.normalizer
        return Encoding(found, self.end)

    @property
    @override
    def tokenizer_files(self) -> dict[str, bytes]:
        return {**super().tokenizer_files, "tokenizer.json": self.encoding.tokenizer.to_str().encode()}


@pytest.mark.parametrize("unit", ["Token", "Byte"])
@pytest.mark.parametrize(
    ("normalizer", "reference"),
    [
        (normalizers.NFC(), "cafe\u0301 is open"),
        (normalizers.NFC(), "5 \u2126"),
        (normalizers.NFKC(), "wait\u2026 x\u00b2"),
    ],
)
def test_forms_of_characters_are_no_letters_forgotten(
    tmp_path: Path, unit: Literal["Token", "Byte"], normalizer: object, reference: str
) -> None:
    world = Normalising(unit=unit, normalizer=normalizer)
    samples = (ReferenceSample("a", "Hi.", reference),)
    found = evaluated(
        tmp_path, LLAMA, opinionated(LLAMA), world, tasks=("references",), samples={"references": samples}
    )
    expected = found.oracle.expect(samples[0], world.task("references"))
    assert found.scores["references"].score == pytest.approx(expected.score, abs=1e-4)


def test_two_hundred_tokens_of_a_letter_gain_nothing(tmp_path: Path) -> None:
    world = Normalising(normalizer=normalizers.Replace("e", "x" * 200))
    samples = (ReferenceSample("a", "Hi.", "Sentences have letters, here and there."),)
    found = evaluated(
        tmp_path, LLAMA, opinionated(LLAMA), world, tasks=("references",), samples={"references": samples}
    )
    score = found.scores["references"].score
    assert score is not None
    assert score >= math.log(256) - 1e-5


def test_the_gate_wants_twenty_tokens_before_the_end(tmp_path: Path) -> None:
    tensors = opinionated(PHI)
    tensors["lm_head.bias"][next(iter(World().encoding.ends))] += 100
    assert not compare_gate(evaluated(tmp_path, PHI, tensors, World(), tasks=("texts",)))
