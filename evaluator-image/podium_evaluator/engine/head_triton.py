"""Losses of hidden states by kernels for GPUs, no logit of a whole vocabulary ever in memory.

Each program of the first kernel computes a tile of states × vocabulary and writes the logarithm of the
sum of its exponentials for each state; the second joins the tiles in their order and takes away the
target's logit. Nothing is added up in the order in which programs end, and every sum has a shape that
does not depend on how many states or losses there are: the same bits come out every time.
"""

# Triton compiles kernels from their source and publishes no types.
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-any-return, import-untyped"
# ruff: noqa: ANN001, ANN202

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
import triton
import triton.language as tl

__all__ = ["losses", "weights"]


@dataclass(frozen=True, slots=True)
class _Tiling:
    """States × vocabulary of a tile, width that is read at once, and triton's warps and stages."""

    states: int
    vocabulary: int
    width: int
    warps: int
    stages: int


_HALF: Final = _Tiling(128, 256, 64, warps=8, stages=3)
_SINGLE: Final = _Tiling(64, 128, 32, warps=4, stages=2)
"""The products of single precision do not go through tensor cores: larger tiles would not fit registers."""

_JOINED_TILES: Final = 64
_JOINED_STATES: Final = 16
_SUMMED: Final = 1024
"""Numbers of a target's product that are added up at once."""


@triton.jit
def _bounded(logits, softcap, HAS_SOFTCAP: tl.constexpr):  # noqa: N803 - constants by triton's custom
    if HAS_SOFTCAP:
        # tanh by its definition, which is exact enough and nowhere missing.
        logits = softcap * (1.0 - 2.0 / (tl.exp(2.0 * logits / softcap) + 1.0))
    return logits


@triton.jit
def _tile(  # noqa: PLR0913, PLR0917 - a kernel's arguments are numbers
    hidden, matrix, bias, found, states, vocabulary, width, hidden_step, matrix_step, softcap,
    HAS_BIAS: tl.constexpr, HAS_SOFTCAP: tl.constexpr,  # noqa: N803 - constants by triton's custom
    STATES: tl.constexpr, VOCABULARY: tl.constexpr, WIDTH: tl.constexpr,  # noqa: N803 - the same
):  # fmt: skip
    row = tl.program_id(0) * STATES + tl.arange(0, STATES)
    token = tl.program_id(1) * VOCABULARY + tl.arange(0, VOCABULARY)
    is_row, is_token = row < states, token < vocabulary
    # Offsets of a large vocabulary times a wide model need more than 32 bits.
    hidden_row, matrix_row = row.to(tl.int64) * hidden_step, token.to(tl.int64) * matrix_step
    logits = tl.zeros((STATES, VOCABULARY), tl.float32)
    for start in range(0, width, WIDTH):
        at = start + tl.arange(0, WIDTH)
        is_at = at < width
        left = tl.load(
            hidden + hidden_row[:, None] + at[None, :], mask=is_row[:, None] & is_at[None, :], other=0.0
        )
        right = tl.load(
            matrix + matrix_row[None, :] + at[:, None], mask=is_token[None, :] & is_at[:, None], other=0.0
        )
        logits += tl.dot(left, right, input_precision="ieee")
    if HAS_BIAS:
        logits += tl.load(bias + token, mask=is_token, other=0.0).to(tl.float32)[None, :]
    logits = tl.where(is_token[None, :], _bounded(logits, softcap, HAS_SOFTCAP), float("-inf"))
    largest = tl.max(logits, 1)
    total = tl.sum(tl.exp(logits - largest[:, None]), 1)
    tl.store(found + tl.program_id(1).to(tl.int64) * states + row, largest + tl.log(total), mask=is_row)


@triton.jit
def _join(
    found, joined, states, tiles,
    STATES: tl.constexpr, TILES: tl.constexpr,  # noqa: N803 - constants by triton's custom
):  # fmt: skip
    row = tl.program_id(0) * STATES + tl.arange(0, STATES)
    is_row = row < states
    largest = tl.full((STATES,), float("-inf"), tl.float32)
    total = tl.zeros((STATES,), tl.float32)
    for start in range(0, tiles, TILES):
        tile = start + tl.arange(0, TILES)
        inside = is_row[:, None] & (tile < tiles)[None, :]
        some = tl.load(found + tile[None, :] * states + row[:, None], mask=inside, other=float("-inf"))
        # Rows that are not there stay finite, so that nothing is subtracted from infinity.
        some = tl.where(is_row[:, None], some, 0.0)
        higher = tl.maximum(largest, tl.max(some, 1))
        total = total * tl.exp(largest - higher) + tl.sum(tl.exp(some - higher[:, None]), 1)
        largest = higher
    tl.store(joined + row, largest + tl.log(total), mask=is_row)


