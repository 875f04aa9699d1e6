"""Greedy continuation with the repetition penalty of CTRL, recomputing everything at every step."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.podium_evaluator.oracle.language_model import LanguageModel

CLOSE = 1e-3
"""Where the two best tokens are nearer than this, single precision may choose either."""


@dataclass(frozen=True)
class Continuation:
    """What a model writes after a prompt.

    Attributes:
        ids: New tokens, without the one that ends.
        certain: So many of the first steps had a clear winner; one more than `ids` where the end was one.
        complete: Whether all steps had.
    """

    ids: list[int]
    certain: int
    complete: bool


def penalised(logits: NDArray[np.float64], seen: set[int], penalty: float) -> NDArray[np.float64]:
    """Arithmetic of Keskar et al., CTRL (2019), as everyone does it: a negative logit grows."""
    found = logits.copy()
    for token in seen:
        found[token] = found[token] * penalty if found[token] < 0 else found[token] / penalty
    return found


def continue_greedily(
    model: LanguageModel,
    prompt: list[int],
    steps: int,
    penalty: float = 1.0,
    *,
    ends: frozenset[int] = frozenset(),
    forbidden: frozenset[int] = frozenset(),
) -> Continuation:
    """At most `steps` tokens after the prompt; of equal ones the lowest id.

    Args:
        model: Continues.
        prompt: One token or more.
        steps: As many tokens at most.
        penalty: On repeating what is in prompt or continuation; 1 is none.
        ends: Any of these stops and is left out.
        forbidden: These are never chosen.
    """
    ids = list(prompt)
    certain, complete = 0, True
    for _ in range(steps):
        scores = penalised(model.next_logits(ids), set(ids), penalty)
        scores[list(forbidden)] = -np.inf
        best = int(np.argmax(scores))
        complete = complete and bool(scores[best] - np.max(np.delete(scores, best)) >= CLOSE)
        certain += complete
        if best in ends:
            break
        ids.append(best)
    return Continuation(ids[len(prompt) :], certain, complete)
