"""Extra peak memory of each side, each alone in a child process.

A child loads its model, computes two short samples so that libraries and threads are there, gives free
memory back, and then computes all: what its resident set grew by at most is what counts.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from podium_evaluator.engine.answering import ModelEngine
from podium_evaluator.sequences import TokenSequence
from tests.bench.agreement import agree_on_numbers
from tests.bench.arguments import Arguments
from tests.bench.machine import forget_peak, peak_memory
from tests.bench.models import Recipe, cached_model
from tests.bench.peers import lm_eval, loop
from tests.bench.reference_loss import MEAN_LOSSES
from tests.bench.samples import Reference
from tests.bench.stage import open_engine, stock_model

__all__ = ["MIB", "Used", "compare_memory", "report_own_memory", "used_memory"]

MIB: Final = 2**20
_OURS: Final = "ours"
_ROOT: Final = Path(__file__).parents[2]

Losses = Callable[[Sequence[Reference]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Used:
    """What a child found.

    Attributes:
        extra: Bytes that it needed beside the model.
        losses: Each sample's mean loss.
    """

    extra: int
    losses: tuple[float, ...]


def compare_memory(arguments: Arguments, words: Sequence[str], tell: Callable[[str], None]) -> float:
    """How many times the memory of ours the peer needs.

    Args:
        arguments: Of the command.
        words: The command's words, for the children.
        tell: Shows a line.

    Raises:
        Disagreement: The sides computed something else.
    """
    if arguments.peer not in {"loop", "lm_eval"}:
        raise SystemExit("refloss --memory: --peer loop or lm_eval")
    cached_model(Recipe(arguments.size, arguments.vocabulary))
    ours, peer = (used_memory(words, side) for side in (_OURS, arguments.peer))
    tell(f"agreement: {agree_on_numbers(ours.losses, peer.losses, MEAN_LOSSES[arguments.dtype])}")
    tell(f"extra peak memory: ours {ours.extra / MIB:.0f} MiB, peer {peer.extra / MIB:.0f} MiB")
    return peer.extra / max(1, ours.extra)


def used_memory(words: Sequence[str], side: str) -> Used:
    """Run one side in a child."""
    command = [sys.executable, "-m", "tests.bench", *words, "--memory-of", side]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=_ROOT)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-3000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return Used(found["extra"], tuple(found["losses"]))


def report_own_memory(arguments: Arguments, samples: Sequence[Reference]) -> str:
    """What the child prints: extra bytes and losses as JSON."""
    folder = cached_model(Recipe(arguments.size, arguments.vocabulary))
    side = _side(arguments, folder)
    side([Reference(sample.prompt[:8], sample.reference[:24]) for sample in samples[:2]])
    before = forget_peak()
    losses = side(samples)
    return json.dumps({"extra": peak_memory() - before, "losses": list(losses)})


def _side(arguments: Arguments, folder: Path) -> Losses:
    if arguments.memory_of == _OURS:
        engine = open_engine(folder, arguments.dtype, arguments.threads)
        return lambda samples: _mean_losses(engine, samples)
    model = stock_model(folder, arguments.dtype)
    if arguments.memory_of == "loop":
        return lambda samples: loop.reference_losses(model, samples)
    harness = lm_eval.open_harness(model, batch=8)
    return lambda samples: lm_eval.reference_losses(harness, samples)


def _mean_losses(engine: ModelEngine, samples: Sequence[Reference]) -> list[float]:
    asked = [TokenSequence(sample.ids, len(sample.prompt)) for sample in samples]
    sums = engine.losses(asked, lambda _: None)
    return [loss / len(sample.reference) for loss, sample in zip(sums, samples, strict=True)]
