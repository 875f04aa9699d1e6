"""What every sample must score, computed the slow and obvious way."""

import difflib
import math
import re
from collections import Counter
from dataclasses import dataclass, field

from podium_evaluator.contract import Method, Task
from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Sample,
    TextSample,
)
from tests.podium_evaluator.oracle.continuation import Continuation, continue_greedily
from tests.podium_evaluator.oracle.encoding import Encoding, Scored, in_windows
from tests.podium_evaluator.oracle.language_model import LanguageModel
from tests.podium_evaluator.oracle.rules import answer_score
from tests.podium_evaluator.oracle.templates import rendered

_EQUAL_TOKENS, _SAME_TOKEN, _GATE_TOKENS, _GATE_PROMPT = 10, 10, 20, 100
_CHOICE_TOKENS, _CHOICE_PENALTY = 20, 1.1
_ANSWER_TOKENS, _ANSWER_PENALTY = 200, 1.2
_CLOSE_LOSSES = 1e-3
_ALIKE, _DUPLICATES = 0.6, 0.1


@dataclass(frozen=True)
class Expected:
    """What a sample scores.

    Attributes:
        score: Lower is better.
        certain: Whether single precision can come to nothing else.
        tokens_each: Scored tokens in what a loss is given for: 1 a token, fewer a byte.
        alike: Whether two answers are duplicates.
    """

    score: float
    certain: bool = True
    tokens_each: float = 1.0
    alike: bool = False


@dataclass(frozen=True)
class Oracle:
    """One model with its tokenizer and the template that renders its prompts."""

    model: LanguageModel
    encoding: Encoding
    template: str
    sequence_length: int
    _answers: dict[tuple[str, int, float], Continuation] = field(default_factory=dict)

    def expect(self, sample: Sample, task: Task) -> Expected:
        """The score of one sample."""
        match sample:
            case ReferenceSample() | TextSample():
                return self._mean_loss(sample, task)
            case ChoiceSample() if task.answer_by == "Generation":
                return self._answered(sample)
            case ChoiceSample():
                return self._likely(sample)
            case InstructionSample():
                return self._instructed(sample)

    def rendered(self, prompt: str, system: str = "") -> list[int]:
        """Tokens of a conversation up to its answer, without the one that begins a text."""
        end = {} if self.encoding.end is None else {"end": self.encoding.end}
        ids = self.encoding.plain(rendered(self.template, prompt, system, **end))
        begin = self.encoding.begin
        return ids[len(begin) :] if ids[: len(begin)] == begin else ids

    def prompt(self, prompt: str, room: int) -> list[int]:
        """What is read before an answer of `room` tokens is written."""
        begin = self.encoding.begin
        return begin + self.rendered(prompt)[-(self.sequence_length - room - len(begin)) :]

    def sequences(self, sample: ReferenceSample | TextSample) -> list[Scored]:
        """What the model reads to score a sample."""
        begin = self.encoding.begin
        if isinstance(sample, ReferenceSample):
            context = self.rendered(sample.prompt, sample.system)
            scored = self.encoding.plain(sample.reference)
        else:
            ids = self.encoding.plain(sample.text)
            # The first token can only be predicted from the one that begins a text.
            context, scored = ([], ids) if begin else (ids[:1], ids[1:])
        return in_windows(begin, context, scored, self.sequence_length)

    def _mean_loss(self, sample: ReferenceSample | TextSample, task: Task) -> Expected:
        sequences = self.sequences(sample)
        total = math.fsum(math.fsum(self.model.losses(one.ids, one.count)) for one in sequences)
        tokens = sum(one.count for one in sequences)
        text = sample.reference if isinstance(sample, ReferenceSample) else sample.text
        size = tokens if task.loss_unit == "Token" else len(text.encode())
        return Expected(total / size, tokens_each=tokens / size)

    def _likely(self, sample: ChoiceSample) -> Expected:
        begin = self.encoding.begin
        options = [self.encoding.plain(option) for option in sample.options]
        # Cut for the longest option, so that all are read after the same question.
        room = self.sequence_length - len(begin) - max(map(len, options))
        question = begin + self.rendered(sample.prompt)[-room:]
        totals = [math.fsum(self.model.losses(question + ids, len(ids))) for ids in options]
        right = totals.pop(sample.answer)
        lead = min(totals) - right
        return Expected(float(lead <= 0), certain=abs(lead) > _CLOSE_LOSSES)

    def answer(self, prompt: str, steps: int, penalty: float) -> Continuation:
        """What the model writes, until its end token; worked out once."""
        asked = (prompt, steps, penalty)
        if asked not in self._answers:
            self._answers[asked] = continue_greedily(
                self.model, self.prompt(prompt, steps), steps, penalty, ends=self.encoding.ends
            )
        return self._answers[asked]

    def _answered(self, sample: ChoiceSample) -> Expected:
        answer = self.answer(sample.prompt, _CHOICE_TOKENS, _CHOICE_PENALTY)
        words = re.sub(r"\W", " ", self.encoding.text(answer.ids)).split()
        chosen = next((word for word in words if word in sample.options), None)
        return Expected(float(chosen != sample.options[sample.answer]), certain=answer.complete)

    def _instructed(self, sample: InstructionSample) -> Expected:
        answers = [self.answer(prompt, _ANSWER_TOKENS, _ANSWER_PENALTY) for prompt in sample.prompts]
        texts = [self.encoding.text(answer.ids) for answer in answers]
        score = sum(answer_score(sample, at, text) for at, text in enumerate(texts)) / 2
        ratio = difflib.SequenceMatcher(lambda letter: letter in " \t", texts[0], texts[1]).ratio()
        return Expected(score, certain=all(one.complete for one in answers), alike=ratio > _ALIKE)

    def rejects(self, samples: tuple[TextSample, ...]) -> tuple[bool, bool]:
        """Whether the model babbles after the first two texts, and whether that is certain."""
        answers = [
            continue_greedily(
                self.model,
                (self.encoding.begin + self.encoding.plain(sample.text))[:_GATE_PROMPT],
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
