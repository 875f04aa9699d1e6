"""The next token of each row of logits: repetition penalty, largest logit, numbers or not."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import torch

__all__ = ["Choices", "choose"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the rows of logits say.

    Attributes:
        tokens: The largest logit's id, of several the lowest.
        finite: Whether all logits are numbers; where they are not the token means nothing.
    """

    tokens: list[int]
    finite: list[bool]


def choose(
    logits: torch.Tensor,
    seen: torch.Tensor,
    penalties: torch.Tensor,
    forbidden: Sequence[Collection[int]] = (),
) -> Choices:
    """The next tokens; a row's depends on nothing but the row.

    Args:
        logits: Rows × vocabulary in single precision; they are overwritten.
        seen: Rows × ids that occur so far, repeated at will, at least one in each row.
        penalties: Rows; 1 changes nothing.
        forbidden: Of the first rows, ids that are not to be taken.
    """
    finite = _are_finite(logits)
    if bool((penalties != 1).any()):
        met, factor = logits.gather(1, seen), penalties[:, None]
        # An id that occurs twice is written twice, with the same value.
        logits.scatter_(1, seen, torch.where(met < 0, met * factor, met / factor))
    for row, ids in zip(logits, forbidden, strict=False):
        if ids:
            row[sorted(ids)] = -torch.inf
    # Of equal values torch promises the first.
    return Choices(logits.max(dim=1).indices.tolist(), finite)


def _are_finite(logits: torch.Tensor) -> list[bool]:
    # A sum of numbers is one unless it overflows, so that the slower question is hardly ever asked.
    sums: list[bool] = logits.sum(dim=1).isfinite().tolist()
    if all(sums):
        return sums
    rows: list[bool] = logits.isfinite().all(dim=1).tolist()
    return rows
