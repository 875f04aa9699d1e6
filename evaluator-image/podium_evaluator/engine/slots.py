"""Keys and values of continuations in slots of one preallocated tensor, and attention over them.

Registered under one name with the library, which hands every layer's queries, keys and values to
`_attend`; what is being computed, a prompt's chunk or a step of all slots, comes along as an argument.
A result's shapes follow from its own sequence alone: it is the same whatever is in the other slots.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final, Protocol

import torch
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

from podium_evaluator.engine.memory import ModelShape

__all__ = ["LENGTHS", "Piece", "Place", "SlotCache", "attending", "pieces_of", "step_of"]

LENGTHS: Final = 64
"""The number of keys that a query sees, hidden ones included, is a multiple of it: vector tails of the
kernels then do not depend on the exact length."""

_PLAIN_KEYS: Final = 4096
"""Up to so many keys all scores of a chunk are held at once."""

_NAME: Final = "podium_slots"


@dataclass(frozen=True, slots=True)
class SlotCache:
    """Keys and values: layers × slots × heads × tokens × width of a head.

    What lies behind a slot's sequence is zero: a mask hides it, but zero times what is no number would be
    none either.
    """

    keys: torch.Tensor
    values: torch.Tensor

    @classmethod
    def empty(
        cls, shape: ModelShape, slots: int, tokens: int, device: torch.device, dtype: torch.dtype
    ) -> SlotCache:
        """A cache of zeros."""
        size = (shape.layers, slots, shape.key_heads, tokens, shape.head)
        return cls(
            torch.zeros(size, device=device, dtype=dtype), torch.zeros(size, device=device, dtype=dtype)
        )

    def copy(self, source: int, target: int, tokens: int) -> None:
        """Copy the first `tokens` tokens of a slot to another."""
        for part in (self.keys, self.values):
            part[:, target, :, :tokens] = part[:, source, :, :tokens]

    def clear(self, slot: int, start: int, end: int) -> None:
        """Zero what a slot holds from token `start` to `end`, exclusive."""
        for part in (self.keys, self.values):
            part[:, slot, :, start:end] = 0


class Place(Protocol):
    """Where queries come from and what they see."""

    def attend(self, layer: int, states: _States) -> torch.Tensor:
        """Keep keys and values; return the attended values, 1 × tokens × heads × width."""


@dataclass(frozen=True, slots=True)
class _States:
    """A layer's queries, keys and values, each 1 × heads × tokens × width, and how they meet."""

    query: torch.Tensor
    key: torch.Tensor
    value: torch.Tensor
    scale: float
    window: int | None
    softcap: float | None


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring tokens of a prompt, which see themselves and all before them in the slot.

    Attributes:
        slot: Where the prompt is.
        start: Place of the first token in the slot.
        end: The place behind the last one.
        at: Place of the first token in the pass.
    """

    slot: int
    start: int
    end: int
    at: int

    @property
    def tokens(self) -> slice:
        """Of the pass."""
        return slice(self.at, self.at + self.end - self.start)


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Pieces of prompts, one behind the other; further tokens are padding."""

    cache: SlotCache
    pieces: tuple[Piece, ...]
    masks: dict[int | None, list[torch.Tensor]] = field(default_factory=dict)

    def attend(self, layer: int, states: _States) -> torch.Tensor:
        keys, values = self.cache.keys[layer], self.cache.values[layer]
        for piece in self.pieces:
            keys[piece.slot, :, piece.start : piece.end] = states.key[0, :, piece.tokens]
            values[piece.slot, :, piece.start : piece.end] = states.value[0, :, piece.tokens]
        found = torch.zeros_like(states.query)
        for piece, mask in zip(self.pieces, self._masks(states), strict=True):
            found[:, :, piece.tokens] = _attention(
                states.query[:, :, piece.tokens],
                keys[piece.slot, None, :, : piece.end],
                values[piece.slot, None, :, : piece.end],
                mask,
                states,
            )
        return found.transpose(1, 2)

    def _masks(self, states: _States) -> list[torch.Tensor]:
        if states.window not in self.masks:
            places = torch.arange(max(piece.end for piece in self.pieces), device=states.query.device)
            self.masks[states.window] = [
                _hidden(places[piece.start : piece.end], places[: piece.end], states) for piece in self.pieces
            ]
        return self.masks[states.window]


@dataclass(frozen=True, slots=True)
class _Run:
    """Neighbouring tokens of neighbouring slots whose sequences have the same rounded length."""

    queries: slice
    slots: slice
    tokens: int


