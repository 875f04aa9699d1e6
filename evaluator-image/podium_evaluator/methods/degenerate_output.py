"""The gate of text loss: a model must not write the same whatever it reads, nor one token for ever.

Losses alone would accept a model that was trained to score well and can no longer write. From the
former validator, which took it from the pretraining subnet; there the prompts were whole texts by
mistake, here they are the first tokens as intended.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from podium_evaluator.datasets.base import TextSample
from podium_evaluator.methods.base import Context, Gate
from podium_evaluator.sequences import Generated, Generation

__all__ = ["degenerate_output_gate"]

_PROMPT_TOKENS: Final = 100
_OUTPUT_TOKENS: Final = 20
_FEWEST_EQUAL: Final = 10
"""Outputs that agree at so many positions do not depend on the prompts."""
_MOST_REPEATED: Final = 10
"""A token may occur so often in an output."""


def degenerate_output_gate(samples: Sequence[TextSample], context: Context) -> Gate | None:
    """Continue the beginnings of the first two texts by exactly 20 tokens each, greedily, none an end.

    None where there are fewer than two texts with tokens, or no room for prompt and output.
    """
    room = min(_PROMPT_TOKENS, context.sequence_length - _OUTPUT_TOKENS)
    prompts = [(*context.start, *context.encoder.encode(one.text))[: max(0, room)] for one in samples[:2]]
    match prompts:
        case [first, second] if first and second:
            return Gate((_continued(first), _continued(second)), _verdict)
        case _:
            return None


def _continued(prompt: tuple[int, ...]) -> Generation:
    return Generation(prompt, _OUTPUT_TOKENS, stops_at_end=False)


def _verdict(generated: Sequence[Generated]) -> str | None:
    first, second = (one.ids for one in generated)
    equal = sum(one == other for one, other in zip(first, second, strict=True))
    if equal >= _FEWEST_EQUAL:
        return (
            f"its continuations of two texts agree at {equal} of {_OUTPUT_TOKENS} positions, at most"
            f" {_FEWEST_EQUAL - 1} expected"
        )
    repeated = [Counter(ids).most_common(1)[0][1] for ids in (first, second)]
    if min(repeated) > _MOST_REPEATED:
        return (
            f"its continuations of two texts repeat one token {repeated[0]} and {repeated[1]} times in"
            f" {_OUTPUT_TOKENS}, at most {_MOST_REPEATED} expected"
        )
    return None