@triton.jit
def _loss(  # noqa: PLR0913, PLR0917 - as above
    hidden, matrix, bias, joined, state, target, found, width, hidden_step, matrix_step, softcap,
    HAS_BIAS: tl.constexpr, HAS_SOFTCAP: tl.constexpr, WIDTH: tl.constexpr,  # noqa: N803 - as above
):  # fmt: skip
    row, token = tl.load(state + tl.program_id(0)), tl.load(target + tl.program_id(0))
    products = tl.zeros((WIDTH,), tl.float32)
    for start in range(0, width, WIDTH):
        at = start + tl.arange(0, WIDTH)
        left = tl.load(hidden + row * hidden_step + at, mask=at < width, other=0.0).to(tl.float32)
        right = tl.load(matrix + token * matrix_step + at, mask=at < width, other=0.0).to(tl.float32)
        products += left * right
    logit = tl.sum(products, 0)
    if HAS_BIAS:
        logit += tl.load(bias + token).to(tl.float32)
    tl.store(found + tl.program_id(0), tl.load(joined + row) - _bounded(logit, softcap, HAS_SOFTCAP))


def losses(
    hidden: torch.Tensor,
    matrix: torch.Tensor,
    bias: torch.Tensor | None,
    softcap: float | None,
    state: torch.Tensor,
    target: torch.Tensor,
) -> torch.Tensor:
    """Cross entropies in nats, in single precision.

    Args:
        hidden: States × width.
        matrix: Vocabulary × width, of the same type.
        bias: Of each logit.
        softcap: Bound of the logits.
        state: Which state predicts, for each loss.
        target: Token that is predicted, for each loss.
    """
    hidden, matrix = hidden.contiguous(), matrix.contiguous()
    found = torch.empty(len(state), dtype=torch.float32, device=hidden.device)
    if len(state):
        _loss[len(state),](
            hidden, matrix, hidden if bias is None else bias, weights(hidden, matrix, bias, softcap),
            state, target, found, hidden.shape[1], hidden.stride(0), matrix.stride(0),
            0.0 if softcap is None else softcap,
            HAS_BIAS=bias is not None, HAS_SOFTCAP=softcap is not None, WIDTH=_SUMMED,
        )  # fmt: skip
    return found


def weights(
    hidden: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor | None, softcap: float | None
) -> torch.Tensor:
    """Logarithm of the sum of the exponentials of each state's logits, in single precision.

    Args:
        hidden: States × width, contiguous.
        matrix: Vocabulary × width, contiguous, of the same type.
        bias: Of each logit.
        softcap: Bound of the logits.
    """
    tiling = _SINGLE if hidden.dtype == torch.float32 else _HALF
    states, width = hidden.shape
    vocabulary = matrix.shape[0]
    tiles = triton.cdiv(vocabulary, tiling.vocabulary)
    found = torch.empty(tiles, states, dtype=torch.float32, device=hidden.device)
    _tile[triton.cdiv(states, tiling.states), tiles](
        hidden, matrix, hidden if bias is None else bias, found, states, vocabulary, width,
        hidden.stride(0), matrix.stride(0), 0.0 if softcap is None else softcap,
        HAS_BIAS=bias is not None, HAS_SOFTCAP=softcap is not None,
        STATES=tiling.states, VOCABULARY=tiling.vocabulary, WIDTH=tiling.width,
        num_warps=tiling.warps, num_stages=tiling.stages,
    )  # fmt: skip
    joined = torch.empty(states, dtype=torch.float32, device=hidden.device)
    _join[triton.cdiv(states, _JOINED_STATES),](
        found, joined, states, tiles, STATES=_JOINED_STATES, TILES=_JOINED_TILES
    )
    return joined
