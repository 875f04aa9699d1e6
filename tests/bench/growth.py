"""How the engine's cost grows: time as a * sum(n) + b * sum(n^2), memory not at all with more samples."""

import time
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from podium_evaluator.engine.answering import ModelEngine
from podium_evaluator.sequences import TokenSequence
from tests.bench.arguments import Arguments
from tests.bench.memory import MIB, used_memory
from tests.bench.models import Recipe
from tests.bench.samples import Reference, references
from tests.bench.stage import engine_of

__all__ = ["compare_growth", "compare_memory_growth", "fit", "growth_samples"]

_SIZE: Final = "15m"
"""Small, so that attention, the quadratic part, is most of the time at 16k tokens."""
_POINTS: Final = (
    (512, 32), (1024, 16), (2048, 8), (4096, 4), (8192, 2), (16_384, 1),
    (512, 16), (1024, 8), (2048, 4), (4096, 2), (8192, 1),
)  # fmt: skip
"""Tokens a sample and samples: 16k tokens altogether, then 8k."""
_QUICK: Final = ((32, 4), (64, 2), (128, 1), (64, 1))
_SAMPLES: Final = (16, 64)
_TOKENS: Final = 1024
_RUNS: Final = 3


def compare_growth(arguments: Arguments, tell: Callable[[str], None]) -> float:
    """Fit the times and return R².

    Of one thread, and on a CPU in its own seconds: there is no peer to share a busy machine's delays.
    """
    size = arguments.size if arguments.quick else _SIZE
    recipe = Recipe(size, arguments.vocabulary)
    engine = engine_of(recipe, arguments.dtype, 1, arguments.device)
    clock = time.process_time if arguments.device == "cpu" else time.perf_counter
    points = _QUICK if arguments.quick else _POINTS
    samples = [_samples(*point, recipe.tokens) for point in points]
    seconds = _times(engine, samples, arguments.rounds, clock)
    linear, quadratic, explained = fit(points, seconds)
    tell("tokens a sample, samples, seconds, fitted:")
    for (length, count), measured in zip(points, seconds, strict=True):
        fitted = linear * length * count + quadratic * length**2 * count
        tell(f"  {length:6d} x {count:2d}  {measured:7.2f}  {fitted:7.2f}")
    tell(f"time = {linear:.3g} s * sum(n) + {quadratic:.3g} s * sum(n^2), R^2 = {explained:.4f}")
    return explained


def compare_memory_growth(words: Sequence[str], tell: Callable[[str], None]) -> float:
    """Extra memory of 16 samples over that of 64; 1 is flat.

    A peak is what can happen: the largest of some runs each. A single short run may miss it.
    """
    few, many = (
        max(used_memory((*words, "--samples", str(count)), "ours").extra for _ in range(_RUNS))
        for count in _SAMPLES
    )
    tell(f"extra peak memory: {_SAMPLES[0]} samples {few / MIB:.0f} MiB, {_SAMPLES[1]} {many / MIB:.0f} MiB")
    return few / max(1, many)


def growth_samples(arguments: Arguments) -> list[Reference]:
    """What a child of `compare_memory_growth` computes."""
    vocabulary = Recipe(arguments.size, arguments.vocabulary).tokens
    return _samples(64 if arguments.quick else _TOKENS, arguments.samples or 1, vocabulary)


def fit(points: Sequence[tuple[int, int]], seconds: Sequence[float]) -> tuple[float, float, float]:
    """Least squares of a * sum(n) + b * sum(n^2): a, b and the part of the variance that they explain."""
    columns = np.array([(length * count, length**2 * count) for length, count in points], np.float64)
    times: NDArray[np.float64] = np.array(seconds, np.float64)
    (linear, quadratic), *_ = np.linalg.lstsq(columns, times, rcond=None)
    left = times - columns @ np.array([linear, quadratic])
    explained = 1 - float((left**2).sum() / ((times - times.mean()) ** 2).sum())
    return float(linear), float(quadratic), explained


def _times(
    engine: ModelEngine, samples: Sequence[Sequence[Reference]], rounds: int, clock: Callable[[], float]
) -> list[float]:
    asked = [[TokenSequence(one.ids, len(one.prompt)) for one in group] for group in samples]
    best = [float("inf")] * len(asked)
    engine.losses(asked[0], lambda _: None)
    for _ in range(rounds):
        for index, sequences in enumerate(asked):
            before = clock()
            engine.losses(sequences, lambda _: None)
            best[index] = min(best[index], clock() - before)
    return best


def _samples(length: int, count: int, vocabulary: int) -> list[Reference]:
    return references(count, vocabulary, length, length)
