"""Nothing but a sequence and the model decides a bit: no order, neighbour, size, thread or process."""

import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from podium_evaluator.engine.generate import generate
from podium_evaluator.engine.memory import CPU_SIZES
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.score import score
from podium_evaluator.errors import submission
from podium_evaluator.sequences import Generation, TokenSequence
from podium_evaluator.tokenizers import load_encoder
from tests.podium_evaluator.engine.forests import forest, random_forest
from tests.podium_evaluator.engine.model_test import load
from tests.podium_evaluator.tiny import EVERY, tokenizer_json

_DTYPES = {"single": torch.float32, "half": torch.bfloat16}
_ENCODER = load_encoder(tokenizer_json(), 512, submission, own=False)
_TOKENS = 8

every_model = pytest.mark.parametrize(
    ("name", "dtype"),
    [pytest.param(name, dtype, id=f"{name}-{kind}") for name in EVERY for kind, dtype in _DTYPES.items()],
)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def asked() -> list[TokenSequence]:
    """Questions behind a header and texts of many lengths."""
    source = random.Random(3)  # noqa: S311 - repeatable by intent
    shared = forest(source, 80, 5, 20, 4, 5, vocabulary=512)[1]
    texts = [TokenSequence(tuple(source.choices(range(512), k=length)), 1) for length in (3, 70, 130, 300)]
    return [*shared, *texts, *(one for one in random_forest(6, 512) if len(one.ids) <= 512)]


def bits(model: LanguageModel, sequences: Sequence[TokenSequence], row_tokens: int = 1024) -> list[bytes]:
    return [one.tobytes() for one in score(model, sequences, row_tokens=row_tokens)]


@every_model
def test_losses_are_the_same_bits_in_any_order_and_rows_of_any_length(
    tmp_path: Path, name: str, dtype: torch.dtype
) -> None:
    model = load(tmp_path, EVERY[name], dtype)
    sequences = asked()
    straight = bits(model, sequences)
    order = random.Random(1).sample(range(len(sequences)), len(sequences))  # noqa: S311 - as above

    shuffled = bits(model, [sequences[index] for index in order])

    assert shuffled == [straight[index] for index in order]
    for row_tokens in (256, 4096):
        assert bits(model, sequences, row_tokens) == straight


def continued(model: LanguageModel, prompts: Sequence[tuple[int, ...]], slots: int) -> list[tuple[int, ...]]:
    sizes = replace(CPU_SIZES, slots=slots)
    wanted = [Generation(prompt, _TOKENS, 1.2) for prompt in prompts]
    return [one.ids for one in generate(model, _ENCODER, wanted, sizes=sizes)]


@every_model
def test_continuations_are_the_same_whatever_is_written_beside_them(
    tmp_path: Path, name: str, dtype: torch.dtype
) -> None:
    model = load(tmp_path, EVERY[name], dtype)
    source = random.Random(2)  # noqa: S311 - as above
    prompts = [tuple(source.choices(range(512), k=length)) for length in (1, 63, 64, 65, 120)]
    # Neighbours that begin alike share what was read.
    prompts += [(*prompts[4][:100], *prompts[0]), prompts[3][:64]]
    together = continued(model, prompts, 64)

    assert continued(model, prompts[::-1], 64) == together[::-1]
    assert continued(model, prompts, 3) == together
    assert continued(model, prompts[4:5], 64) == together[4:5]


@pytest.mark.parametrize("dtype", _DTYPES.values(), ids=_DTYPES)
def test_another_number_of_threads_finds_the_same_bits(tmp_path: Path, dtype: torch.dtype) -> None:
    model = load(tmp_path, EVERY["LlamaForCausalLM"], dtype)
    sequences = asked()
    prompts = [one.ids[:70] for one in sequences[::3]]
    losses, texts = bits(model, sequences), continued(model, prompts, 64)

    torch.set_num_threads(2)

    assert bits(model, sequences) == losses
    assert continued(model, prompts, 64) == texts


_CHILD = """
import sys
from pathlib import Path
from tests.podium_evaluator.engine.determinism_test import digest
print(digest(Path(sys.argv[1])))
"""


def digest(folder: Path) -> str:
    """Of all bits of one model in half the precision."""
    model = load(folder, EVERY["LlamaForCausalLM"], torch.bfloat16)
    return hashlib.sha256(b"".join(bits(model, asked()))).hexdigest()


def test_another_process_finds_the_same_bits(tmp_path: Path) -> None:
    child = subprocess.run(
        [sys.executable, "-c", _CHILD, str(tmp_path / "child")],
        check=True,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"},
    )

    assert child.stdout.split() == [digest(tmp_path)]
