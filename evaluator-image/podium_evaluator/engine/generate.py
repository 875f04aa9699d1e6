"""Greedy continuations whose tokens do not depend on what is written beside them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from podium_evaluator.engine.alone import continue_alone
from podium_evaluator.engine.continuation import Continuation
from podium_evaluator.engine.forward import is_served
from podium_evaluator.engine.memory import CPU_SIZES, Sizes
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.writing import write
from podium_evaluator.sequences import Done, Generated, Generation
from podium_evaluator.tokenizers import Encoder

__all__ = ["generate", "generation_path"]


def generate(
    model: LanguageModel,
    encoder: Encoder,
    generations: Sequence[Generation],
    done: Done = lambda _: None,
    sizes: Sizes = CPU_SIZES,
) -> list[Generated]:
    """The continuation of each prompt, in the order of the input.

    A token is the one with the largest logit in single precision after the repetition penalty, of
    several the one with the lowest id.

    Args:
        model: Continues.
        encoder: Decodes, and knows the end tokens.
        generations: What is wanted.
        done: Told how many are done.
        sizes: How many are written at once.

    Raises:
        Failure: The tokenizer cannot decode.
    """
    continuations = [Continuation(asked, encoder) for asked in generations]
    count = 0

    def ended() -> None:
        nonlocal count
        count += 1
        done(count)

    with torch.inference_mode():
        if continuations and is_served(model):
            write(model, continuations, sizes, ended)
        else:
            for continuation in continuations:
                continue_alone(model, continuation)
                ended()
    return [one.generated() for one in continuations]


def generation_path(model: LanguageModel) -> str:
    """How continuations are written: ``slots``, or ``alone`` where the architecture has no faster way."""
    return "slots" if is_served(model) else "alone"
