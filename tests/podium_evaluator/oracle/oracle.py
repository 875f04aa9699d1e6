"""What every sample must score, computed the slow and obvious way."""

import difflib
import math
import re
from collections import Counter
from dataclasses import dataclass

from podium_evaluator.contract import Method, Task
from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Sample,
    TextSample,
)
from tests.podium_evaluator.oracle.continuation import Continuation, continue_greedily
from tests.podium_evaluator.oracle.encoding import Encoding, last_tokens
from tests.podium_evaluator.oracle.language_model import LanguageModel
from tests.podium_evaluator.oracle.rules import answer_score
from tests.podium_evaluator.oracle.templates import rendered

_EQUAL_TOKENS, _SAME_TOKEN, _GATE_TOKENS, _GATE_PROMPT = 10, 10, 20, 100
_CHOICE_TOKENS, _CHOICE_PENALTY = 20, 1.1
_ANSWER_TOKENS, _ANSWER_PENALTY = 200, 1.2
_ALIKE, _DUPLICATES = 0.6, 0.1


@dataclass(frozen=True)
class Expected:
    """What a sample scores.

    Attributes:
        score: Lower is better.
        certain: Whether single precision can come to nothing else.
        scored: How many tokens or bytes a loss is the mean over; 1 for what is no loss.
        alike: Whether two answers are duplicates.
    """

    score: float
    certain: bool = True
    scored: int = 1
    alike: bool = False


@dataclass(frozen=True)
class Oracle:
    """One model with its tokenizer and the template that renders its prompts."""

    model: LanguageModel
    encoding: Encoding
    template: str
    sequence_length: int

    def expect(self, sample: Sample, task: Task) -> Expected:
        """The score of one sample."""
        match sample:
            case ReferenceSample():
                return self._reference(sample, task)
            case TextSample():
                return self._text(sample, task)
            case ChoiceSample() if task.answer_by == "Generation":
                return self._answered(sample)
            case ChoiceSample():
                return self._likely(sample)
            case InstructionSample():
                return self._instructed(sample)

    def prompt(self, prompt: str, system: str = "", room: int | None = None) -> list[int]:
        """Tokens of a conversation up to its answer, for which there must be room."""
        ids = self.encoding.from_the_start(rendered(self.template, prompt, system))
        return last_tokens(ids, self.encoding.begin, self.sequence_length - (room or 0))

    def _reference(self, sample: ReferenceSample, task: Task) -> Expected:
        reference = self.encoding.plain(sample.reference)
        prompt = self.prompt(sample.prompt, sample.system, len(reference))
        losses = self.model.losses(prompt + reference, len(reference))
        return _loss(math.fsum(losses), len(reference), sample.reference, task)

    def _text(self, sample: TextSample, task: Task) -> Expected:
        ids = self.encoding.from_the_start(sample.text)
        losses = self.model.losses(ids, len(ids) - 1)
        return _loss(math.fsum(losses), len(losses), sample.text, task)

    def _likely(self, sample: ChoiceSample) -> Expected:
        found = []
        for option in sample.options:
            ids = self.encoding.plain(option)
            prompt = self.prompt(sample.prompt, room=len(ids))
            found.append(-math.fsum(self.model.losses(prompt + ids, len(ids))))
        best = max(range(len(found)), key=found.__getitem__)
        lead = found[best] - max(value for at, value in enumerate(found) if at != best)
        return Expected(float(best != sample.answer), certain=lead > 1e-3)

    def answer(self, prompt: str, steps: int, penalty: float) -> Continuation:
        """What the model writes, until its end token."""
        ids = self.prompt(prompt, room=steps)
        return continue_greedily(self.model, ids, steps, penalty, ends=self.encoding.ends)

    def _answered(self, sample: ChoiceSample) -> Expected:
        answer = self.answer(sample.prompt, _CHOICE_TOKENS, _CHOICE_PENALTY)
        words = re.sub(r"\W", " ", self.encoding.text(answer.ids)).split()
        chosen = next((word for word in words if word in sample.options), None)
        return Expected(float(chosen != sample.options[sample.answer]), certain=answer.complete)

    def _instructed(self, sample: InstructionSample) -> Expected:
        answers = [self.answer(prompt, _ANSWER_TOKENS, _ANSWER_PENALTY) for prompt in sample.prompts]
        texts = [self.encoding.text(answer.ids) for answer in answers]
        score = sum(answer_score(sample, at, text) for at, text in enumerate(texts)) / 2
        ratio = difflib.SequenceMatcher(lambda letter: letter in " \t", *texts).ratio()
        return Expected(score, certain=all(one.complete for one in answers), alike=ratio > _ALIKE)

    def rejects(self, samples: tuple[TextSample, ...]) -> tuple[bool, bool]:
        """Whether the model babbles after the first two texts, and whether that is certain."""
        answers = [
            continue_greedily(
                self.model,
                self.encoding.from_the_start(sample.text)[:_GATE_PROMPT],
                _GATE_TOKENS,
                # Exactly so many tokens: the end does not come before.
                forbidden=self.encoding.ends,
            )
            for sample in samples[:2]
        ]
        equal = sum(a == b for a, b in zip(answers[0].ids, answers[1].ids, strict=True))
        repeated = [Counter(answer.ids).most_common(1)[0][1] for answer in answers]
        babbles = equal >= _EQUAL_TOKENS or min(repeated) > _SAME_TOKEN
        return babbles, all(answer.complete for answer in answers)


def task_score(expected: list[Expected], samples: tuple[Sample, ...], method: Method) -> float:
    """The mean over samples; instructions count as often as they have checks, and duplicates lose all."""
    if method is not Method.INSTRUCTION_FOLLOWING:
        return math.fsum(one.score for one in expected) / len(expected)
    if sum(one.alike for one in expected) > _DUPLICATES * len(expected):
        return 1.0
    checks = [2 * len(one.rules) for one in samples if isinstance(one, InstructionSample)]
    return math.fsum(one.score * n for one, n in zip(expected, checks, strict=True)) / sum(checks)


def _loss(total: float, tokens: int, text: str, task: Task) -> Expected:
    scored = tokens if task.loss_unit == "Token" else len(text.encode())
    return Expected(total / scored, scored=scored)
