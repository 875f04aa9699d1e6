"""Losses of token sequences: planned, packed where the model's class allows it, never all logits at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from podium_evaluator.engine.attention import NAME, KeysValues, Reading
from podium_evaluator.engine.head import STATES, Head, head_of
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.path import Attending, attending_of
from podium_evaluator.engine.plan import ROW_MULTIPLE, Row, plan_alone, plan_packed
from podium_evaluator.sequences import Done, TokenSequence

__all__ = ["score"]

_ROW_TOKENS: Final = 4096

_LEAST: Final = {"cpu": ROW_MULTIPLE, "cuda": 512}
"""Tokens that are read at once at least. With fewer, libraries for GPUs cut the sums of a product in parts:
an H200 gave other bits for up to 256 rows, and the same ones from 512 on."""

_HEIGHT: Final = 64
"""Numbers of hidden states are rounded up to it, for the same reason as the lengths of rows."""


def score(
    model: LanguageModel,
    sequences: Sequence[TokenSequence],
    done: Done = lambda _: None,
    row_tokens: int = _ROW_TOKENS,
) -> list[NDArray[np.float32]]:
    """Cross entropy in nats of each sequence's scored tokens, in the order of the input.

    The losses of a set of sequences do not depend on the order in which it is given.

    Args:
        model: Scores.
        sequences: What is wanted.
        done: Told how many are done.
        row_tokens: So many tokens are read at once, or one longer sequence.
    """
    scored = [one.scored for one in sequences]
    attending = attending_of(model)
    least = _LEAST[model.device.type]
    rows = (
        plan_packed(sequences, row_tokens, _window(model), least)
        if attending.backend is not None
        else plan_alone(sequences, row_tokens, model.positions, least)
    )
    losses = _Losses(head_of(model), model.device, np.empty(sum(scored), np.float32))
    count = len(sequences) - sum(row.finishes for row in rows)
    with torch.inference_mode(), _attended(model, attending):
        kept: dict[int, list[KeysValues]] = {}
        for row in rows:
            losses.add(row, _read(model, attending, row, kept))
            count += row.finishes
            if count < len(sequences):
                done(count)
        losses.finish()
    if sequences:
        done(len(sequences))
    return np.split(losses.found, np.cumsum(scored)[:-1]) if sequences else []


def _window(model: LanguageModel) -> int | None:
    window = getattr(model.backbone.config, "sliding_window", None)
    return window if isinstance(window, int) else None


@contextmanager
def _attended(model: LanguageModel, attending: Attending) -> Iterator[None]:
    """The model's layers ask us for attention, if its class can."""
    config = model.backbone.config
    before = config._attn_implementation  # noqa: SLF001 - the library's own name for the choice
    if attending.backend is not None:
        config._attn_implementation = NAME  # noqa: SLF001
    try:
        yield
    finally:
        config._attn_implementation = before  # noqa: SLF001


def _read(
    model: LanguageModel, attending: Attending, row: Row, kept: dict[int, list[KeysValues]]
) -> torch.Tensor:
    """Hidden states of all tokens, tokens × width."""
    ids = torch.from_numpy(row.ids).to(model.device)
    if attending.backend is None:
        # Attention is causal and the padding is on the right: no token sees it, so no mask is needed.
        hidden: torch.Tensor = model.backbone(input_ids=ids, use_cache=False).last_hidden_state
        return hidden.flatten(0, 1)
    sees = None if row.sees is None else kept[row.sees]
    reading = Reading(row, attending.backend(row), sees, None if row.keeps is None else [])
    positions = torch.from_numpy(row.positions).to(model.device)
    hidden = model.backbone(
        input_ids=ids, position_ids=positions, use_cache=False, reading=reading
    ).last_hidden_state
    if reading.layers != model.backbone.config.num_hidden_layers:
        raise RuntimeError(f"{reading.layers} layers asked for attention, all of them expected")
    if row.keeps is not None and reading.keeps is not None:
        kept[row.keeps] = reading.keeps
    for old in row.releases:
        del kept[old]
    return hidden[0]


@dataclass(slots=True)
class _Losses:
    """Hidden states wait here until there are enough for the head."""

    head: Head
    device: torch.device
    found: NDArray[np.float32]
    waiting: list[torch.Tensor] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    count: int = 0

    def add(self, row: Row, hidden: torch.Tensor) -> None:
        """Take what a row's losses need of its hidden states."""
        self.waiting.append(hidden[torch.from_numpy(row.states).to(self.device)])
        self.rows.append(row)
        self.count += len(row.states)
        if self.count >= STATES:
            self.finish()

    def finish(self) -> None:
        """Compute the losses of all that wait."""
        if not self.rows:
            return
        hidden = torch.cat(self.waiting)
        starts = np.cumsum([0, *(len(row.states) for row in self.rows)])
        state = np.concatenate(
            [row.losses.state + start for row, start in zip(self.rows, starts, strict=False)]
        )
        target = np.concatenate([row.losses.target for row in self.rows])
        place = np.concatenate([row.losses.place for row in self.rows])
        order = np.argsort(state, kind="stable")
        state, target, place = state[order], target[order], place[order]
        edges = np.searchsorted(state, np.arange(0, self.count + STATES, STATES))
        for number, start in enumerate(range(0, self.count, STATES)):
            here = slice(edges[number], edges[number + 1])
            block = hidden[start : start + STATES]
            block = torch.nn.functional.pad(block, (0, 0, 0, -block.shape[0] % _HEIGHT))
            losses = self.head.losses(
                block,
                torch.from_numpy(state[here] - start).to(self.device),
                torch.from_numpy(target[here]).to(self.device),
            )
            self.found[place[here]] = losses.cpu().numpy()
        self.waiting, self.rows, self.count = [], [], 0
