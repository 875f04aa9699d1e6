"""Attention of a whole row in a few calls of the GPU's kernel for sequences of different lengths.

Trunks and branches are causal sequences side by side. What branches see beside themselves are further
parts: all branches of a tree see its trunk, and each the tokens of earlier branches that it continues.
The kernel never splits keys, so that a token's bits do not depend on what else is in the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from torch.nn.attention.varlen import AuxRequest, varlen_attn

from podium_evaluator.engine.attention import KeysValues, Logits, Part, merged
from podium_evaluator.engine.plan import Row

__all__ = ["VarlenBackend", "is_served"]

_WIDEST: Final = 256
_WIDTH_MULTIPLE: Final = 8
_AMPERE: Final = (8, 0)

Kernel = Callable[..., Any]
"""`varlen_attn`, or in tests what computes the same slowly."""


def is_served(device: torch.device, dtype: torch.dtype, width: int) -> bool:
    """Whether the kernel exists for a device, a type and a width of heads."""
    return (
        device.type == "cuda"
        and dtype in {torch.bfloat16, torch.float16}
        and width <= _WIDEST
        and width % _WIDTH_MULTIPLE == 0
        and torch.cuda.get_device_capability(device) >= _AMPERE
    )


@dataclass(frozen=True, slots=True)
class _Lengths:
    """Sequences side by side: where each begins and the last ends, and the longest."""

    edges: torch.Tensor
    longest: int

    @classmethod
    def of(cls, lengths: Sequence[int], device: torch.device) -> _Lengths:
        edges = torch.tensor(np.cumsum([0, *lengths]), dtype=torch.int32, device=device)
        return cls(edges, max(lengths, default=0))


@dataclass(frozen=True, slots=True)
class _Further:
    """What some tokens see beside their own sequence, all of it earlier than they.

    Attributes:
        queries: Places of the tokens.
        keys: Places of what they see.
        query_lengths: How many of the former belong together.
        key_lengths: How many of the latter they see.
    """

    queries: torch.Tensor
    keys: torch.Tensor
    query_lengths: _Lengths
    key_lengths: _Lengths

    @classmethod
    def of(cls, pairs: Sequence[tuple[np.ndarray, np.ndarray]], device: torch.device) -> _Further | None:
        pairs = [pair for pair in pairs if len(pair[1])]
        if not pairs:
            return None
        queries, keys = (np.concatenate(side) for side in zip(*pairs, strict=True))
        return cls(
            torch.from_numpy(queries).to(device),
            torch.from_numpy(keys).to(device),
            _Lengths.of([len(query) for query, _ in pairs], device),
            _Lengths.of([len(key) for _, key in pairs], device),
        )


class VarlenBackend:
    """A row's sequences, ready for the kernel."""

    def __init__(self, row: Row, device: torch.device, kernel: Kernel = varlen_attn) -> None:
        self._kernel = kernel
        self._whole = _Lengths.of([row.ids.size], device)
        self._own = _Lengths.of(_own_lengths(row), device)
        trees = [one for one in row.placed if one.segment.branches]
        trunks = [
            (
                np.arange(one.start + one.segment.trunk, one.end),
                np.arange(one.start, one.start + one.segment.trunk),
            )
            for one in trees
        ]
        earlier = [
            (np.arange(one.start + branch.start, one.start + branch.end), one.start + branch.sees)
            for one in trees
            for branch in one.segment.branches
        ]
        found = (_Further.of(trunks, device), _Further.of(earlier, device))
        self._further = [one for one in found if one is not None]

    def within(self, query: torch.Tensor, own: KeysValues, logits: Logits) -> Part:
        """What tokens take from their own segments, padding from itself."""
        part = self._attend(query, own, logits, self._own, self._own, causal=True)
        for further in self._further:
            some = Part(part.values[:, further.queries], part.weight[:, :, further.queries])
            pair = own[0][:, :, further.keys], own[1][:, :, further.keys]
            asked = query[:, :, further.queries]
            seen = self._attend(asked, pair, logits, further.query_lengths, further.key_lengths, causal=False)
            both = merged(some, seen)
            part.values[:, further.queries] = both.values
            part.weight[:, :, further.queries] = both.weight
        return part

    def before(self, query: torch.Tensor, kept: KeysValues, logits: Logits) -> Part:
        """What all tokens take from the whole of a kept beginning."""
        lengths = _Lengths.of([kept[0].shape[2]], query.device)
        return self._attend(query, kept, logits, self._whole, lengths, causal=False)

    def _attend(
        self,
        query: torch.Tensor,
        pair: KeysValues,
        logits: Logits,
        queries: _Lengths,
        keys: _Lengths,
        *,
        causal: bool,
    ) -> Part:
        # Trees and kept beginnings are no longer than a window, so that only causal sequences have one.
        left = -1 if not causal or logits.window is None else logits.window - 1
        values, weight = self._kernel(
            *(one[0].transpose(0, 1).contiguous() for one in (query, *pair)),
            queries.edges,
            keys.edges,
            queries.longest,
            keys.longest,
            return_aux=AuxRequest(lse=True),
            scale=logits.scale,
            window_size=(left, 0 if causal else -1),
            enable_gqa=query.shape[1] != pair[0].shape[1],
            num_splits=1,
        )
        if weight.shape != (query.shape[1], query.shape[2]):
            raise RuntimeError(f"the kernel's weights are {tuple(weight.shape)}, heads × tokens expected")
        return Part(values[None], weight[None])


def _own_lengths(row: Row) -> list[int]:
    lengths = []
    for one in row.placed:
        parts = (one.segment.trunk, *(branch.end - branch.start for branch in one.segment.branches))
        lengths += [part for part in parts if part]
    return [*lengths, row.ids.size - sum(lengths)] if sum(lengths) < row.ids.size else lengths
