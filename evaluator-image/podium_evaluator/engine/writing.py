"""Many continuations at once: a constant number of slots, each refilled when its continuation ends.

A step computes the logits of all continuations, takes a token of each, lets go of those that end, and
reads the tokens of the others. Its matrix products have a constant number of rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from podium_evaluator.engine.choice import choose
from podium_evaluator.engine.continuation import Continuation
from podium_evaluator.engine.forward import forward
from podium_evaluator.engine.logits import logits_of
from podium_evaluator.engine.memory import Sizes
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.prefix import CHUNKS, chunk_ends
from podium_evaluator.engine.reading import PASS_TOKENS, PromptReader
from podium_evaluator.engine.shape import model_shape
from podium_evaluator.engine.slots import LENGTHS, SlotCache, attending, step_of

__all__ = ["slot_tokens", "write"]

_REFILLS: Final = 4
"""Slots are refilled as soon as one in so many is free."""


def write(
    model: LanguageModel, continuations: Sequence[Continuation], sizes: Sizes, ended: Callable[[], None]
) -> None:
    """Write continuations to their ends.

    Args:
        model: One that is served by slots.
        continuations: Not begun; in any order.
        sizes: Slots and rows.
        ended: Told of each that ends.
    """
    # Neighbours of like length are read in one run; the longest come first, so that memory that does
    # not suffice is found out at once.
    queue = deque(sorted(continuations, key=lambda one: (-len(one.asked.prompt), one.asked.prompt)))
    slots = _empty_slots(model, continuations, sizes)
    with attending(model.backbone.config):
        while queue or slots.held:
            slots.refill(queue)
            for _ in range(slots.take_tokens()):
                ended()
            slots.read_tokens()


def slot_tokens(continuations: Sequence[Continuation], device: torch.device, limit: int | None) -> int:
    """Tokens that a slot must hold."""
    needed = max(
        max(
            chunk_ends(len(one.asked.prompt), CHUNKS[device.type], limit)[-1],
            len(one.asked.prompt) + one.asked.maximum_tokens,
        )
        for one in continuations
    )
    return -(-needed // LENGTHS) * LENGTHS


@dataclass(slots=True)
class _Slots:
    """The slots and what is in them.

    Attributes:
        model: Computes.
        sizes: Rows of a step.
        cache: Keys and values.
        hidden: Slots × width: the state after the last token that was read.
        seen: Slots × tokens: prompt and continuation, then the first token again and again.
        penalties: Of each slot's continuation.
        reader: Of prompts.
        held: The continuations that are being written.
    """

    model: LanguageModel
    sizes: Sizes
    cache: SlotCache
    hidden: torch.Tensor
    seen: torch.Tensor
    penalties: torch.Tensor
    reader: PromptReader
    held: dict[int, Continuation]

    def refill(self, queue: deque[Continuation]) -> None:
        """Read prompts into free slots, as soon as there are some: one alone would cost a pass too."""
        free = [slot for slot in range(len(self.reader.prompts)) if slot not in self.held]
        if len(free) < min(len(queue), max(1, len(self.reader.prompts) // _REFILLS)):
            return
        for slot in free[: len(queue)]:
            continuation = queue.popleft()
            prompt = continuation.asked.prompt
            self.reader.add(slot, prompt)
            self.seen[slot] = prompt[0]
            self.seen[slot, : len(prompt)] = torch.tensor(prompt, device=self.model.device)
            self.penalties[slot] = continuation.asked.repetition_penalty
            self.held[slot] = continuation
        self.reader.read()

    def take_tokens(self) -> int:
        """Take the next token of every continuation; how many end with it or without it."""
        before = len(self.held)
        for slots in self._parts():
            rows = self._rows(slots)
            longest = max(self._length(slot) for slot in slots)
            choices = choose(
                logits_of(self.model, self.hidden[rows]),
                self.seen[rows, :longest],
                self.penalties[rows],
                [self.held[slot].forbidden if slot in self.held else () for slot in slots],
            )
            for slot, token, finite in zip(slots, choices.tokens, choices.finite, strict=False):
                if slot in self.held and not self.held[slot].goes_on(token, finite=finite):
                    del self.held[slot]
        return before - len(self.held)

    def read_tokens(self) -> None:
        """Read the token that each continuation took last."""
        for slots in self._parts():
            tokens = [self.held[slot].ids[-1] if slot in self.held else 0 for slot in slots]
            # What a slot without a continuation computes is kept where no sequence looks for it.
            last = self.seen.shape[1] - 1
            places = [self._length(slot) - 1 if slot in self.held else last for slot in slots]
            padding = self.sizes.step_rows - len(slots)
            ids = torch.tensor(tokens + tokens[:1] * padding, device=self.model.device)
            positions = torch.tensor(places + places[:1] * padding, device=self.model.device)
            hidden = forward(self.model, ids, positions, step_of(self.cache, slots, places))
            for slot, place in zip(slots, places, strict=True):
                self.reader.used[slot] = max(self.reader.used[slot], place + 1)
            index = torch.tensor(slots, device=self.model.device)
            self.hidden[index] = hidden[: len(slots)]
            self.seen[index, positions[: len(slots)]] = ids[: len(slots)]

    def _length(self, slot: int) -> int:
        return len(self.reader.prompts[slot]) + (len(self.held[slot].ids) if slot in self.held else 0)

    def _parts(self) -> Iterator[list[int]]:
        """The slots of each product's rows: on a GPU, where all fit into one, always all of them."""
        if not self.held:
            return
        if self.model.device.type == "cuda":
            yield list(range(len(self.reader.prompts)))
            return
        held = sorted(self.held)
        for start in range(0, len(held), self.sizes.step_rows):
            yield held[start : start + self.sizes.step_rows]

    def _rows(self, slots: Sequence[int]) -> torch.Tensor:
        padding = self.sizes.step_rows - len(slots)
        return torch.tensor([*slots, *[slots[0]] * padding], device=self.model.device)


def _empty_slots(model: LanguageModel, continuations: Sequence[Continuation], sizes: Sizes) -> _Slots:
    device, dtype = model.device, model.backbone.dtype
    shape = model_shape(model.backbone.config.to_dict(), 0, dtype.itemsize)
    tokens = slot_tokens(continuations, device, model.positions)
    fitting = max(1, sizes.cache_bytes // (tokens * shape.token_bytes))
    count = min(fitting, sizes.slots, len(continuations))
    cache = SlotCache.empty(shape, count, tokens, device, dtype)
    hidden = torch.zeros((count, shape.hidden), device=device, dtype=dtype)
    room = min(PASS_TOKENS[device.type], sizes.row_tokens)
    return _Slots(
        model,
        sizes,
        cache,
        hidden,
        torch.zeros((count, tokens), device=device, dtype=torch.long),
        torch.ones(count, device=device),
        PromptReader(model, cache, hidden, room, [()] * count, [0] * count),
        {},
    )
