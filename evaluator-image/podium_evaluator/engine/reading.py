"""Prompts are read into slots, the chunks of many of them in one pass through the model.

A chunk's keys and values go to its slot before any chunk of the pass attends, so that a prompt's chunks
may lie side by side. What a prompt shares with one that was read before is copied.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import torch

from podium_evaluator.engine.forward import forward
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.prefix import CHUNKS, Chunks, chunk_ends, shared_chunks
from podium_evaluator.engine.slots import Piece, SlotCache, pieces_of

__all__ = ["PASS_TOKENS", "PromptReader"]

PASS_TOKENS: Final = {"cpu": 1024, "cuda": 4096}
"""Most tokens of a pass, where a single chunk is not longer."""

_MULTIPLE: Final = {"cpu": 64, "cuda": 512}
"""Passes are padded to a multiple of it: products of matrices with such numbers of rows give each row the
same bits."""


@dataclass(slots=True)
class PromptReader:
    """Which prompts the slots hold, and the pass that is being filled.

    Attributes:
        model: Computes.
        cache: Keys and values.
        hidden: Slots × width; a prompt's last state goes there.
        room: Most tokens of a pass, where a single chunk is not longer; in a small memory fewer than usual.
        prompts: Whose keys and values each slot holds, also when its continuation has ended.
        used: Tokens of each slot that may be other than zero.
        pieces: Chunks of the pass that is being filled.
        tokens: Their tokens, padding included.
        last: Of each slot whose prompt ends in this pass, the place of its last token.
    """

    model: LanguageModel
    cache: SlotCache
    hidden: torch.Tensor
    room: int
    prompts: list[tuple[int, ...]]
    used: list[int]
    pieces: list[Piece] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    last: dict[int, int] = field(default_factory=dict)

    def add(self, slot: int, prompt: tuple[int, ...]) -> None:
        """Take a prompt into a slot; it is read by the next `read` at the latest."""
        ends = chunk_ends(len(prompt), self._chunks, self.model.positions)
        shared, source = self._source(slot, prompt)
        start = ends[shared - 1] if shared else 0
        if shared and source in self._pending():
            self.read()
        if shared and source != slot:
            self.cache.copy(source, slot, start)
        self.prompts[slot] = prompt
        for end in ends[shared:]:
            if self.tokens and len(self.tokens) + end - start > self.room:
                self.read()
            self._place(slot, prompt, start, end)
            start = end
        self.last[slot] = len(self.tokens) - (ends[-1] - len(prompt)) - 1

    def read(self) -> None:
        """Read what was added."""
        if not self.pieces:
            return
        device = self.model.device
        padding = -len(self.tokens) % _MULTIPLE[device.type]
        positions = [place for piece in self.pieces for place in range(piece.start, piece.end)]
        hidden = forward(
            self.model,
            torch.tensor(self.tokens + self.tokens[-1:] * padding, device=device),
            torch.tensor(positions + positions[-1:] * padding, device=device),
            pieces_of(self.cache, self.pieces),
        )
        for slot, place in self.last.items():
            self.hidden[slot] = hidden[place]
        for piece in self.pieces:
            # Behind the prompt are padding and what was there before.
            length = len(self.prompts[piece.slot])
            self.cache.clear(piece.slot, length, max(piece.end, self.used[piece.slot]))
            self.used[piece.slot] = length
        self.pieces, self.tokens, self.last = [], [], {}

    @property
    def _chunks(self) -> Chunks:
        return CHUNKS[self.model.device.type]

    def _pending(self) -> set[int]:
        return {piece.slot for piece in self.pieces}

    def _source(self, slot: int, prompt: tuple[int, ...]) -> tuple[int, int]:
        """How many chunks some slot holds already, and that slot: one that need not be read first."""
        pending = self._pending()
        shared, _, _, source = max(
            (shared_chunks(prompt, other, self._chunks), index not in pending, index == slot, index)
            for index, other in enumerate(self.prompts)
        )
        return shared, source

    def _place(self, slot: int, prompt: tuple[int, ...], start: int, end: int) -> None:
        tokens = prompt[start:end]
        self.pieces.append(Piece(slot, start, end, len(self.tokens)))
        self.tokens += [*tokens, *tokens[-1:] * (end - start - len(tokens))]
