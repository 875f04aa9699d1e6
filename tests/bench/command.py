"""The command: one comparison, its ratio, its bar."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

import torch

from tests.bench.agreement import Disagreement
from tests.bench.arguments import Arguments, read_arguments
from tests.bench.bars import CASES, GPU_CASES, bar_of, counts_here
from tests.bench.choice import compare_choice
from tests.bench.exactness import compare_bits, compare_numbers, report_own_digest
from tests.bench.former_questions import compare_former_questions
from tests.bench.generate import compare_generate
from tests.bench.gpu import measure_gpu, measure_gpu_memory
from tests.bench.growth import compare_growth, compare_memory_growth, growth_samples
from tests.bench.machine import describe_processor, has_amx
from tests.bench.memory import compare_memory, report_own_memory
from tests.bench.reference_loss import compare_reference_loss, compare_text_loss, reference_samples
from tests.bench.suite import run_all
from tests.bench.timing import Comparison, measure
from tests.bench.turns import own_turn

__all__ = ["main"]

_COMPARISONS: Final[dict[str, Callable[[Arguments], Comparison[Any, Any, Any]]]] = {
    "choice": compare_choice,
    "generate": compare_generate,
    "refloss": compare_reference_loss,
    "textloss": compare_text_loss,
    "questions": compare_former_questions,
}
"""By name; what a result is, is each one's own affair."""


def main(words: Sequence[str] | None = None) -> int:
    """Run and return the exit status: 1 under the bar, 2 where results disagree."""
    given = sys.argv[1:] if words is None else list(words)
    arguments = read_arguments(given)
    if arguments.name == "all":
        return run_all(CASES, quick=arguments.quick)
    if arguments.name == "gpu":
        return _run_gpu(arguments)
    if arguments.digest:
        print(report_own_digest(arguments))
        return 0
    if arguments.memory_of:
        samples = growth_samples if arguments.name == "growth" else reference_samples
        print(report_own_memory(arguments, samples(arguments)))
        return 0
    _tell(" ".join(given))
    _tell(describe_processor(arguments.threads))
    try:
        with contextlib.nullcontext() if arguments.quick else own_turn(_tell):
            ratio = _ratio(arguments, given)
    except Disagreement as error:
        print(f"the sides computed different things, so times mean nothing: {error}", file=sys.stderr)
        return 2
    return _judge(arguments, ratio)


def _run_gpu(arguments: Arguments) -> int:
    """Measure the GPU and compare it; a machine without one gets a sentence and status 1."""
    if arguments.quick:
        measure_gpu(arguments)
        return 0
    if not torch.cuda.is_available():
        print("This machine has no GPU that torch can use: there is nothing to measure.")
        return 1
    missed = [*measure_gpu(arguments), *measure_gpu_memory(arguments)]
    status = run_all(GPU_CASES, quick=False)
    for line in missed:
        print(f"under its bar: {line}")
    return status or int(bool(missed))


def _ratio(arguments: Arguments, words: Sequence[str]) -> float:
    if arguments.name == "growth":
        if arguments.memory:
            return compare_memory_growth(words, _tell)
        return compare_growth(arguments, _tell)
    if arguments.name == "equality":
        return compare_numbers(arguments, _tell)
    if arguments.name == "determinism":
        return compare_bits(arguments, words, _tell)
    if arguments.memory:
        return compare_memory(arguments, words, _tell)
    comparison = _COMPARISONS[arguments.name](arguments)
    _tell(comparison.title)
    return measure(comparison, arguments.rounds, _tell).ratio


def _judge(arguments: Arguments, ratio: float) -> int:
    """Print the verdict and, last, the ratio."""
    bar = bar_of(arguments)
    passed = bar is None or ratio >= bar
    counts = counts_here(arguments, amx=has_amx())
    if bar is None:
        verdict = "no bar for this"
    elif not counts:
        verdict = (
            f"bar {bar:g} {'reached' if passed else 'missed'}, but bars in bfloat16 count only where the"
            " processor has amx_bf16: not judged"
        )
    else:
        verdict = f"bar {bar:g} {'reached' if passed else 'missed'}"
    _tell(verdict)
    print(f"ratio {ratio:.3g}", flush=True)
    return int(counts and not passed)


def _tell(line: str) -> None:
    print(line, flush=True)
