"""Greedy continuations are those of the library, one prompt at a time, and nothing else changes them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from podium_evaluator.engine.generate import generate
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.errors import submission
from podium_evaluator.sequences import Generation
from podium_evaluator.tokenizers import Encoder, load_encoder
from tests.podium_evaluator.engine.classes import CLASSES, VOCABULARY, language_model, stock_model
from tests.podium_evaluator.tiny import tokenizer_json

_ENCODER: Encoder = load_encoder(tokenizer_json(), VOCABULARY, submission, own=False)
_SMALLEST_GAP = 1e-3


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def prompts(*lengths: int) -> list[tuple[int, ...]]:
    source = random.Random(11)  # noqa: S311 - repeatable by intent
    return [tuple(source.randrange(VOCABULARY) for _ in range(length)) for length in lengths]


def stock_tokens(model: Any, prompt: Sequence[int], count: int, penalty: float) -> list[int]:
    """The library's tokens up to the first step that two implementations may decide differently."""
    found = model.generate(
        torch.tensor([prompt]),
        attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
        do_sample=False,
        max_new_tokens=count,
        repetition_penalty=penalty,
        pad_token_id=0,
        output_scores=True,
        return_dict_in_generate=True,
    )
    gaps = [float(step[0].topk(2).values.diff().abs()) for step in found.scores]
    clear = next((index for index, gap in enumerate(gaps) if gap < _SMALLEST_GAP), len(gaps))
    tokens: list[int] = found.sequences[0, len(prompt) :].tolist()
    return tokens[:clear]


@pytest.mark.parametrize("name", CLASSES)
def test_continuations_are_those_of_the_library(name: str) -> None:
    """Prompts are shorter and longer than the sliding windows."""
    model = stock_model(name)
    asked = [
        Generation(prompt, 24, penalty)
        for prompt, penalty in zip(prompts(1, 7, 24), (1.0, 1.1, 1.2), strict=True)
    ]
    compared = 0

    for generation, one in zip(asked, generate(language_model(model), _ENCODER, asked), strict=True):
        expected = stock_tokens(model, generation.prompt, 24, generation.repetition_penalty)
        assert list(one.ids[: len(expected)]) == expected
        assert (len(one.ids), one.finite) == (24, True)
        compared += len(expected)
    assert compared > 30


@pytest.fixture(scope="module")
def llama() -> LanguageModel:
    return language_model(stock_model("llama"))


def test_neighbours_and_order_change_nothing(llama: LanguageModel) -> None:
    asked = [Generation(prompt, 12, 1.2) for prompt in prompts(3, 30, 9, 17)]

    together = generate(llama, _ENCODER, asked)

    assert generate(llama, _ENCODER, asked[::-1]) == together[::-1]
    assert [generate(llama, _ENCODER, [one])[0] for one in asked] == together


def test_an_end_token_stops_and_is_not_part_of_the_continuation(llama: LanguageModel) -> None:
    (asked,) = (Generation(prompt, 20) for prompt in prompts(5))
    (whole,) = generate(llama, _ENCODER, [asked])
    end = next(token for index, token in enumerate(whole.ids) if index > 2 and token not in whole.ids[:index])
    ending = replace(_ENCODER, ends=frozenset({end}))

    (stopped,) = generate(llama, ending, [asked])
    (continued,) = generate(llama, ending, [replace(asked, stops_at_end=False)])

    assert stopped.ids == whole.ids[: whole.ids.index(end)]
    assert len(continued.ids) == 20
    assert end not in continued.ids
    assert continued.ids[: len(stopped.ids)] == stopped.ids


def test_a_continuation_that_ends_at_once_is_empty(llama: LanguageModel) -> None:
    (asked,) = (Generation(prompt, 20) for prompt in prompts(5))
    first = generate(llama, _ENCODER, [asked])[0].ids[0]

    (found,) = generate(llama, replace(_ENCODER, ends=frozenset({first})), [asked])

    assert (found.ids, found.text, found.finite) == ((), "", True)


def test_a_decided_answer_ends_the_continuation(llama: LanguageModel) -> None:
    (prompt,) = prompts(5)
    (whole,) = generate(llama, _ENCODER, [Generation(prompt, 20)])
    told: list[str] = []

    def finished(text: str) -> bool:
        told.append(text)
        return len(told) == 4

    (found,) = generate(llama, _ENCODER, [Generation(prompt, 20, finished=finished)])

    assert found.ids == whole.ids[:4]
    assert told[-1] == found.text.rstrip("\ufffd")


class Scripted:
    """A model that has one row of logits for each position of the sequence."""

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = torch.tensor(rows)

    def __call__(self, input_ids: torch.Tensor, past_key_values: int | None, *, use_cache: bool) -> Any:
        assert use_cache
        position = (past_key_values or 0) + input_ids.shape[1]
        return SimpleNamespace(
            last_hidden_state=self.rows[None, position - 1 : position], past_key_values=position
        )


def scripted(*rows: list[float], softcap: float | None = None) -> LanguageModel:
    return LanguageModel(Scripted(list(rows)), torch.clone, torch.device("cpu"), len(rows[0]), softcap)


def test_of_equal_logits_the_lowest_id_is_taken() -> None:
    (found,) = generate(scripted([0.0, 2.0, 2.0, 1.0]), _ENCODER, [Generation((0,), 1)])

    assert found.ids == (1,)


@pytest.mark.parametrize(
    ("row", "chosen"),
    [([2.0, 1.7, 0.0], 1), ([2.0, 1.6, 0.0], 0), ([-1.0, -1.1, -9.0], 1), ([-1.0, -1.3, -9.0], 0)],
    ids=["divided where positive", "still larger", "multiplied where negative", "still less negative"],
)
def test_tokens_of_the_prompt_are_penalized(row: list[float], chosen: int) -> None:
    (found,) = generate(scripted(row), _ENCODER, [Generation((0,), 1, 1.2)])

    assert found.ids == (chosen,)


def test_tokens_of_the_continuation_are_penalized_once() -> None:
    rows = [[0.0, 9.0, 8.0, 7.0], [0.0, 9.0, 8.0, 1.0], [0.0, 9.0, 9.0, 1.0], [0.0, 9.0, 9.0, 7.4]]

    (found,) = generate(scripted(*rows), _ENCODER, [Generation((0,), 4, 1.2)])

    assert found.ids == (1, 2, 1, 1)


@pytest.mark.parametrize("broken", [float("nan"), float("inf"), float("-inf")])
def test_logits_that_are_no_numbers_end_the_continuation_and_are_told(broken: float) -> None:
    (found,) = generate(scripted([0.0, 1.0], [0.0, broken]), _ENCODER, [Generation((0,), 5)])

    assert (found.ids, found.finite) == ((1,), False)


def test_bounded_logits_are_what_is_penalized() -> None:
    """10 · tanh(x / 10) of 30 and 15 is 9.95 and 9.05: the penalty of 1.2 then turns them round."""
    asked = [Generation((0,), 1, 1.2)]

    assert generate(scripted([30.0, 15.0]), _ENCODER, asked)[0].ids == (0,)
    assert generate(scripted([30.0, 15.0], softcap=10.0), _ENCODER, asked)[0].ids == (1,)


def test_progress_is_told_after_each_prompt() -> None:
    told: list[int] = []

    generate(scripted([0.0, 1.0]), _ENCODER, [Generation((0,), 1)] * 3, told.append)

    assert told == [1, 2, 3]
