"""How near the engine's numbers are to a plain loop's, and whether anything beside them changes a bit.

On models of the size that is timed, with the compiled head where there is a compiler; the unit tests
ask the same of tiny models of every class.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from podium_evaluator.engine.answering import ModelEngine
from podium_evaluator.engine.generate import generate
from podium_evaluator.engine.memory import CPU_SIZES
from podium_evaluator.engine.score import score
from podium_evaluator.sequences import Generation, TokenSequence
from tests.bench.arguments import Arguments
from tests.bench.choice import option_sequences
from tests.bench.models import Recipe
from tests.bench.samples import Ids, prompts, questions, references
from tests.bench.stage import Stage, engine_of, open_stage

__all__ = ["compare_bits", "compare_numbers", "report_own_digest"]

_EACH: Final = 1e-4
"""A token's loss in single precision, against double precision throughout."""
_SCORES: Final = {"fp32": 1e-5, "bf16": 3e-3}
"""The mean loss; in bfloat16 against a loop that takes its losses in single precision."""
_PENALTY: Final = 1.2
_ROOT: Final = Path(__file__).parents[2]

Losses = NDArray[np.float64]


def compare_numbers(arguments: Arguments, tell: Callable[[str], None]) -> float:
    """How many times the largest distance fits into its tolerance; 1 is the bar."""
    recipe = Recipe(arguments.size, arguments.vocabulary)
    stage = open_stage(recipe, arguments.dtype, arguments.threads, arguments.device)
    asked = _sequences(arguments, stage.vocabulary)
    ours = np.concatenate(score(stage.engine.model, asked)).astype(np.float64)
    expected = _loop(stage, asked)
    each, mean = float(np.abs(ours - expected).max()), float(abs(ours.mean() - expected.mean()))
    tell(f"{len(ours)} losses of {len(asked)} sequences, {expected.mean():.4f} in the mean")
    bound = f"tolerance {_EACH}" if arguments.dtype == "fp32" else "its matrix products are in bfloat16"
    tell(f"a loss differs by at most {each:.1e} ({bound})")
    tell(f"the mean differs by {mean:.1e} (tolerance {_SCORES[arguments.dtype]})")
    room = [_SCORES[arguments.dtype] / max(mean, 1e-12)]
    if arguments.dtype == "fp32":
        room.append(_EACH / max(each, 1e-12))
    return min(room)


def compare_bits(arguments: Arguments, words: Sequence[str], tell: Callable[[str], None]) -> float:
    """1 where not a bit differs, otherwise 0."""
    recipe = Recipe(arguments.size, arguments.vocabulary)
    engine = engine_of(recipe, arguments.dtype, arguments.threads, arguments.device)
    asked = _sequences(arguments, recipe.tokens)
    wanted = prompts(arguments.count(12, 4), recipe.tokens, 16, 160)
    straight, texts = _bits(engine, asked), _texts(engine, wanted)
    torch.set_num_threads(1)
    alone = _bits(engine, asked)
    torch.set_num_threads(arguments.threads)
    found = {
        "losses in reverse order": _bits(engine, asked[::-1])[::-1] == straight,
        "losses of rows of 2048 tokens": _bits(engine, asked, 2048) == straight,
        "losses of rows of 8192 tokens": _bits(engine, asked, 8192) == straight,
        "losses with one thread": alone == straight,
        "losses of another process": _child(words) == _digest(straight),
        "texts in reverse order": _texts(engine, wanted[::-1])[::-1] == texts,
        "texts with fewer slots": _texts(engine, wanted, 5) == texts,
        "a text alone": _texts(engine, wanted[3:4]) == texts[3:4],
    }
    for what, same in found.items():
        tell(f"{what}: {'the same bits' if same else 'OTHER BITS'}")
    return float(all(found.values()))


def report_own_digest(arguments: Arguments) -> str:
    """What the child of `compare_bits` prints."""
    recipe = Recipe(arguments.size, arguments.vocabulary)
    engine = engine_of(recipe, arguments.dtype, arguments.threads, arguments.device)
    return json.dumps(_digest(_bits(engine, _sequences(arguments, recipe.tokens))))


def _sequences(arguments: Arguments, vocabulary: int) -> list[TokenSequence]:
    """Texts of many lengths, and options behind a shared header."""
    quick = arguments.quick
    texts = references(arguments.count(10, 4), vocabulary, 40, 100 if quick else 1024)
    header = 70 if quick else 300
    asked = option_sequences(questions(3, vocabulary, header, letters=False))
    return [*(TokenSequence(one.ids, len(one.prompt)) for one in texts), *asked]


def _loop(stage: Stage, sequences: Sequence[TokenSequence]) -> Losses:
    single = stage.dtype == "bf16"
    model = stage.stock if single else stage.stock.double()
    dtype = torch.float32 if single else torch.float64
    return np.concatenate([_one(model, sequence, dtype) for sequence in sequences])


@torch.inference_mode()
def _one(model: Any, sequence: TokenSequence, dtype: torch.dtype) -> Losses:  # the library has no types
    ids = torch.tensor([sequence.ids], device=model.device)
    logits = model(ids, use_cache=False).logits[0, sequence.first - 1 : -1]
    targets = ids[0, sequence.first :]
    losses = torch.nn.functional.cross_entropy(logits.to(dtype), targets, reduction="none")
    return np.asarray(losses.double().cpu().numpy())


def _bits(engine: ModelEngine, sequences: Sequence[TokenSequence], row_tokens: int = 4096) -> list[bytes]:
    return [one.tobytes() for one in score(engine.model, sequences, row_tokens=row_tokens)]


def _texts(engine: ModelEngine, wanted: Sequence[Ids], slots: int = CPU_SIZES.slots) -> list[Ids]:
    asked = [Generation(prompt, 16, _PENALTY) for prompt in wanted]
    sizes = replace(CPU_SIZES, slots=slots)
    return [one.ids for one in generate(engine.model, engine.encoder, asked, sizes=sizes)]


def _digest(losses: Sequence[bytes]) -> str:
    return hashlib.sha256(b"".join(losses)).hexdigest()


def _child(words: Sequence[str]) -> str:
    command = [sys.executable, "-m", "tests.bench", *words, "--digest"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    found: str = json.loads(done.stdout.splitlines()[-1])
    return found
