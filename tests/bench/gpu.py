"""What a GPU reaches: samples a second, peak memory, share of a measured product's speed, and bars."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from podium_evaluator.engine.answering import ModelEngine
from podium_evaluator.sequences import Generation, TokenSequence
from tests.bench.arguments import Arguments
from tests.bench.bars import GPU_LONGEST, GPU_MEMORY, GPU_SHARE
from tests.bench.choice import option_sequences
from tests.bench.memory import MIB
from tests.bench.models import Recipe
from tests.bench.peers import loop
from tests.bench.samples import prompts, questions, references
from tests.bench.shapes import SHAPES, Shape
from tests.bench.stage import DTYPES, engine_of, open_stage

__all__ = ["GPU_SIZE", "GPU_VOCABULARY", "loss_operations", "measure_gpu", "measure_gpu_memory"]

GPU_SIZE: Final = "8b"
GPU_VOCABULARY: Final = "128k"
_ROW: Final = 8192
"""Tokens of the matrix product that the engine's speed is held against."""
_PRODUCTS: Final = 20
_TERA: Final = 1e12


@dataclass(frozen=True, slots=True)
class _Work:
    name: str
    samples: int
    run: Callable[[], object]
    operations: float | None
    bar: float | None = None


def measure_gpu(arguments: Arguments) -> list[str]:
    """Print a line for each kind of work; what is under its bar is returned."""
    size, vocabulary = (
        (arguments.size, arguments.vocabulary) if arguments.quick else (GPU_SIZE, GPU_VOCABULARY)
    )
    device = "cuda" if torch.cuda.is_available() else "cpu"
    recipe = Recipe(size, vocabulary)
    engine = engine_of(recipe, arguments.dtype, arguments.threads, device)
    name = torch.cuda.get_device_name() if device == "cuda" else "no GPU: this only shows that it runs"
    print(f"{name}; model {size}, vocabulary {vocabulary}, {arguments.dtype}; {engine.path()}", flush=True)
    speed = _product_speed(SHAPES[size], 64 if arguments.quick else _ROW, arguments.dtype, device)
    print(f"matrix product of a row: {speed / _TERA:.1f} TFLOP/s", flush=True)
    missed = []
    for work in _works(engine, SHAPES[size], recipe.tokens, quick=arguments.quick):
        seconds, memory = _best(work.run, arguments.rounds, device)
        share = 0.0 if work.operations is None else work.operations / seconds / speed
        told = "" if work.operations is None else f", {share:.0%} of the product"
        print(
            f"{work.name}: {work.samples / seconds:.1f} samples/s, {memory / MIB:.0f} MiB{told}", flush=True
        )
        if work.bar is not None and share < work.bar and not arguments.quick:
            missed.append(f"{work.name}: {share:.0%} of the product, the bar is {work.bar:.0%}")
    return missed


def measure_gpu_memory(arguments: Arguments) -> list[str]:
    """Compare the peak that one sample of the longest length adds to the model with the loop's."""
    stage = open_stage(Recipe(GPU_SIZE, GPU_VOCABULARY), arguments.dtype, arguments.threads, "cuda")
    samples = references(2, stage.vocabulary, GPU_LONGEST, GPU_LONGEST)
    ours = _peak(lambda: stage.losses([TokenSequence(one.ids, len(one.prompt)) for one in samples]))
    peer = _peak(lambda: loop.reference_losses(stage.stock, samples))
    ratio = peer / max(1, ours)
    print(
        f"references of {GPU_LONGEST} tokens: ours {ours / MIB:.0f} MiB, loop {peer / MIB:.0f} MiB,"
        f" ratio {ratio:.3g}",
        flush=True,
    )
    return [] if ratio >= GPU_MEMORY else [f"memory: {ratio:.3g}, the bar is {GPU_MEMORY}"]


def loss_operations(shape: Shape, vocabulary: int, sequences: Sequence[TokenSequence]) -> float:
    """Additions and multiplications of losses, each distinct prefix once.

    Two a weight and token; two products of width `hidden` for each pair of tokens in attention; the head
    for scored tokens alone.
    """
    distinct: set[int] = set()
    scored: set[tuple[int, int]] = set()
    pairs = 0
    for sequence in sequences:
        prefix = 0
        for index, token in enumerate(sequence.ids):
            if index >= sequence.first:
                scored.add((prefix, token))
            if index == len(sequence.ids) - 1:
                # The last token is only a target.
                break
            prefix = hash((prefix, token))
            if prefix not in distinct:
                distinct.add(prefix)
                pairs += index + 1
    rows = len({prefix for prefix, _ in scored})
    products = 2 * shape.layer_weights * len(distinct) + 2 * shape.hidden * vocabulary * rows
    return float(products + 4 * shape.hidden * shape.layers * pairs)


def _works(engine: ModelEngine, shape: Shape, vocabulary: int, *, quick: bool) -> Iterator[_Work]:
    scale = 1 if quick else 50
    for name, count, shortest, longest, bar in (
        ("references of 40 to 128 tokens", 8 * scale, 40, 128, None),
        ("references of 64 to 2048 tokens", 4 * scale, 64, 128 if quick else 2048, GPU_SHARE),
    ):
        samples = references(count, vocabulary, shortest, longest)
        asked = [TokenSequence(sample.ids, len(sample.prompt)) for sample in samples]
        operations = loss_operations(shape, vocabulary, asked)
        yield _Work(name, count, _losses(engine, asked), operations, bar)
    header = 48 if quick else 768
    choices = option_sequences(questions(4 * scale, vocabulary, header, letters=False))
    operations = loss_operations(shape, vocabulary, choices)
    yield _Work(f"questions behind {header} tokens", 4 * scale, _losses(engine, choices), operations)
    tokens = 8 if quick else 64
    wanted = [Generation(prompt, tokens, 1.2) for prompt in prompts(4 * scale, vocabulary)]
    yield _Work(
        f"continuations of {tokens} tokens", len(wanted), lambda: engine.continuations(wanted, _nobody), None
    )


def _losses(engine: ModelEngine, asked: Sequence[TokenSequence]) -> Callable[[], object]:
    return lambda: engine.losses(asked, _nobody)


def _best(run: Callable[[], object], rounds: int, device: str) -> tuple[float, int]:
    """Least seconds and peak memory in bytes."""
    run()
    best = float("inf")
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    for _ in range(rounds):
        before = time.perf_counter()
        run()
        best = min(best, time.perf_counter() - before)
    return best, torch.cuda.max_memory_allocated() if device == "cuda" else 0


def _peak(run: Callable[[], object]) -> int:
    """Bytes that a run adds at most."""
    gc.collect()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    run()
    return torch.cuda.max_memory_allocated() - before


def _product_speed(shape: Shape, rows: int, dtype: str, device: str) -> float:
    """Operations a second of the largest product of a layer over a row."""
    hidden = torch.randn(rows, shape.hidden, dtype=DTYPES[dtype], device=device)
    weights = torch.randn(shape.hidden, shape.intermediate, dtype=DTYPES[dtype], device=device)
    best = float("inf")
    for _ in range(3):
        _wait(device)
        before = time.perf_counter()
        for _ in range(_PRODUCTS):
            hidden @ weights
        _wait(device)
        best = min(best, time.perf_counter() - before)
    return 2 * rows * shape.hidden * shape.intermediate * _PRODUCTS / best


def _wait(device: str) -> None:
    if device == "cuda":
        torch.cuda.synchronize()


def _nobody(_done: int) -> None:
    """Progress is not shown."""
