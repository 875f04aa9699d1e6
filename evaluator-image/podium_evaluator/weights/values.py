"""What the values of a stretch of weights say: whether all are finite, and sums of squares."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from podium_evaluator.models.projection import Rows

__all__ = ["all_finite", "squares", "value_bytes"]

_BLOCK: Final = 64 * 1024
"""Values at a time: what is computed from them stays in a core's cache."""

_RUN: Final = 1024
"""Values that are summed in single precision.

Squares are never negative, so a sum of n of them in any order has a relative error of at most n · 2⁻²⁴:
6·10⁻⁵ here, half of it in the norm; vector units sum in many lanes, which leaves about 10⁻⁶. Runs are
added in double precision.
"""

_EXPONENTS: Final = {"F32": ("<u4", 0x7F800000), "F16": ("<u2", 0x7C00), "BF16": ("<u2", 0x7F80)}
"""Type of the same size and the bits of the exponent: all of them set means infinity or NaN."""


def value_bytes(dtype: str) -> int:
    """Size of one value."""
    return np.dtype(_EXPONENTS[dtype][0]).itemsize


def all_finite(chunk: memoryview, dtype: str) -> bool:
    """Whether no value is NaN or infinite; `chunk` ends between two values."""
    name, bits = _EXPONENTS[dtype]
    words = np.frombuffer(chunk, name)
    scratch, mask = np.empty(_BLOCK, words.dtype), words.dtype.type(bits)
    for start in range(0, words.size, _BLOCK):
        block = words[start : start + _BLOCK]
        if np.bitwise_and(block, mask, out=scratch[: block.size]).max() == mask:
            return False
    return True


def squares(
    chunk: memoryview, dtype: str, first: int, width: int, parts: tuple[Rows, ...]
) -> tuple[float, ...]:
    """Sums of the squares of a matrix's rows, over those in `chunk`.

    Args:
        chunk: Finite values in row-major order.
        dtype: Their type.
        first: Index in the matrix of the first of them.
        width: Values in a row.
        parts: Which rows belong together.
    """
    sums = [0.0] * len(parts)
    for values in _blocks(chunk, dtype):
        for place, rows in enumerate(parts):
            for low, high in rows.runs(width, first, first + values.size):
                sums[place] += _sum_of_squares(values[low - first : high - first])
        first += values.size
    return tuple(sums)


def _blocks(chunk: memoryview, dtype: str) -> Iterator[NDArray[np.float32]]:
    """The values in single precision, which holds those of every type; overwritten by the next block.

    Signs may be lost, squares have none.
    """
    stored = np.frombuffer(chunk, _EXPONENTS[dtype][0])
    scratch = np.empty(_BLOCK, np.float32)
    for start in range(0, stored.size, _BLOCK):
        block = stored[start : start + _BLOCK]
        values = scratch[: block.size]
        match dtype:
            case "BF16":
                # The upper half of a single-precision number.
                np.left_shift(block, np.uint32(16), out=values.view(np.uint32), dtype=np.uint32)
            case "F16":
                # Exponent and fraction in their new places, then the difference of the exponents' biases:
                # exact, also below the smallest normal number, and five times as fast as astype.
                np.left_shift(
                    block & np.uint16(0x7FFF), np.uint32(13), out=values.view(np.uint32), dtype=np.uint32
                )
                values *= np.float32(2.0**112)
            case _:
                values = block.view(np.float32)
        yield values


def _sum_of_squares(values: NDArray[np.float32]) -> float:
    whole = values.size // _RUN * _RUN
    runs, rest = values[:whole].reshape(-1, _RUN), values[whole:]
    with np.errstate(over="ignore"):
        total = float(np.vecdot(runs, runs).sum(dtype=np.float64)) + float(rest @ rest)
    if math.isfinite(total):
        return total
    # A square beyond 3·10³⁸: rare and never honest, so its speed does not matter.
    wide = values.astype(np.float64)
    return float(wide @ wide)
