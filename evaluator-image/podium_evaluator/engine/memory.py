"""How many tokens a row and how many slots a step has: a fixed table, never what happens to be free.

The sizes decide the shapes of matrix products and with them the last bits of a score. So they follow
from the class of the device and the shape of the model alone, and are part of the environment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium_evaluator.contract import Reason
from podium_evaluator.errors import infrastructure

__all__ = ["CPU", "CPU_SIZES", "MemoryClass", "ModelShape", "Sizes", "gpu_class", "plan_sizes"]

_GIB: Final = 2**30
_GB: Final = 10**9

_ROWS: Final = (32_768, 16_384, 8192, 4096, 2048, 1024, 512, 256)
_USUAL_ROW: Final = 8192
"""Row lengths from 2,048 on are within a tenth of each other in speed."""

_SLOTS: Final = (256, 192, 128, 96, 64, 48, 32, 16, 8, 4, 2, 1)
_SLOT_TOKENS: Final = 600
"""Prompt and answer of a usual generation."""

_TILE_ROWS: Final = 1024
_TILE_BYTES: Final = 6
"""A logit in the model's type, and once more in single precision."""


@dataclass(frozen=True, slots=True)
class MemoryClass:
    """Devices that are treated alike.

    Attributes:
        name: For the environment.
        usable: Bytes for weights and all else; None on a CPU, where the sizes are constants.
    """

    name: str
    usable: int | None


CPU: Final = MemoryClass("cpu", None)

_GPUS: Final = (
    # Least GiB that the driver reports, nominal GB, GiB that driver and libraries take.
    (130, 141, 1.5),
    (72, 80, 1.5),
    (43, 48, 1.0),
    (36, 40, 1.0),
    (21, 24, 1.0),
    (14, 16, 1.0),
    (0, 8, 1.0),
)


@dataclass(frozen=True, slots=True)
class ModelShape:
    """What a model needs memory for.

    Attributes:
        parameters: Number of weights, a tied head counted once.
        vocabulary: Number of logits.
        hidden: Width of a hidden state.
        intermediate: Width inside the feed-forward part.
        layers: Number of layers.
        query_heads: Of each layer.
        key_heads: Of each layer; keys have as many heads as values.
        head: Width of a head.
        element: Bytes of a number of the model's type.
    """

    parameters: int
    vocabulary: int
    hidden: int
    intermediate: int
    layers: int
    query_heads: int
    key_heads: int
    head: int
    element: int = 2

    @property
    def token_bytes(self) -> int:
        """Keys and values of one token."""
        return 2 * self.layers * self.key_heads * self.head * self.element

    def row_bytes(self, tokens: int) -> int:
        """What a row of so many tokens takes beside the weights: activations and a tile of logits.

        At their largest: two hidden states in single precision, queries, keys and values before and
        after rotation, three states of the feed-forward part.
        """
        heads = (self.query_heads + 2 * self.key_heads) * self.head
        token = 2 * 4 * self.hidden + self.element * (2 * heads + 3 * self.intermediate)
        return tokens * token + _TILE_ROWS * self.vocabulary * _TILE_BYTES


@dataclass(frozen=True, slots=True)
class Sizes:
    """The constants of a round.

    Attributes:
        row_tokens: Tokens of a packed row.
        slots: Continuations that are written at once.
        step_rows: Rows of the matrix products of one step; `slots` is a multiple of it.
        cache_bytes: Most that keys and values of all slots take; where a slot needs so much that fewer
            fit, fewer are written at once, in steps of the same shape.
    """

    row_tokens: int
    slots: int
    step_rows: int
    cache_bytes: int


CPU_SIZES: Final = Sizes(row_tokens=4096, slots=64, step_rows=32, cache_bytes=4 * _GIB)


def gpu_class(total: int) -> MemoryClass:
    """The class of a GPU whose driver reports `total` bytes."""
    _, nominal, taken = next(row for row in _GPUS if total >= row[0] * _GIB)
    return MemoryClass(f"{nominal} GB", int(nominal * _GB - taken * _GIB))


def plan_sizes(memory: MemoryClass, shape: ModelShape, sequence_length: int) -> Sizes:
    """The sizes of every model of this shape on every device of this class.

    The row is one of the usual length, longer where a sequence is longer, shorter where the device is
    too small for it; the slots are as many as fit beside it. On a CPU both are constants.

    Args:
        memory: The device's class.
        shape: The model's.
        sequence_length: Longest sequence in tokens.

    Raises:
        Failure: `OUT_OF_MEMORY` where the weights and the shortest row do not fit.
    """
    if memory.usable is None:
        return CPU_SIZES
    left = memory.usable - shape.parameters * shape.element
    wanted = min((row for row in _ROWS if row >= sequence_length), default=_ROWS[0])
    fitting = (
        row
        for row in _ROWS
        if row <= max(wanted, _USUAL_ROW) and shape.row_bytes(row) + _SLOT_TOKENS * shape.token_bytes <= left
    )
    if (row := next(fitting, None)) is None:
        raise infrastructure(Reason.OUT_OF_MEMORY, _too_small(memory, shape))
    cache = left - shape.row_bytes(row)
    slots = next(count for count in _SLOTS if count * _SLOT_TOKENS * shape.token_bytes <= cache)
    return Sizes(row, slots, slots, cache)


def _too_small(memory: MemoryClass, shape: ModelShape) -> str:
    need = shape.parameters * shape.element + shape.row_bytes(_ROWS[-1]) + _SLOT_TOKENS * shape.token_bytes
    usable = memory.usable or 0
    return (
        f"a model of {shape.parameters} parameters and {shape.vocabulary} logits needs"
        f" {need / _GIB:.1f} GiB, a GPU of {memory.name} has {usable / _GIB:.1f}: use a larger one"
    )
