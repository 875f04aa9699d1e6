"""What the command is told."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.bench.shapes import QUICK, SHAPES, VOCABULARIES

__all__ = ["NAMES", "PEERS", "Arguments", "read_arguments"]

NAMES: Final = (
    "choice",
    "generate",
    "refloss",
    "textloss",
    "questions",
    "growth",
    "equality",
    "determinism",
    "gpu",
    "all",
)
PEERS: Final = ("loop", "lm_eval", "hf_batch", "generate20", "padded_loop")
_ROUNDS: Final = 3
_THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class Arguments:
    """See `read_arguments` for what each means."""

    name: str
    peer: str | None
    options: str
    length: str
    vocabulary: str
    size: str
    dtype: str
    memory: bool
    quick: bool
    samples: int | None
    rounds: int
    threads: int
    device: str
    memory_of: str | None
    digest: bool

    def count(self, usual: int, quick: int) -> int:
        """How many samples."""
        return self.samples or (quick if self.quick else usual)


def read_arguments(words: Sequence[str] | None = None) -> Arguments:
    """Read the command line; `--quick` takes the smallest model whatever else is asked."""
    told = _parser().parse_args(words)
    values: dict[str, Any] = vars(told)  # Any: argparse has no types
    if told.quick:
        values |= {"size": QUICK, "vocabulary": QUICK, "rounds": 1}
    return Arguments(**values)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench",
        description="Compare the evaluation engine with a peer: the last line is the ratio of the peer's time"
        " (or memory) to ours. Exit status 1 under the bar, 2 where results do not agree.",
    )
    add = parser.add_argument
    add("name", choices=NAMES)
    add("--peer", choices=PEERS)
    add("--options", choices=("text", "letters"), default="text", help="of choice")
    add("--length", choices=("short", "long"), default="long", help="of refloss: 40..128 or 64..2048 tokens")
    add("--vocab", dest="vocabulary", choices=VOCABULARIES, default="32k")
    add("--size", choices=SHAPES, default="60m", help="of the model")
    add("--dtype", choices=("bf16", "fp32"), default="bf16")
    add("--memory", action="store_true", help="of refloss and growth: memory in place of time")
    add("--quick", action="store_true", help="the smallest model, one round, no bar: does it run?")
    add("--samples", type=int, help="how many, where the usual number takes too long")
    add("--rounds", type=int, default=_ROUNDS, help="the best of so many counts")
    add("--threads", type=int, default=_THREADS)
    add("--device", choices=("cpu", "cuda"), default="cpu")
    add("--memory-of", help=argparse.SUPPRESS)
    add("--digest", action="store_true", help=argparse.SUPPRESS)
    return parser
