"""One prompt at a time through the class's own cache: for models whose attention the slots cannot serve.

A prompt is read once and its keys and values are kept; then one token a step. A continuation depends on
nothing but its prompt, since nothing else is computed with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch

from podium_evaluator.engine.choice import choose
from podium_evaluator.engine.continuation import Continuation
from podium_evaluator.engine.logits import logits_of
from podium_evaluator.engine.model import LanguageModel

__all__ = ["continue_alone"]


def continue_alone(model: LanguageModel, continuation: Continuation) -> None:
    """Write a continuation to its end."""
    read = _reader(model)
    text = continuation.asked.prompt
    seen = torch.tensor([text], device=model.device)
    penalties = torch.tensor([continuation.asked.repetition_penalty], device=model.device)
    logits = read(text)
    while True:
        choices = choose(logits, seen, penalties, [continuation.forbidden])
        if not continuation.goes_on(choices.tokens[0], finite=choices.finite[0]):
            return
        token = torch.tensor([choices.tokens], device=model.device)
        seen = torch.cat((seen, token), dim=1)
        logits = read(choices.tokens)


def _reader(model: LanguageModel) -> Callable[[Sequence[int]], torch.Tensor]:
    """A function that reads further tokens and returns the logits after the last of them, as one row."""
    cache = None

    def read(ids: Sequence[int]) -> torch.Tensor:
        nonlocal cache
        # The classes begin a cache of the kind that their attention needs, sliding windows included.
        output = model.backbone(
            input_ids=torch.tensor([ids], device=model.device), past_key_values=cache, use_cache=True
        )
        cache = output.past_key_values
        return logits_of(model, output.last_hidden_state[0, -1:])

    return read
