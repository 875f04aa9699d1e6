"""The former validator's multiple choice: zero-shot, 20 tokens, penalty 1.1, the first letter counts.

The model says letters gladly, as a trained one does; the title tells how many tokens passed before
one was known. The former validator generated all 20 in any case.
"""

from collections.abc import Sequence
from typing import Final

from podium_evaluator.methods.choice_by_generation import chosen_option
from podium_evaluator.sequences import Generation
from tests.bench.agreement import agree_on_choices, agree_on_tokens
from tests.bench.arguments import Arguments
from tests.bench.generate import REGRETS
from tests.bench.models import Recipe
from tests.bench.peers import loop
from tests.bench.samples import Ids, Question, evenly, zero_shot_questions
from tests.bench.stage import Stage, open_stage
from tests.bench.timing import Comparison

__all__ = ["compare_former_questions"]

_TOKENS: Final = 20
_PENALTY: Final = 1.1
_OPTIONS: Final = ("A", "B", "C", "D")
_ELOQUENCE: Final = 4.0
_EQUAL_ANSWERS: Final = {"fp32": 1.0, "bf16": 0.75}
"""In bfloat16 near ties fall either way; the check of tokens is the strict one."""


def compare_former_questions(arguments: Arguments) -> Comparison[Question, Ids, Ids]:
    """The peer `loop` generates and then looks for the letter; it is given a part of the questions."""
    if arguments.peer != "loop":
        raise SystemExit("questions: --peer loop")
    recipe = Recipe(arguments.size, arguments.vocabulary, _ELOQUENCE)
    stage = open_stage(recipe, arguments.dtype, arguments.threads, arguments.device)
    asked = zero_shot_questions(arguments.count(200, 6), stage.vocabulary)
    chosen = evenly(len(asked), 3 if arguments.quick else 12)
    return Comparison(
        title=f"{len(asked)} zero-shot questions, at most {_TOKENS} tokens each; the peer has {len(chosen)}",
        samples=asked,
        chosen=chosen,
        share=len(chosen) / len(asked),
        ours=lambda samples: stage.continuations([_generation(sample) for sample in samples]),
        peer=lambda samples: loop.continuations(
            stage.stock, [sample.prompt for sample in samples], _TOKENS, _PENALTY
        ),
        agree=lambda samples, ours, peer: _agree(arguments, stage, samples, ours, peer),
    )


def _generation(sample: Question) -> Generation:
    return Generation(
        sample.prompt,
        _TOKENS,
        _PENALTY,
        finished=lambda text: chosen_option(text, _OPTIONS, complete=False) is not None,
    )


def _agree(
    arguments: Arguments,
    stage: Stage,
    samples: Sequence[Question],
    ours: Sequence[Ids],
    peer: Sequence[Ids],
) -> str:
    decode = stage.engine.encoder.decode
    mine, theirs = (
        [chosen_option(decode(ids), _OPTIONS, complete=True) for ids in side] for side in (ours, peer)
    )
    choices = agree_on_choices(mine, theirs, _EQUAL_ANSWERS[arguments.dtype])
    prompts = [sample.prompt for sample in samples]
    tokens = agree_on_tokens(stage.stock, prompts, (ours, peer), _PENALTY, REGRETS[arguments.dtype])
    mean = sum(map(len, ours)) / len(ours)
    return f"{choices}; {tokens}; ours knew the answer after {mean:.1f} tokens in the mean"
