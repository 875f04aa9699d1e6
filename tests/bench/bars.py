"""The bars: least ratio of the peer's time (or memory) to ours.

They are floors at 60 to 70 % of what a prototype reached on two cores with AMX, because machines are
noisy. Those of bfloat16 count where the processor has AMX; memory and single precision everywhere.
"""

from dataclasses import dataclass, replace
from typing import Final

from tests.bench.arguments import Arguments, read_arguments

__all__ = ["CASES", "Case", "bar_of", "counts_here"]

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


def bar_of(arguments: Arguments) -> float | None:
    """The bar of a command, or None where it has none."""
    if arguments.quick or arguments.device != "cpu":
        return None
    if arguments.dtype == "fp32" and not arguments.memory and arguments.peer:
        return _SINGLE
    return next((case.bar for case in CASES if _asks(case, arguments)), None)


def counts_here(arguments: Arguments, *, amx: bool) -> bool:
    """Whether the bar decides on this machine."""
    return amx or arguments.dtype == "fp32" or arguments.memory or arguments.peer is None


def _asks(case: Case, arguments: Arguments) -> bool:
    expected = read_arguments(case.words)
    # How often and with how many samples it is measured decides nothing.
    told = replace(arguments, rounds=expected.rounds, samples=None, threads=expected.threads)
    return told == expected
