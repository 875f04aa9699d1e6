"""The oracle itself, where the answer is known: uniform models, published texts, the library's own loop."""

import math

import numpy as np
import pytest
import torch

from podium_evaluator.datasets.base import InstructionSample, Rule
from tests.podium_evaluator.oracle.continuation import continue_greedily, penalised
from tests.podium_evaluator.oracle.encoding import Encoding, Scored, in_windows
from tests.podium_evaluator.oracle.language_model import LanguageModel, load
from tests.podium_evaluator.oracle.models import document, opinionated
from tests.podium_evaluator.oracle.rules import FOLLOWS, answer_score
from tests.podium_evaluator.oracle.templates import PUBLISHED, rendered
from tests.podium_evaluator.oracle.vocabularies import END, Kind, tokenizer

LLAMA = document("LlamaForCausalLM")


@pytest.fixture(scope="module")
def model() -> LanguageModel:
    return load(LLAMA, opinionated(LLAMA))


def test_a_model_that_knows_nothing_loses_the_logarithm_of_the_vocabulary() -> None:
    tensors = {name: tensor * 0 for name, tensor in opinionated(LLAMA).items()}

    assert load(LLAMA, tensors).losses([5, 6, 7], 2) == pytest.approx([math.log(512)] * 2)


def test_losses_are_those_of_the_library(model: LanguageModel) -> None:
    ids = list(range(40, 90))

    with torch.inference_mode():
        expected = model.module(input_ids=torch.tensor([ids]), labels=torch.tensor([ids])).loss.item()

    assert np.mean(model.losses(ids, 49)) == pytest.approx(expected, rel=1e-6)


def test_of_equal_tokens_the_lowest_is_next() -> None:
    tensors = {name: tensor * 0 for name, tensor in opinionated(LLAMA).items()}

    found = continue_greedily(load(LLAMA, tensors), [5], 3)

    assert (found.ids, found.certain, found.complete) == ([0, 0, 0], 0, False)


def test_a_penalty_lowers_what_was_seen() -> None:
    assert penalised(np.array([3.0, -3.0, 1.0]), {0, 1}, 1.5).tolist() == [2.0, -4.5, 1.0]


@pytest.mark.parametrize("penalty", [1.0, 1.1, 1.2])
def test_continuations_are_those_of_the_library(model: LanguageModel, penalty: float) -> None:
    prompt = [3, 60, 61, 60, 300]

    found = continue_greedily(model, prompt, 24, penalty)

    expected = model.module.generate(
        torch.tensor([prompt]), max_new_tokens=24, do_sample=False, repetition_penalty=penalty, pad_token_id=0
    )
    assert found.complete
    assert found.ids == expected[0, len(prompt) :].tolist()


def test_an_end_stops_and_a_forbidden_token_gives_way(model: LanguageModel) -> None:
    freely = continue_greedily(model, [3, 60], 9).ids
    end = freely[4]

    stopped = continue_greedily(model, [3, 60], 9, ends=frozenset({end}))
    without = continue_greedily(model, [3, 60], 9, forbidden=frozenset({end})).ids

    assert stopped.ids == freely[: freely.index(end)]
    assert stopped.certain == len(stopped.ids) + 1
    assert len(without) == 9
    assert end not in without


@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        (9, [Scored([0, 1, 2, 3, 4, 5, 6, 7], 4)]),
        (7, [Scored([0, 2, 3, 4, 5, 6, 7], 4)]),
        (5, [Scored([0, 3, 4, 5, 6], 3), Scored([0, 4, 5, 6, 7], 1)]),
        (3, [Scored([0, before, before + 1], 1) for before in (3, 4, 5, 6)]),
    ],
)
def test_windows_score_every_token_once(limit: int, expected: list[Scored]) -> None:
    assert in_windows([0], [1, 2, 3], [4, 5, 6, 7], limit) == expected


@pytest.mark.parametrize(("kind", "begin"), [("Plain", []), ("Begins", ["<s>"]), ("Pieces", ["<s>"])])
def test_a_text_begins_as_the_tokenizer_says(kind: Kind, begin: list[str]) -> None:
    encoding = Encoding(tokenizer(kind), END)

    assert [encoding.tokenizer.id_to_token(one) for one in encoding.begin] == begin
    assert encoding.text(encoding.plain(" The cat, é 東京 🐈\n")) == " The cat, é 東京 🐈\n"


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        (
            "ChatML",
            "<|im_start|>system\nBe.<|im_end|>\n<|im_start|>user\n Hi. <|im_end|>\n<|im_start|>assistant\n",
        ),
        ("Llama-2", "[INST] <<SYS>>\nBe.\n<</SYS>>\n\n Hi. [/INST]"),
        (
            "Llama-3",
            (
                "<|start_header_id|>system<|end_header_id|>\n\nBe.<|eot_id|><|start_header_id|>user"
                "<|end_header_id|>\n\nHi.<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
            ),
        ),
        ("Mistral", "[INST] Be.\n\n Hi.  [/INST]"),
        ("Gemma", "<start_of_turn>user\nBe.\n\n Hi.<end_of_turn>\n<start_of_turn>model\n"),
        ("Phi-3", "<|system|>\nBe.<|end|>\n<|user|>\n Hi. <|end|>\n<|assistant|>\n"),
        ("Zephyr", "<|system|>\nBe.</s>\n<|user|>\n Hi. </s>\n<|assistant|>\n"),
    ],
)
def test_templates_render_as_published(template: str, expected: str) -> None:
    assert template in PUBLISHED
    assert rendered(template, " Hi. ", "Be.") == expected


@pytest.mark.parametrize(
    ("rule", "arguments", "follows", "breaks"),
    [
        ("WordCountAtMost", (2,), "a b", "a b c"),
        ("WordCountAtLeast", (3,), "a - c", "a b"),
        ("SentenceCountAtMost", (1,), "It is.", "It is. It was."),
        ("SentenceCountAtLeast", (2,), "Yes! No.", "Yes no."),
        ("AllUpperCase", (), "A1", "Aa"),
        ("AllLowerCase", (), "a1", "1"),
        ("NoCommas", (), "a; b", "a, b"),
        ("KeywordInclusion", ("Cat",), "a CAT!", "cats"),
        ("KeywordFrequency", ("cat", 2), "Cat, cat's cat", "cat"),
        ("KeywordForbidden", ("cat",), "cats", "cat."),
        ("BulletCountFrequency", (2,), "* a\n  *b\nc*", "*"),
        ("EndsWith", ("The end.",), "It is THE END.", "The end. "),
        ("Quotation", (), '"a"', '"a" '),
    ],
)
def test_rules(rule: str, arguments: tuple[str | int, ...], follows: str, breaks: str) -> None:
    assert FOLLOWS[rule](follows, *arguments)
    assert not FOLLOWS[rule](breaks, *arguments)


def test_an_answer_loses_the_square_of_what_it_follows() -> None:
    rules = (Rule("NoCommas", ((), ())), Rule("WordCountAtLeast", ((1,), (9,))))

    sample = InstructionSample("i", ("", ""), rules)

    assert [answer_score(sample, answer, "a b") for answer in (0, 1)] == [0.0, 0.75]
