"""The bars: least ratio of the peer's time (or memory) to ours.

They are floors at 60 to 70 % of what a prototype reached on two cores with AMX, because machines are
noisy. Those of bfloat16 count where the processor has AMX; memory and single precision everywhere.
"""

from dataclasses import dataclass, replace
from typing import Final

from tests.bench.arguments import Arguments, read_arguments

__all__ = ["CASES", "GPU_CASES", "GPU_LONGEST", "GPU_MEMORY", "GPU_SHARE", "Case", "bar_of", "counts_here"]

_SINGLE: Final = 0.75
"""In single precision both sides are bound by the same matrix products."""


@dataclass(frozen=True, slots=True)
class Case:
    """A command and its bar.

    Attributes:
        name: Of the benchmark.
        peer: Or None for one that has none.
        options: Further words of the command.
        bar: The last line's number must reach it.
    """

    name: str
    peer: str | None
    options: tuple[str, ...]
    bar: float

    @property
    def words(self) -> tuple[str, ...]:
        """The command's words."""
        return (self.name, *(("--peer", self.peer) if self.peer else ()), *self.options)


CASES: Final = (
    Case("choice", "loop", ("--options", "text"), 20),
    Case("choice", "lm_eval", ("--options", "text"), 12),
    Case("choice", "loop", ("--options", "letters"), 25),
    Case("choice", "lm_eval", ("--options", "letters"), 5),
    Case("choice", "generate20", ("--options", "letters"), 12),
    Case("generate", "loop", (), 8),
    Case("generate", "lm_eval", (), 2),
    Case("generate", "hf_batch", (), 1.3),
    Case("refloss", "loop", ("--length", "short"), 2.2),
    Case("refloss", "lm_eval", ("--length", "short"), 1.4),
    Case("refloss", "loop", ("--vocab", "128k"), 1.5),
    Case("refloss", "lm_eval", ("--vocab", "128k"), 4),
    Case("refloss", "loop", ("--vocab", "32k"), 1.25),
    Case("refloss", "lm_eval", ("--vocab", "32k"), 1.4),
    Case("textloss", "padded_loop", (), 3),
    Case("textloss", "lm_eval", (), 1.7),
    Case("questions", "loop", (), 8),
    Case("refloss", "loop", ("--dtype", "fp32"), _SINGLE),
    Case("refloss", "loop", ("--dtype", "fp32", "--vocab", "128k"), _SINGLE),
    Case("refloss", "loop", ("--dtype", "fp32", "--length", "short"), _SINGLE),
    Case("textloss", "padded_loop", ("--dtype", "fp32"), _SINGLE),
    Case("generate", "hf_batch", ("--dtype", "fp32"), _SINGLE),
    Case("choice", "generate20", ("--dtype", "fp32", "--options", "letters"), _SINGLE),
    Case("refloss", "loop", ("--memory", "--vocab", "128k"), 3),
    Case("refloss", "lm_eval", ("--memory", "--vocab", "128k"), 10),
    Case("equality", None, (), 1),
    Case("equality", None, ("--dtype", "fp32"), 1),
    Case("determinism", None, (), 1),
    Case("determinism", None, ("--dtype", "fp32"), 1),
    Case("growth", None, (), 0.98),
    Case("growth", None, ("--memory",), 0.8),
)
"""What `all` runs."""


_ON_GPU: Final = ("--size", "8b", "--vocab", "128k", "--device", "cuda")
GPU_CASES: Final = (
    Case("refloss", "loop", ("--length", "short", *_ON_GPU), 5),
    Case("refloss", "loop", ("--samples", "64", *_ON_GPU), 1),
    Case("choice", "loop", _ON_GPU, 8),
    Case("generate", "loop", _ON_GPU, 15),
    Case("equality", None, ("--size", "1b", "--vocab", "128k", "--device", "cuda"), 1),
    Case("equality", None, ("--size", "1b", "--vocab", "128k", "--device", "cuda", "--dtype", "fp32"), 1),
    Case("determinism", None, _ON_GPU, 1),
)
"""What `gpu` compares, beside the following."""

GPU_SHARE: Final = 0.6
"""Least part of a matrix product's speed that long references reach."""
GPU_LONGEST: Final = 16_384
GPU_MEMORY: Final = 4
"""Least ratio of the loop's extra memory to ours at that length."""


def bar_of(arguments: Arguments) -> float | None:
    """The bar of a command, or None where it has none."""
    if arguments.quick:
        return None
    if arguments.device != "cpu":
        return next((case.bar for case in GPU_CASES if _asks(case, arguments)), None)
    if arguments.dtype == "fp32" and not arguments.memory and arguments.peer:
        return _SINGLE
    return next((case.bar for case in CASES if _asks(case, arguments)), None)


def counts_here(arguments: Arguments, *, amx: bool) -> bool:
    """Whether the bar decides on this machine."""
    return (
        amx
        or arguments.device != "cpu"
        or arguments.dtype == "fp32"
        or arguments.memory
        or arguments.peer is None
    )


def _asks(case: Case, arguments: Arguments) -> bool:
    expected = read_arguments(case.words)
    # How often and with how many samples it is measured decides nothing.
    told = replace(arguments, rounds=expected.rounds, samples=expected.samples, threads=expected.threads)
    return told == expected