@dataclass(frozen=True, slots=True)
class _Step:
    """One token for each of `slots`, in this order; further tokens are padding."""

    cache: SlotCache
    slots: torch.Tensor
    positions: torch.Tensor
    runs: tuple[_Run, ...]
    masks: dict[int | None, list[torch.Tensor]] = field(default_factory=dict)

    def attend(self, layer: int, states: _States) -> torch.Tensor:
        count = len(self.slots)
        keys, values = self.cache.keys[layer], self.cache.values[layer]
        keys[self.slots, :, self.positions] = states.key[0, :, :count].transpose(0, 1)
        values[self.slots, :, self.positions] = states.value[0, :, :count].transpose(0, 1)
        _, heads, tokens, width = states.query.shape
        # Query heads that share a head of keys become rows of one product.
        query = states.query[0].transpose(0, 1).reshape(tokens, keys.shape[1], -1, width)
        found = torch.zeros_like(query)
        for run, mask in zip(self.runs, self._masks(states), strict=True):
            seen = keys[run.slots, :, : run.tokens], values[run.slots, :, : run.tokens]
            found[run.queries] = _attention(query[run.queries], *seen, mask, states)
        return found.view(1, tokens, heads, width)

    def _masks(self, states: _States) -> list[torch.Tensor]:
        if states.window not in self.masks:
            self.masks[states.window] = [
                _hidden(
                    self.positions[run.queries, None, None, None],
                    torch.arange(run.tokens, device=self.positions.device),
                    states,
                )
                for run in self.runs
            ]
        return self.masks[states.window]


def pieces_of(cache: SlotCache, pieces: Sequence[Piece]) -> Place:
    """Pieces of prompts; those of one prompt in their order."""
    return _Pieces(cache, tuple(pieces))


def step_of(cache: SlotCache, slots: Sequence[int], positions: Sequence[int]) -> Place:
    """A step of `slots`, in ascending order, whose tokens stand at `positions`.

    On a GPU slots without gaps are one run whose length is the longest: its kernels go through the keys
    in blocks, and a block that is hidden from a query changes nothing of it.
    """
    device = cache.keys.device
    lengths = [-(-(position + 1) // LENGTHS) * LENGTHS for position in positions]
    if device.type == "cuda":
        lengths = [max(lengths)] * len(lengths)
    runs = []
    starts = [0, *(row for row in range(1, len(slots)) if not _continues(slots, lengths, row)), len(slots)]
    for start, end in pairwise(starts):
        first = slots[start]
        runs.append(_Run(slice(start, end), slice(first, first + end - start), lengths[start]))
    return _Step(
        cache, torch.tensor(slots, device=device), torch.tensor(positions, device=device), tuple(runs)
    )


def _continues(slots: Sequence[int], lengths: Sequence[int], row: int) -> bool:
    return (slots[row], lengths[row]) == (slots[row - 1] + 1, lengths[row - 1])


@contextmanager
def attending(config: Any) -> Iterator[None]:  # the library's configurations are untyped
    """Within it the model of this configuration attends over slots; calls need an argument `place`."""
    before = config._attn_implementation  # noqa: SLF001 - the library has no public reader
    config._attn_implementation = _NAME  # noqa: SLF001 - its public setter loads code by names
    try:
        yield
    finally:
        config._attn_implementation = before  # noqa: SLF001 - as above


def _attend(
    module: Any,  # as above
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    _attention_mask: torch.Tensor | None,
    *,
    place: Place,
    scaling: float,
    sliding_window: int | None = None,
    softcap: float | None = None,
    **_unused: object,
) -> tuple[torch.Tensor, None]:
    states = _States(query, key, value, scaling, sliding_window, softcap)
    return place.attend(module.layer_idx, states), None


def _hidden(query: torch.Tensor, key: torch.Tensor, states: _States) -> torch.Tensor:
    """What is added to scores: 0 where a key is at a position that the query sees, otherwise -inf."""
    ahead = query - key if query.ndim > 1 else query[:, None] - key
    seen = ahead >= 0 if states.window is None else (ahead >= 0) & (ahead < states.window)
    return torch.zeros(seen.shape, dtype=states.query.dtype, device=seen.device).masked_fill_(
        ~seen, float("-inf")
    )


def _attention(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, states: _States
) -> torch.Tensor:
    # No fused kernel bounds scores, and in half precision the CPU's is slower than plain products.
    half = query.device.type == "cpu" and query.dtype != torch.float32 and keys.shape[2] <= _PLAIN_KEYS
    if half or states.softcap is not None:
        return _plain_attention(query, keys, values, mask, states)
    return scaled_dot_product_attention(
        query,
        keys,
        values,
        attn_mask=mask,
        scale=states.scale,
        enable_gqa=query.shape[1] != keys.shape[1],
    )


def _plain_attention(
    query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, mask: torch.Tensor, states: _States
) -> torch.Tensor:
    batch, heads, tokens, width = query.shape
    shared = keys.shape[1]
    grouped = query.reshape(batch, shared, -1, width)
    products = (grouped @ keys.transpose(2, 3)).float()
    scores = products.view(batch, shared, heads // shared, tokens, -1).mul_(states.scale)
    if states.softcap is not None:
        scores = scores.div_(states.softcap).tanh_().mul_(states.softcap)
    scores += mask if mask.ndim == 2 else mask[:, :, None]  # noqa: PLR2004 - tokens × keys
    weights = torch.softmax(scores, dim=-1).to(query.dtype)
    return (weights.view(batch, shared, -1, keys.shape[2]) @ values).view(query.shape)


# Not under the library's masks: models then make none, and every mask is ours.
AttentionInterface.register(_NAME, _attend)
