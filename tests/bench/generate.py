"""Greedy generation with a repetition penalty: 64 prompts of 32 to 256 tokens, 64 tokens each."""

from collections.abc import Callable, Sequence
from typing import Final

from podium_evaluator.sequences import Generation
from tests.bench.agreement import agree_on_tokens
from tests.bench.arguments import Arguments
from tests.bench.models import Recipe
from tests.bench.peers import hf_batch, lm_eval, loop
from tests.bench.samples import Ids, evenly, prompts
from tests.bench.stage import Stage, open_stage
from tests.bench.timing import Comparison

__all__ = ["REGRETS", "compare_generate"]

_PENALTY: Final = 1.2
_LOOP_PROMPTS: Final = 4
"""A loop's time is a sum over prompts: it is given so many and its time is scaled."""

REGRETS: Final = {"fp32": 1e-3, "bf16": 0.3}
"""How far a token may lie below the best one, in logits around 10; bfloat16 has steps of 0.06 there."""


def compare_generate(arguments: Arguments) -> Comparison[Ids, Ids, Ids]:
    """Peers: `loop`, `lm_eval` in batches of eight, `hf_batch` in one batch."""
    stage = open_stage(
        Recipe(arguments.size, arguments.vocabulary), arguments.dtype, arguments.threads, arguments.device
    )
    tokens = 8 if arguments.quick else 64
    asked = prompts(arguments.count(64, 5), stage.vocabulary)
    chosen = evenly(len(asked), _LOOP_PROMPTS if arguments.peer == "loop" else len(asked))
    return Comparison(
        title=f"{len(asked)} prompts x {tokens} tokens; the peer has {len(chosen)} of them",
        samples=asked,
        chosen=chosen,
        share=len(chosen) / len(asked),
        ours=lambda given: stage.continuations([Generation(one, tokens, _PENALTY) for one in given]),
        peer=_peer(arguments.peer, stage, tokens),
        agree=lambda given, ours, peer: agree_on_tokens(
            stage.stock, given, (ours, peer), _PENALTY, REGRETS[arguments.dtype], tokens
        ),
    )


def _peer(peer: str | None, stage: Stage, tokens: int) -> Callable[[Sequence[Ids]], Sequence[Ids]]:
    if peer == "loop":
        return lambda given: loop.continuations(stage.stock, given, tokens, _PENALTY)
    if peer == "hf_batch":
        return lambda given: hf_batch.continuations(stage.stock, given, tokens, _PENALTY)
    if peer == "lm_eval":
        harness = lm_eval.open_harness(stage.stock, batch=8)
        return lambda given: lm_eval.continuations(harness, given, tokens, _PENALTY)
    raise SystemExit("generate: --peer loop, lm_eval or hf_batch")
