"""Greedy continuations, exact: each prompt is alone, so its continuation depends on nothing else.

A prompt is read once and its keys and values are kept; then one token a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import torch

from podium_evaluator.engine.logits import logits_of
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.sequences import Done, Generated, Generation
from podium_evaluator.tokenizers import Encoder

__all__ = ["generate"]

_INCOMPLETE: Final = "\N{REPLACEMENT CHARACTER}"
"""What decoders write for the first bytes of a character."""


def generate(
    model: LanguageModel, encoder: Encoder, generations: Sequence[Generation], done: Done = lambda _: None
) -> list[Generated]:
    """The continuation of each prompt, in the order of the input.

    A token is the one with the largest logit in single precision after the repetition penalty, of
    several the one with the lowest id.

    Args:
        model: Continues.
        encoder: Decodes, and knows the end tokens.
        generations: What is wanted.
        done: Told how many are done.

    Raises:
        Failure: The tokenizer cannot decode.
    """
    found: list[Generated] = []
    with torch.inference_mode():
        for asked in generations:
            found.append(_continue(model, encoder, asked))
            done(len(found))
    return found


def _continue(model: LanguageModel, encoder: Encoder, asked: Generation) -> Generated:
    ends = sorted(encoder.ends)
    read = _reader(model)
    logits = read(asked.prompt)
    seen = torch.zeros_like(logits, dtype=torch.bool)
    seen[list(asked.prompt)] = True
    ids: list[int] = []
    while finite := bool(logits.isfinite().all()):
        scores = _penalized(logits, seen, asked.repetition_penalty)
        if not asked.stops_at_end:
            scores[ends] = -torch.inf
        token = _largest(scores)
        if token in ends:
            break
        ids.append(token)
        if len(ids) == asked.maximum_tokens or _is_finished(asked, encoder, ids):
            break
        seen[token] = True
        logits = read((token,))
    return Generated(tuple(ids), encoder.decode(ids), finite)


def _reader(model: LanguageModel) -> Callable[[Sequence[int]], torch.Tensor]:
    """A function that reads further tokens and returns the logits after the last of them."""
    cache = None

    def read(ids: Sequence[int]) -> torch.Tensor:
        nonlocal cache
        # The classes begin a cache of the kind that their attention needs, sliding windows included.
        output = model.backbone(
            input_ids=torch.tensor([ids], device=model.device), past_key_values=cache, use_cache=True
        )
        cache = output.past_key_values
        return logits_of(model, output.last_hidden_state[0, -1:])[0]

    return read


def _penalized(logits: torch.Tensor, seen: torch.Tensor, penalty: float) -> torch.Tensor:
    if penalty == 1:
        return logits
    return torch.where(seen, torch.where(logits < 0, logits * penalty, logits / penalty), logits)


def _largest(logits: torch.Tensor) -> int:
    # Which of equal values argmax returns is not specified.
    return int((logits == logits.max()).nonzero()[0, 0])


def _is_finished(asked: Generation, encoder: Encoder, ids: Sequence[int]) -> bool:
    return asked.finished is not None and asked.finished(encoder.decode(ids).rstrip(_INCOMPLETE))
