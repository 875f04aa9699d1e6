"""Times of two sides that do the same work, in turns inside one process."""

import gc
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

__all__ = ["Comparison", "Measured", "Side", "measure"]

S = TypeVar("S")
Ours = TypeVar("Ours")
Peers = TypeVar("Peers")
_Given_contra = TypeVar("_Given_contra", contravariant=True)
_Found_co = TypeVar("_Found_co", covariant=True)

_WARMING: Final = 3
_ALONE: Final = 1.1
"""A best round that the second one misses by more than this may be luck, and others' noise hid the rest."""
_MOST: Final = 3
"""Times as many rounds as were asked for, at most."""


class Side(Protocol[_Given_contra, _Found_co]):
    """Computes a result for each sample."""

    def __call__(self, samples: Sequence[_Given_contra], /) -> Sequence[_Found_co]:
        """Compute."""


@dataclass(frozen=True, slots=True)
class Comparison(Generic[S, Ours, Peers]):
    """What is compared.

    Attributes:
        title: One line for the reader.
        samples: What the engine is given.
        chosen: Indices of those that the peer is given; where they are fewer, its time is scaled up.
        share: Part of the whole work that the chosen ones are; their cost to the peer is a plain sum.
        ours: The engine.
        peer: The other side.
        agree: Called with the samples that both had and both results; raises `Disagreement`.
    """

    title: str
    samples: Sequence[S]
    chosen: Sequence[int]
    share: float
    ours: Side[S, Ours]
    peer: Side[S, Peers]
    agree: Callable[[Sequence[S], Sequence[Ours], Sequence[Peers]], str]


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of each round, the peer's scaled to the whole work.

    Attributes:
        ours: The engine's.
        peer: The other side's.
        agreement: How near the results were.
    """

    ours: tuple[float, ...]
    peer: tuple[float, ...]
    agreement: str

    @property
    def ratio(self) -> float:
        """How many times as long the peer takes: the best of each side, which noise can only make worse."""
        return min(self.peer) / min(self.ours)


def measure(comparison: Comparison[S, Ours, Peers], rounds: int, tell: Callable[[str], None]) -> Measured:
    """Warm both sides up, check that they agree, and time them in turns.

    A machine that does something else meanwhile costs more rounds: until the best of each side has come
    twice, whatever the ratio is.

    Raises:
        Disagreement: Results differ by more than the stated tolerance, so times mean nothing.
    """
    part = [comparison.samples[index] for index in comparison.chosen]
    comparison.ours(part[:_WARMING])
    comparison.peer(part[:_WARMING])
    ours: list[float] = []
    peer: list[float] = []
    agreement = ""
    number = 0
    while number < rounds or (rounds > 1 and number < _MOST * rounds and _is_noisy(ours, peer)):
        seconds, found = _timed(comparison.ours, comparison.samples)
        ours.append(seconds)
        seconds, expected = _timed(comparison.peer, part)
        peer.append(seconds / comparison.share)
        if not number:
            agreement = comparison.agree(part, [found[index] for index in comparison.chosen], expected)
            tell(f"agreement: {agreement}")
        number += 1
        tell(f"round {number}: ours {ours[-1]:.2f} s, peer {peer[-1]:.2f} s")
    return Measured(tuple(ours), tuple(peer), agreement)


def _is_noisy(*sides: Sequence[float]) -> bool:
    """Whether the best time of a side stands alone."""
    bests = (sorted(side)[:2] for side in sides)
    return any(second > _ALONE * best for best, second in bests)


def _timed(side: Side[S, Ours], samples: Sequence[S]) -> tuple[float, Sequence[Ours]]:
    gc.collect()
    before = time.perf_counter()
    found = side(samples)
    return time.perf_counter() - before, found
