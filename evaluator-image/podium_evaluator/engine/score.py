"""Losses of token sequences: batched, in single precision, never all logits at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from podium_evaluator.engine.logits import logits_of
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.plan import Batch, batches
from podium_evaluator.sequences import Done, TokenSequence

__all__ = ["score"]

_BATCH_TOKENS: Final = {"cpu": 4096, "cuda": 16_384}
"""Padded tokens of a batch: a constant, since a number that followed the free memory would change bits."""

_LOGITS: Final = 2**24
"""Logits at once, 64 MiB in single precision."""


def score(
    model: LanguageModel, sequences: Sequence[TokenSequence], done: Done = lambda _: None
) -> list[NDArray[np.float32]]:
    """Cross entropy in nats of each sequence's scored tokens, in the order of the input.

    The losses of a set of sequences do not depend on the order in which it is given.

    Args:
        model: Scores.
        sequences: What is wanted.
        done: Told how many are done.
    """
    losses: list[NDArray[np.float32]] = [np.empty(0, np.float32)] * len(sequences)
    count = 0
    with torch.inference_mode():
        for batch in batches(sequences, _BATCH_TOKENS[model.device.type], model.positions):
            rows = [sequences[index] for index in batch.indices]
            flat = _score_batch(model, rows, batch)
            ends = np.cumsum([row.scored for row in rows])
            for index, part in zip(batch.indices, np.split(flat, ends[:-1]), strict=True):
                losses[index] = part
            count += len(rows)
            done(count)
    return losses


def _score_batch(model: LanguageModel, rows: Sequence[TokenSequence], batch: Batch) -> NDArray[np.float32]:
    ids = np.zeros((len(rows), batch.length), np.int64)
    for row, sequence in zip(ids, rows, strict=True):
        row[: len(sequence.ids)] = sequence.ids
    # Attention is causal and the padding is on the right: no token sees it, so no mask is needed.
    hidden = model.backbone(
        input_ids=torch.from_numpy(ids).to(model.device), use_cache=False
    ).last_hidden_state
    row_numbers = np.concatenate([np.full(row.scored, number) for number, row in enumerate(rows)])
    positions = np.concatenate([np.arange(row.first, len(row.ids)) for row in rows])
    targets = torch.from_numpy(ids[row_numbers, positions]).to(model.device)
    needed = hidden[
        torch.from_numpy(row_numbers).to(model.device), torch.from_numpy(positions - 1).to(model.device)
    ]
    return _cross_entropy(model, needed, targets)


def _cross_entropy(model: LanguageModel, hidden: torch.Tensor, targets: torch.Tensor) -> NDArray[np.float32]:
    step = max(16, min(512, _LOGITS // model.vocabulary))
    # Always the same shape, for the same reason as the rows' multiple.
    padded = torch.nn.functional.pad(hidden, (0, 0, 0, -hidden.shape[0] % step))
    parts = []
    for start in range(0, hidden.shape[0], step):
        logits = logits_of(model, padded[start : start + step])
        wanted = targets[start : start + step]
        normalizer = torch.logsumexp(logits, dim=-1)[: wanted.shape[0]]
        parts.append(normalizer - logits[: wanted.shape[0]].gather(-1, wanted[:, None])[:, 0])
    losses: NDArray[np.float32] = torch.cat(parts).cpu().numpy()
    return losses
