"""Attention one segment at a time: the fused kernel of CPUs, and an explicit one for all that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import torch

from podium_evaluator.engine.attention import KeysValues, Logits, Part
from podium_evaluator.engine.plan import Placed, Row

__all__ = ["Kernel", "SegmentBackend", "explicit", "fused"]

_BLOCK: Final = 512
"""Queries at once where attention is not plainly causal: bounds the memory of masks and logits."""

Seen = torch.Tensor | Literal["Earlier", "All"]
"""Which keys a query sees: where the mask is true; those up to its own; all. Windows are in the mask."""

Kernel = Callable[[torch.Tensor, KeysValues, Logits, Seen], Part]
"""From queries, 1 × heads × tokens × width, and keys and values with as many heads."""


def fused(query: torch.Tensor, pair: KeysValues, logits: Logits, seen: Seen) -> Part:
    """The kernel that torch's own attention uses on CPUs; called by its name since it also tells weights."""
    if logits.softcap is not None:
        return explicit(query, pair, logits, seen)
    mask, causal = None, False
    if isinstance(seen, torch.Tensor):
        mask = torch.zeros(seen.shape, dtype=query.dtype).masked_fill_(~seen, -torch.inf)
    else:
        causal = seen == "Earlier"
    values, weight = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu(  # noqa: SLF001
        query, *pair, 0.0, causal, attn_mask=mask, scale=logits.scale
    )
    return Part(values.transpose(1, 2), weight)


def explicit(query: torch.Tensor, pair: KeysValues, logits: Logits, seen: Seen) -> Part:
    """By its definition, a block of queries at a time."""
    keys, values = pair
    found, weights = [], []
    for start in range(0, query.shape[2], _BLOCK):
        block = query[:, :, start : start + _BLOCK]
        causal = not isinstance(seen, torch.Tensor) and seen == "Earlier"
        end = min(start + _BLOCK, keys.shape[2]) if causal else keys.shape[2]
        scores = (block @ keys[:, :, :end].transpose(2, 3)).float() * logits.scale
        if logits.softcap is not None:
            scores = torch.tanh(scores / logits.softcap) * logits.softcap
        if isinstance(seen, torch.Tensor):
            scores = scores.masked_fill(~seen[start : start + _BLOCK], -torch.inf)
        elif causal:
            hidden = torch.ones(scores.shape[2:], dtype=torch.bool, device=scores.device).triu(start + 1)
            scores = scores.masked_fill(hidden, -torch.inf)
        weight = torch.logsumexp(scores, -1)
        shares = torch.exp(scores - weight[..., None]).to(values.dtype)
        found.append((shares @ values[:, :, :end]).transpose(1, 2))
        weights.append(weight)
    return Part(torch.cat(found, 1), torch.cat(weights, 2))


@dataclass(frozen=True, slots=True)
class _Tail:
    """The branches of a tree: queries from `start` up to `end` see keys from `first` up to `end`."""

    first: int
    start: int
    end: int
    mask: torch.Tensor


class SegmentBackend:
    """Each segment by itself: its trunk is causal, its branches have a mask."""

    def __init__(self, row: Row, kernel: Kernel, device: torch.device) -> None:
        self._kernel = kernel
        self._trunks = [(one.start, one.start + one.segment.trunk) for one in row.placed]
        self._tails = [_tail(one, device) for one in row.placed if one.segment.branches]

    def within(self, query: torch.Tensor, own: KeysValues, logits: Logits) -> Part:
        """What tokens take from their own segments."""
        batch, heads, tokens, width = query.shape
        values = query.new_zeros(batch, tokens, heads, width)
        weight = query.new_zeros(batch, heads, tokens, dtype=torch.float32)
        for start, end, part in self._parts(query, own, logits):
            values[:, start:end] = part.values
            weight[:, :, start:end] = part.weight
        return Part(values, weight)

    def before(self, query: torch.Tensor, kept: KeysValues, logits: Logits) -> Part:
        """What all tokens take from the whole of a kept beginning."""
        return self._kernel(query, _spread(kept, query), logits, "All")

    def _parts(self, query: torch.Tensor, own: KeysValues, logits: Logits) -> Iterator[tuple[int, int, Part]]:
        for start, end in self._trunks:
            if logits.window is not None and end - start > logits.window:
                yield from self._windowed(query, own, logits, start, end)
            else:
                pair = _spread(own, query, start, end)
                yield start, end, self._kernel(query[:, :, start:end], pair, logits, "Earlier")
        for tail in self._tails:
            pair = _spread(own, query, tail.first, tail.end)
            part = self._kernel(query[:, :, tail.start : tail.end], pair, logits, tail.mask)
            yield tail.start, tail.end, part

    def _windowed(
        self, query: torch.Tensor, own: KeysValues, logits: Logits, start: int, end: int
    ) -> Iterator[tuple[int, int, Part]]:
        window = logits.window or 0
        for low in range(start, end, _BLOCK):
            high = min(low + _BLOCK, end)
            first = max(start, low - window + 1)
            ahead = torch.arange(low, high)[:, None] - torch.arange(first, high)
            seen = ((ahead >= 0) & (ahead < window)).to(query.device)
            pair = _spread(own, query, first, high)
            yield low, high, self._kernel(query[:, :, low:high], pair, logits, seen)


def _tail(placed: Placed, device: torch.device) -> _Tail:
    segment = placed.segment
    mask = torch.zeros(segment.length, segment.length, dtype=torch.bool)
    mask[:, : segment.trunk] = True
    for branch in segment.branches:
        mask[branch.start : branch.end, torch.from_numpy(branch.sees)] = True
        mask[branch.start : branch.end, branch.start : branch.end] = True
    mask = mask.tril_()[segment.trunk :].to(device)
    return _Tail(placed.start, placed.start + segment.trunk, placed.end, mask)


def _spread(pair: KeysValues, query: torch.Tensor, start: int = 0, end: int | None = None) -> KeysValues:
    """Some tokens' keys and values, repeated for the heads of queries that share them."""
    keys, values = (one[:, :, start:end] for one in pair)
    groups = query.shape[1] // keys.shape[1]
    if groups == 1:
        return keys, values
    return keys.repeat_interleave(groups, 1), values.repeat_interleave(groups, 1)
