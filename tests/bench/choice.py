"""Multiple choice by likelihood: many questions, four options each, behind one few-shot header.

The peers compute each question from its first token, so their time is a sum over questions: they are
given a part of them and their time is scaled by tokens. The engine is given all.
"""

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

from podium_evaluator.sequences import TokenSequence
from tests.bench.agreement import Tolerance, agree_on_numbers
from tests.bench.arguments import Arguments
from tests.bench.models import Recipe
from tests.bench.peers import lm_eval, loop
from tests.bench.samples import Question, evenly, questions
from tests.bench.shapes import SHAPES
from tests.bench.stage import Stage, open_stage
from tests.bench.timing import Comparison

__all__ = ["compare_choice", "option_sequences"]

_HEADER: Final = 768
_TOLERANCES: Final = {"fp32": Tolerance(1e-3, 1e-4), "bf16": Tolerance(1.0, 0.1)}
"""Of an option's summed loss, which is around 200 for texts; the peers' own errors in bfloat16 are 0.6.
They are for ten layers; errors grow with the square root of the number of layers."""
_TOLERANCES_LAYERS: Final = 10
_ANSWER_TOKENS: Final = 20
_ANSWER_PENALTY: Final = 1.1

Losses = tuple[float, ...]


def compare_choice(arguments: Arguments) -> Comparison[Question, Losses, Losses]:
    """Peers: `loop` and `lm_eval` do the same, `generate20` answers by 20 tokens as the former validator."""
    stage = open_stage(
        Recipe(arguments.size, arguments.vocabulary), arguments.dtype, arguments.threads, arguments.device
    )
    header = 48 if arguments.quick else _HEADER
    asked = questions(
        arguments.count(200, 6), stage.vocabulary, header, letters=arguments.options == "letters"
    )
    chosen = evenly(len(asked), 3 if arguments.quick else 8)
    return Comparison(
        title=f"{len(asked)} questions with 4 {arguments.options} behind a header of {header} tokens;"
        f" the peer has {len(chosen)} of them",
        samples=asked,
        chosen=chosen,
        share=_tokens([asked[index] for index in chosen]) / _tokens(asked),
        ours=lambda samples: _grouped(stage.losses(option_sequences(samples))),
        peer=_peer(arguments.peer, stage),
        agree=lambda samples, ours, peer: _agree(arguments, stage, samples, ours, peer),
    )


def option_sequences(samples: Sequence[Question]) -> list[TokenSequence]:
    """What the method asks the engine: each option after its question."""
    return [
        TokenSequence((*sample.prompt, *option), len(sample.prompt))
        for sample in samples
        for option in sample.options
    ]


def _peer(peer: str | None, stage: Stage) -> Callable[[Sequence[Question]], Sequence[Losses]]:
    if peer == "loop":
        return lambda samples: _grouped(loop.option_losses(stage.stock, samples))
    if peer == "lm_eval":
        harness = lm_eval.open_harness(stage.stock, batch=8)
        return lambda samples: _grouped(lm_eval.option_losses(harness, samples))
    if peer == "generate20":
        return lambda samples: _generated(stage.stock, samples)
    raise SystemExit("choice: --peer loop, lm_eval or generate20")


def _generated(model: Any, samples: Sequence[Question]) -> Sequence[Losses]:  # the library has no types
    loop.continuations(model, [sample.prompt for sample in samples], _ANSWER_TOKENS, _ANSWER_PENALTY)
    return [() for _ in samples]


def _agree(
    arguments: Arguments,
    stage: Stage,
    samples: Sequence[Question],
    ours: Sequence[Losses],
    peer: Sequence[Losses],
) -> str:
    if arguments.peer == "generate20":
        # Tokens say nothing about likelihoods: what ours computed is held against the loop's.
        samples, ours = samples[:2], ours[:2]
        peer = _grouped(loop.option_losses(stage.stock, samples))
    growth = math.sqrt(max(1.0, SHAPES[arguments.size].layers / _TOLERANCES_LAYERS))
    tolerance = _TOLERANCES[arguments.dtype]
    grown = Tolerance(tolerance.each * growth, tolerance.mean * growth)
    return agree_on_numbers(_flat(ours), _flat(peer), grown)


def _grouped(losses: Sequence[float]) -> list[Losses]:
    return [tuple(losses[start : start + 4]) for start in range(0, len(losses), 4)]


def _flat(losses: Sequence[Losses]) -> list[float]:
    return [loss for four in losses for loss in four]


def _tokens(samples: Sequence[Question]) -> int:
    return sum(len(sample.prompt) * 4 + sum(map(len, sample.options)) for sample in samples)
