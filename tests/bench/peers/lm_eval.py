"""The Hugging Face backend of lm_eval (EleutherAI's evaluation harness), the package itself.

What it is asked is what its tasks ask it: log-likelihoods of continuations, and batched generation.
"""

import logging
from collections.abc import Sequence
from typing import Any, Final

import transformers
from tokenizers import Tokenizer

from tests.bench.models import tokenizer_json
from tests.bench.peers.hf_batch import left_padded
from tests.bench.samples import Ids, Question, Reference

__all__ = ["continuations", "open_harness", "option_losses", "reference_losses"]

Harness = Any  # the package publishes no types

_LONGEST: Final = 16_384


def open_harness(model: Any, batch: int) -> Harness:  # transformers publishes no types
    """The backend around a loaded model.

    Args:
        model: The library's model.
        batch: Samples of a batch.

    Raises:
        SystemExit: The package is not installed.
    """
    try:
        from lm_eval.models.huggingface import HFLM  # noqa: PLC0415 - optional
    except ImportError as error:
        raise SystemExit(
            f"lm_eval is needed and cannot be imported ({error}): pip install -r tests/bench/requirements.txt"
        ) from error
    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=Tokenizer.from_str(tokenizer_json(model.config.vocab_size)),
        pad_token="<pad>",  # noqa: S106 - no password
        eos_token="</s>",  # noqa: S106 - no password
    )
    return HFLM(
        pretrained=model, tokenizer=tokenizer, batch_size=batch, max_length=_LONGEST, device=str(model.device)
    )


def reference_losses(harness: Harness, samples: Sequence[Reference]) -> list[float]:
    """Each sample's mean loss of the reference."""
    found = _sums(harness, samples)
    return [loss / len(sample.reference) for loss, sample in zip(found, samples, strict=True)]


def option_losses(harness: Harness, samples: Sequence[Question]) -> list[float]:
    """Each option's summed loss, question by question."""
    options = [Reference(sample.prompt, option) for sample in samples for option in sample.options]
    return _sums(harness, options)


def continuations(
    harness: Harness, prompts: Sequence[Ids], maximum_tokens: int, penalty: float
) -> list[tuple[int, ...]]:
    """Each prompt's greedy continuation, in batches of similar length as its collator makes them."""
    size = harness.batch_size_per_gpu
    order = sorted(range(len(prompts)), key=lambda index: -len(prompts[index]))
    found: list[tuple[int, ...]] = [()] * len(prompts)
    for start in range(0, len(order), size):
        batch = order[start : start + size]
        ids, mask = left_padded([prompts[index] for index in batch])
        written = harness._model_generate(  # the public method takes texts only
            context=ids.to(harness.device),
            attention_mask=mask.to(harness.device),
            max_length=ids.shape[1] + maximum_tokens,
            stop=[],
            do_sample=False,
            repetition_penalty=penalty,
        )
        for index, row in zip(batch, written[:, ids.shape[1] :].tolist(), strict=True):
            found[index] = tuple(row)
    return found


def _sums(harness: Harness, samples: Sequence[Reference]) -> list[float]:
    asked = [
        ((f"context {index}", f"continuation {index}"), list(sample.prompt), list(sample.reference))
        for index, sample in enumerate(samples)
    ]
    # The public method takes texts only; it tokenizes and calls this.
    answered = harness._loglikelihood_tokens(asked, disable_tqdm=True)
    return [-float(one[0]) for one in answered]
