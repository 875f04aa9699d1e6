"""Stretches of weights: finite or not, and the squares of chosen rows."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from podium_evaluator.models.projection import EVERY_ROW, Rows
from podium_evaluator.weights.values import all_finite, squares
from tests.podium_evaluator.tiny import bfloat16

_STORED = {"F16": lambda values: values.astype("f2"), "BF16": bfloat16}
_KINDS = pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])


def stored(values: NDArray[np.float32], kind: str) -> memoryview:
    return memoryview((values if kind == "F32" else _STORED[kind](values)).tobytes())


@_KINDS
@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_one_value_that_is_not_finite_is_enough(kind: str, value: float) -> None:
    for place in (0, 70_000, 99_999):
        values = np.full(100_000, -6e4, "f4")
        assert all_finite(stored(values, kind), kind)
        values[place] = value
        assert not all_finite(stored(values, kind), kind)


@_KINDS
@pytest.mark.parametrize("value", [0.0, 5.96e-8, 6.1e-5, -0.1, 60_000.0])
def test_squares_are_those_of_the_stored_values(kind: str, value: float) -> None:
    values = np.full(3000, value, "f4")
    exact = {
        "F32": values,
        "F16": values.astype("f2"),
        "BF16": (bfloat16(values).astype("u4") << 16).view("f4"),
    }

    (found,) = squares(stored(values, kind), kind, 0, 10, (EVERY_ROW,))

    assert found == pytest.approx(float(exact[kind].astype("f8") @ exact[kind].astype("f8")), rel=1e-6)


def test_squares_beyond_single_precision_are_numbers() -> None:
    assert squares(stored(np.full(2, 3e38, "f4"), "F32"), "F32", 0, 1, (EVERY_ROW,)) == (
        pytest.approx(1.8e77),
    )


@given(st.data())
def test_any_stretch_of_any_pattern_adds_up(data: st.DataObject) -> None:
    period, repeats, width = (data.draw(st.integers(1, 5)) for _ in range(3))
    begin = data.draw(st.integers(0, period - 1))
    rows = Rows(period, begin, data.draw(st.integers(begin + 1, period)))
    matrix = np.arange(period * repeats * width, dtype="f4").reshape(repeats, period, width)
    first = data.draw(st.integers(0, matrix.size - 1))
    last = data.draw(st.integers(first + 1, matrix.size))

    (found,) = squares(stored(matrix.ravel()[first:last], "F32"), "F32", first, width, (rows,))

    counted = np.zeros(matrix.shape)
    counted[:, rows.begin : rows.end] = 1
    wanted = (matrix.astype("f8") ** 2 * counted).ravel()[first:last].sum()
    assert found == pytest.approx(wanted)
