"""Reference loss and text loss: the mean loss of each sample's answer, or of a whole text."""

from collections.abc import Callable, Sequence
from typing import Final

from podium_evaluator.sequences import TokenSequence
from tests.bench.agreement import Tolerance, agree_on_numbers
from tests.bench.arguments import Arguments
from tests.bench.models import Recipe
from tests.bench.peers import lm_eval, loop, padded_loop
from tests.bench.samples import Reference, references
from tests.bench.stage import Stage, open_stage
from tests.bench.timing import Comparison

__all__ = ["MEAN_LOSSES", "compare_reference_loss", "compare_text_loss", "mean_losses", "reference_samples"]

MEAN_LOSSES: Final = {"fp32": Tolerance(1e-4, 1e-5), "bf16": Tolerance(0.25, 0.03)}
"""Of a sample's mean loss, around 13. The peers round a sample's loss to bfloat16: steps of 0.06.
The loop takes its cross entropy in that type too, which at 128,256 logits errs by 0.022 in the mean."""

_SHORT: Final = (40, 128)
_LONG: Final = (64, 2048)
_TEXTS: Final = (64, 1024)

Losses = Callable[[Sequence[Reference]], Sequence[float]]


def compare_reference_loss(arguments: Arguments) -> Comparison[Reference, float, float]:
    """Peers: `loop` and `lm_eval`, its batches of 8 for long samples and of 32 for short ones."""
    stage = _stage(arguments)
    samples = reference_samples(arguments)
    batch = 32 if arguments.length == "short" else 8
    return Comparison(
        title=f"{len(samples)} {arguments.length} references, {_tokens(samples)} tokens",
        samples=samples,
        chosen=range(len(samples)),
        share=1,
        ours=lambda given: mean_losses(stage, given),
        peer=_reference_peer(arguments.peer, stage, batch),
        agree=lambda _, ours, peer: agree_on_numbers(ours, peer, MEAN_LOSSES[arguments.dtype]),
    )


def compare_text_loss(arguments: Arguments) -> Comparison[Reference, float, float]:
    """Peers: `padded_loop`, of which the check takes the loss without padding, and `lm_eval`."""
    stage = _stage(arguments)
    shortest, longest = (16, 64) if arguments.quick else _TEXTS
    samples = references(arguments.count(24, 6), stage.vocabulary, shortest, longest, whole=True)
    return Comparison(
        title=f"{len(samples)} texts of {shortest} to {longest} tokens, {_tokens(samples)} tokens",
        samples=samples,
        chosen=range(len(samples)),
        share=1,
        ours=lambda given: mean_losses(stage, given),
        peer=_text_peer(arguments.peer, stage, longest),
        agree=lambda _, ours, peer: agree_on_numbers(ours, peer, MEAN_LOSSES[arguments.dtype]),
    )


def reference_samples(arguments: Arguments) -> list[Reference]:
    """Samples of the asked length; fewer where one is expensive."""
    vocabulary = Recipe(arguments.size, arguments.vocabulary).tokens
    shortest, longest = _SHORT if arguments.length == "short" else _LONG
    usual = 128 if arguments.length == "short" else 16 if arguments.vocabulary == "128k" else 32
    usual = usual if arguments.dtype == "bf16" or arguments.length == "short" else usual // 2
    return references(
        arguments.count(usual, 6), vocabulary, shortest, min(longest, 200) if arguments.quick else longest
    )


def mean_losses(stage: Stage, samples: Sequence[Reference]) -> list[float]:
    """The engine's mean loss of each reference."""
    sums = stage.losses([TokenSequence(sample.ids, len(sample.prompt)) for sample in samples])
    return [loss / len(sample.reference) for loss, sample in zip(sums, samples, strict=True)]


def _reference_peer(peer: str | None, stage: Stage, batch: int) -> Losses:
    if peer == "loop":
        return lambda given: loop.reference_losses(stage.stock, given)
    if peer == "lm_eval":
        harness = lm_eval.open_harness(stage.stock, batch)
        return lambda given: lm_eval.reference_losses(harness, given)
    raise SystemExit("refloss: --peer loop or lm_eval")


def _text_peer(peer: str | None, stage: Stage, longest: int) -> Losses:
    if peer == "padded_loop":
        return lambda given: [
            unpadded for _, unpadded in padded_loop.padded_losses(stage.stock, given, longest)
        ]
    if peer == "lm_eval":
        harness = lm_eval.open_harness(stage.stock, batch=8)
        return lambda given: lm_eval.reference_losses(harness, given)
    raise SystemExit("textloss: --peer padded_loop or lm_eval")


def _stage(arguments: Arguments) -> Stage:
    recipe = Recipe(arguments.size, arguments.vocabulary)
    return open_stage(recipe, arguments.dtype, arguments.threads, arguments.device)


def _tokens(samples: Sequence[Reference]) -> int:
    return sum(len(sample.ids) for sample in samples)
