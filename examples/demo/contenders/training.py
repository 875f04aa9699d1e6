"""Fine-tuning of the base model's upper half: 150 steps, about 150 seconds on two idle cores.

A fixed number of steps, never a time limit: equal machines give equal bytes. Prompts are rendered by the
evaluator's own template and tokenizer, so that what is trained is what is scored.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from torch.nn import functional

from examples.demo.contenders.corpus import Sample, read_training
from examples.demo.contenders.progress import Progress
from examples.demo.contenders.weights import read_tensors, write_model
from podium_evaluator.errors import organizer
from podium_evaluator.templates.named import named_templates
from podium_evaluator.tokenizers import load_encoder

_STEPS = 150
_LAYERS = 15  # of 30, from the top
_RATE = 3e-4
_WARM_UP = 8
_BATCH = {"sorting": 8, "trace": 2, "choice": 4}
_SHARES = {"sorting": 2, "trace": 2, "choice": 1}  # one task a step
_LONGEST = 384  # tokens: longer samples are skipped, memory grows with the longest
_SEED = 7
_TELL_EVERY = 10
_IGNORED = -100
_END = "<|im_end|>"


@dataclass(frozen=True)
class _Encoded:
    """Token ids and how many of them, at the end, are the reference."""

    ids: tuple[int, ...]
    scored: int


def train(base: Path, corpus: Path, target: Path) -> None:
    """Write the tuned model."""
    transformers.utils.logging.disable_progress_bar()
    model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    samples = _encode(base, read_training(corpus), model.config.vocab_size)
    parameters = _thaw(model)
    # fp32 weights with bf16 arithmetic: AdamW on bf16 weights loses small updates.
    optimizer = torch.optim.AdamW(parameters, lr=_RATE, betas=(0.9, 0.95), weight_decay=0.0, fused=True)
    progress = Progress("tuned")
    for step, batch in enumerate(_batches(samples)):
        for group in optimizer.param_groups:
            group["lr"] = _RATE * min(1.0, (step + 1) / _WARM_UP) * (1 - step / _STEPS)
        loss = _loss(model, batch)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        if (step + 1) % _TELL_EVERY == 0:
            progress.say(f"step {step + 1} of {_STEPS}, loss {loss.item():.3f}")
    trained = model.state_dict()
    tensors = {name: trained[name].to(tensor.dtype) for name, tensor in read_tensors(base).items()}
    write_model(tensors, base, target)


def _thaw(model: torch.nn.Module) -> list[torch.nn.Parameter]:
    """Let only the upper layers and the last norm learn."""
    model.train()
    model.requires_grad_(requires_grad=False)
    body = model.get_submodule("model")
    layers = body.get_submodule("layers")
    learning = [*list(layers.children())[-_LAYERS:], body.get_submodule("norm")]
    for part in learning:
        part.requires_grad_(requires_grad=True)
    return [parameter for part in learning for parameter in part.parameters()]


def _encode(base: Path, samples: Sequence[Sample], vocabulary: int) -> dict[str, list[_Encoded]]:
    encoder = load_encoder((base / "tokenizer.json").read_bytes(), vocabulary, organizer, own=False)
    render = named_templates()["ChatML"].render
    encoded: dict[str, list[_Encoded]] = {task: [] for task in _BATCH}
    for sample in samples:
        reference = (*encoder.encode(sample.reference), *encoder.encode(_END))
        ids = (*encoder.encode(render(sample.prompt)), *reference)
        if len(ids) <= _LONGEST:
            encoded[sample.task].append(_Encoded(ids, len(reference)))
    return encoded


def _batches(samples: dict[str, list[_Encoded]]) -> Iterator[list[_Encoded]]:
    source = random.Random(_SEED)  # noqa: S311 - repeatable by intent
    tasks = [task for task, share in _SHARES.items() for _ in range(share)]
    plan = (tasks * (_STEPS // len(tasks) + 1))[:_STEPS]
    source.shuffle(plan)
    for task in plan:
        yield source.sample(samples[task], _BATCH[task])


def _loss(model: torch.nn.Module, batch: Sequence[_Encoded]) -> torch.Tensor:
    """Mean cross entropy of the references' tokens."""
    length = max(len(sample.ids) for sample in batch)
    ids = torch.zeros(len(batch), length, dtype=torch.long)
    mask = torch.zeros(len(batch), length, dtype=torch.long)
    labels = torch.full((len(batch), length), _IGNORED)
    for row, sample in enumerate(batch):
        end = len(sample.ids)
        ids[row, :end] = torch.tensor(sample.ids)
        mask[row, :end] = 1
        labels[row, end - sample.scored : end] = ids[row, end - sample.scored : end]
    with torch.autocast("cpu", dtype=torch.bfloat16):
        hidden = model.get_submodule("model")(ids, attention_mask=mask).last_hidden_state
        # Only the scored positions: logits of a vocabulary of 49,152 would take most of the memory.
        scored = labels[:, 1:] != _IGNORED
        logits = model.get_submodule("lm_head")(hidden[:, :-1][scored])
    return functional.cross_entropy(logits.float(), labels[:, 1:][scored])
