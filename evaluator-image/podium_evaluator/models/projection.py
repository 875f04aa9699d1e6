"""The matrices of each layer whose norms are limited, and where the weight files hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

__all__ = ["EVERY_ROW", "Projection", "Projections", "Rows", "projections"]


@dataclass(frozen=True, slots=True)
class Rows:
    """Those rows of a matrix that belong to one projection.

    Fused matrices repeat a pattern, one period a head or a group of heads or once for all of them:
    row r belongs to the projection where begin ≤ r mod period < end.
    """

    period: int
    begin: int
    end: int

    def runs(self, width: int, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Ranges of elements within [first, last) of a row-major matrix whose rows have `width` elements."""
        if self.end - self.begin == self.period:
            yield first, last
            return
        step = self.period * width
        for start in range(first // step * step, last, step):
            low, high = max(first, start + self.begin * width), min(last, start + self.end * width)
            if low < high:
                yield low, high


EVERY_ROW: Final = Rows(1, 0, 1)
"""A matrix that is one projection."""


@dataclass(frozen=True, slots=True)
class Projection:
    """A projection of one layer: rows of a tensor, by its name in the files."""

    tensor: str
    rows: Rows


Projections: TypeAlias = dict[str, list[Projection]]
"""Kind of projection (`q_proj`, `k_proj`, `v_proj`, `o_proj`, `up_proj`, `down_proj`) to one a layer."""


def projections(layers: int, prefix: str, parts: Mapping[str, tuple[str, Rows]]) -> Projections:
    """The same parts in every layer.

    Args:
        layers: How many there are.
        prefix: What a layer's tensors start with; ``{}`` stands for its number.
        parts: Kind to the rest of the tensor's name and its rows.
    """
    return {
        kind: [Projection(prefix.format(layer) + name, rows) for layer in range(layers)]
        for kind, (name, rows) in parts.items()
    }
