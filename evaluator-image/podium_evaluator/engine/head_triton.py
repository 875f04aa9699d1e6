"""The weight of all logits of a state by one kernel for GPUs, no logit ever in memory.

Each program computes a tile of states × vocabulary and writes the logarithm of the sum of its
exponentials for each state; the tiles are joined afterwards, always in their order. Nothing is added up in
the order in which programs end, so that the same bits come out every time.
"""

# Triton compiles the kernel from its source and publishes no types.
# mypy: disable-error-code="no-untyped-def, untyped-decorator, no-any-return, import-untyped"
# ruff: noqa: ANN001, ANN202

from __future__ import annotations

from typing import Final

import torch
import triton
import triton.language as tl

__all__ = ["weights"]

_STATES: Final = 64
_VOCABULARY: Final = 128
_WIDTH: Final = 64


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
    if HAS_SOFTCAP:
        # tanh by its definition, which is exact enough and nowhere missing.
        logits = softcap * (1.0 - 2.0 / (tl.exp(2.0 * logits / softcap) + 1.0))
    logits = tl.where(is_token[None, :], logits, float("-inf"))
    largest = tl.max(logits, 1)
    total = tl.sum(tl.exp(logits - largest[:, None]), 1)
    tl.store(found + tl.program_id(1).to(tl.int64) * states + row, largest + tl.log(total), mask=is_row)


def weights(
    hidden: torch.Tensor, matrix: torch.Tensor, bias: torch.Tensor | None, softcap: float | None
) -> torch.Tensor:
    """Logarithm of the sum of the exponentials of each state's logits, in single precision.

    Args:
        hidden: States × width.
        matrix: Vocabulary × width, of the same type.
        bias: Of each logit.
        softcap: Bound of the logits.
    """
    states, width = hidden.shape
    vocabulary = matrix.shape[0]
    hidden, matrix = hidden.contiguous(), matrix.contiguous()
    tiles = triton.cdiv(vocabulary, _VOCABULARY)
    found = torch.empty(tiles, states, dtype=torch.float32, device=hidden.device)
    _tile[triton.cdiv(states, _STATES), tiles](
        hidden, matrix, hidden if bias is None else bias, found, states, vocabulary, width,
        hidden.stride(0), matrix.stride(0), 0.0 if softcap is None else softcap,
        HAS_BIAS=bias is not None, HAS_SOFTCAP=softcap is not None,
        STATES=_STATES, VOCABULARY=_VOCABULARY, WIDTH=_WIDTH,
    )  # fmt: skip
    return torch.logsumexp(found, 0)
