"""Attention over packed rows, under one name among those that the library's classes know.

A class calls it in each layer with the queries, keys and values of a whole row, and hands on the
`reading` that the backbone was called with. What a token sees is a sum of parts: those before it in its
segment, and the kept beginning that the row continues. Each part gives its own mean of values and the
logarithm of its weight; the two are merged by these (Milakov and Gimelshein 2018, "Online normalizer
calculation for softmax").
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Protocol

import torch
from transformers import AttentionInterface

from podium_evaluator.engine.plan import Row

__all__ = ["NAME", "Backend", "KeysValues", "Logits", "Part", "Reading", "merged"]

NAME: Final = "podium"
"""What `attn_implementation` must be; there is no mask of that name, so that the classes make none."""

KeysValues = tuple[torch.Tensor, torch.Tensor]
"""Keys and values of one layer: 1 × heads × tokens × width."""


@dataclass(frozen=True, slots=True)
class Part:
    """What tokens take from some of the tokens that they see.

    Attributes:
        values: Mean of values, 1 × tokens × heads × width.
        weight: Logarithm of the sum of the exponentials of the logits, 1 × heads × tokens.
    """

    values: torch.Tensor
    weight: torch.Tensor


@dataclass(frozen=True, slots=True)
class Logits:
    """What a class asks of the logits of a layer.

    Attributes:
        scale: They are multiplied by it.
        window: A token sees so many tokens, itself included; None where all.
        softcap: Bound c, where there is one: they are c · tanh(x / c).
    """

    scale: float
    window: int | None = None
    softcap: float | None = None


class Backend(Protocol):
    """Computes the parts."""

    def within(self, query: torch.Tensor, own: KeysValues, logits: Logits) -> Part:
        """What tokens take from their own segments; padding takes zeros with a weight of 0."""

    def before(self, query: torch.Tensor, kept: KeysValues, logits: Logits) -> Part:
        """What all tokens of a row take from the whole of a kept beginning."""


@dataclass(slots=True)
class Reading:
    """One pass over a row.

    Attributes:
        row: What is read.
        backend: Knows the row's segments.
        sees: Keys and values of the beginning that it continues, a pair for each layer.
        keeps: Where those of this row go, behind `sees`, where it is a beginning itself.
        layers: How many layers have asked.
    """

    row: Row
    backend: Backend
    sees: list[KeysValues] | None
    keeps: list[KeysValues] | None
    layers: int = field(default=0)

    def attend(self, query: torch.Tensor, own: KeysValues, logits: Logits) -> torch.Tensor:
        """The values that each token takes, 1 × tokens × heads × width."""
        sees = None if self.sees is None else self.sees[self.layers]
        self.layers += 1
        if self.keeps is not None:
            self.keeps.append(_behind(sees, own, self.row.placed[0].segment.length))
        part = self.backend.within(query, own, logits)
        if sees is not None:
            part = merged(part, self.backend.before(query, sees, logits))
        return part.values


def merged(first: Part, second: Part) -> Part:
    """What tokens take from both parts together."""
    share = torch.sigmoid(second.weight - first.weight).transpose(1, 2)[..., None]
    values = torch.lerp(first.values.float(), second.values.float(), share)
    return Part(values.to(first.values.dtype), torch.logaddexp(first.weight, second.weight))


def _behind(sees: KeysValues | None, own: KeysValues, length: int) -> KeysValues:
    keys, values = (one[:, :, :length] for one in own)
    if sees is None:
        return keys.clone(), values.clone()
    return torch.cat([sees[0], keys], 2), torch.cat([sees[1], values], 2)


def _attention(
    _module: Any,  # a layer of whatever class
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    *,
    reading: Reading,
    **_others: object,
) -> tuple[torch.Tensor, None]:
    if attention_mask is not None:
        raise ValueError("expected no mask: a packed row has its own")
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    return reading.attend(query, (key, value), Logits(scale, sliding_window, softcap)), None


AttentionInterface.register(NAME, _attention)
