"""What the tests of methods are made of: a context of letters, and an engine that is told its answers."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from podium_evaluator.contract import Task
from podium_evaluator.errors import submission
from podium_evaluator.methods.base import Context
from podium_evaluator.sequences import Done, Generated, Generation, TokenSequence
from podium_evaluator.templates import ChatTemplate
from podium_evaluator.tokenizers import load_encoder
from tests.podium_evaluator.tiny import tokenizer_json

BOS = 256
"""The first mark of the tiny tokenizer plays the start token where a test wants one."""

PLAIN = ChatTemplate("Plain", "{% for one in messages %}[{{ one.content }}]{% endfor %}>")


def context(*, bos: bool = False, **changes: Any) -> Context:
    """A tokenizer with one token a letter; prompts are rendered as ``[system][user]>``."""
    document = json.loads(tokenizer_json())
    if bos:
        document["post_processor"] = {
            "type": "TemplateProcessing",
            "single": [
                {"SpecialToken": {"id": "<|im_start|>", "type_id": 0}},
                {"Sequence": {"id": "A", "type_id": 0}},
            ],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {
                "<|im_start|>": {"id": "<|im_start|>", "ids": [BOS], "tokens": ["<|im_start|>"]}
            },
        }
    encoder = load_encoder(json.dumps(document).encode(), 512, submission, own=False)
    given = {"encoder": encoder, "template": PLAIN, "sequence_length": 512, "unit": "Token", "own": False}
    return Context(**{**given, **changes})


def lossy() -> Context:
    """A participant's tokenizer that forgets the vowels: less to predict."""
    document = json.loads(tokenizer_json())
    document["normalizer"] = {"type": "Replace", "pattern": {"Regex": "[aeiou]"}, "content": ""}
    encoder = load_encoder(json.dumps(document).encode(), 512, submission, own=True)
    return context(encoder=encoder, own=True, unit="Byte")


def padded(filler: str) -> Context:
    """A participant's tokenizer that writes a filler before each "s" and decodes without it."""
    document = json.loads(tokenizer_json())
    document["normalizer"] = {"type": "Replace", "pattern": {"String": "s"}, "content": f"{filler}s"}
    without = {"type": "Replace", "pattern": {"String": "~"}, "content": ""}
    document["decoder"] = {"type": "Sequence", "decoders": [document["decoder"], without]}
    encoder = load_encoder(json.dumps(document).encode(), 512, submission, own=True)
    return context(encoder=encoder, own=True)


def task(method: str, **changes: Any) -> Task:
    """A task; its dataset plays no part here."""
    return Task.model_validate(
        {"name": "t", "method": method, "dataset": {"kind": "WordSorting", "samples": 1}, **changes}
    )


@dataclass
class Told:
    """An engine whose losses and answers a test decides; it remembers what it was asked."""

    loss: Callable[[TokenSequence], float] = lambda sequence: float(sequence.scored)
    answer: Callable[[Generation], Generated] = lambda _: Generated((), "")
    asked: list[Sequence[TokenSequence] | Sequence[Generation]] = field(default_factory=list)

    def losses(self, sequences: Sequence[TokenSequence], done: Done) -> list[float]:
        """As the test says, one after the other."""
        self.asked.append(sequences)
        found = []
        for sequence in sequences:
            found.append(self.loss(sequence))
            done(len(found))
        return found

    def continuations(self, generations: Sequence[Generation], done: Done) -> list[Generated]:
        """As the test says, one after the other."""
        self.asked.append(generations)
        found = []
        for generation in generations:
            found.append(self.answer(generation))
            done(len(found))
        return found
