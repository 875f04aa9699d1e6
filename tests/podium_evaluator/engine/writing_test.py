"""Continuations written side by side are, bit for bit, those written under any other circumstances."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from podium_evaluator.engine import reading, writing
from podium_evaluator.engine.alone import continue_alone
from podium_evaluator.engine.choice import choose
from podium_evaluator.engine.continuation import Continuation
from podium_evaluator.engine.forward import forward
from podium_evaluator.engine.generate import generate, generation_path
from podium_evaluator.engine.logits import logits_of
from podium_evaluator.engine.memory import Sizes
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.slots import SlotCache
from podium_evaluator.errors import submission
from podium_evaluator.sequences import Generated, Generation
from podium_evaluator.tokenizers import Encoder, load_encoder
from tests.podium_evaluator.engine.model_test import lively, load
from tests.podium_evaluator.tiny import LLAMA, VARIANTS, tokenizer_json

_VOCABULARY = 512
_ENCODER: Encoder = load_encoder(tokenizer_json(), _VOCABULARY, submission, own=False)
_SIZES = Sizes(row_tokens=4096, slots=16, step_rows=8, cache_bytes=2**30)
_SMALLEST_GAP = 1e-3
_ALONE = {name for name, document in VARIANTS.items() if document["model_type"] == "falcon"}


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def asked(*lengths: int, tokens: int = 24, penalty: float = 1.2, seed: int = 3) -> list[Generation]:
    source = random.Random(seed)  # noqa: S311 - repeatable by intent
    return [
        Generation(tuple(source.randrange(_VOCABULARY) for _ in range(length)), tokens, penalty)
        for length in lengths
    ]


def wide(document: dict[str, Any]) -> dict[str, Any]:
    """Bounds on logits so wide that there is a clear choice."""
    bounded = document.get("final_logit_softcapping")
    return (
        {**document, "final_logit_softcapping": 20.0, "attn_logit_softcapping": 5.0} if bounded else document
    )


class Gaps:
    """Distances between the two largest logits after the penalty, for each token that is chosen."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.found: list[float] = []

        def told(logits: torch.Tensor, *rest: Any) -> Any:
            choices = choose(logits, *rest)
            self.found.append(float(logits[0].topk(2).values.diff().abs()))
            return choices

        monkeypatch.setattr("podium_evaluator.engine.alone.choose", told)


@pytest.mark.parametrize("name", VARIANTS)
def test_tokens_are_those_of_one_prompt_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Up to the first step that single precision may decide either way."""
    model = load(tmp_path, wide(VARIANTS[name]), torch.float32)
    generations = asked(1, 50, 64, 65, 130, 300)
    gaps = Gaps(monkeypatch)
    compared = 0

    for generation, one in zip(
        generations, generate(model, _ENCODER, generations, sizes=_SIZES), strict=True
    ):
        gaps.found.clear()
        alone = Continuation(generation, _ENCODER)
        with torch.inference_mode():
            continue_alone(model, alone)
        clear = next((step for step, gap in enumerate(gaps.found) if gap < _SMALLEST_GAP), len(gaps.found))
        assert list(one.ids[:clear]) == alone.ids[:clear]
        compared += clear
    assert compared > 60
    assert generation_path(model) == ("alone" if name in _ALONE else "slots")


@pytest.fixture(scope="module", params=[torch.float32, torch.bfloat16], ids=["float32", "bfloat16"])
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> LanguageModel:
    """Of odd widths, which kernels treat in tails."""
    document = {
        **LLAMA,
        "hidden_size": 72,
        "head_dim": 24,
        "num_attention_heads": 6,
        "intermediate_size": 136,
    }
    return load(tmp_path_factory.mktemp("model"), document, request.param, lively(document))


def written(
    model: LanguageModel, generations: Sequence[Generation], sizes: Sizes = _SIZES
) -> list[Generated]:
    return generate(model, _ENCODER, generations, sizes=sizes)


_MANY = asked(*range(1, 200, 9), 64, 128, 256, 257, 320, 330)


def test_neither_neighbours_nor_order_nor_the_number_of_slots_change_a_bit(model: LanguageModel) -> None:
    together = written(model, _MANY)

    shuffled = random.Random(1).sample(range(len(_MANY)), len(_MANY))  # noqa: S311 - repeatable by intent
    found = written(model, [_MANY[index] for index in shuffled])
    assert [found[shuffled.index(index)] for index in range(len(_MANY))] == together
    for slots in (8, 24, 64):
        assert written(model, _MANY, replace(_SIZES, slots=slots)) == together
    assert written(model, _MANY[::3]) == together[::3]
    assert [written(model, [one])[0] for one in _MANY[-3:]] == together[-3:]


def test_the_hidden_states_behind_the_tokens_are_the_same_bits(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tokens may hide a difference: the logits of every step are compared."""
    found: dict[tuple[int, ...], torch.Tensor] = {}
    take = writing._Slots.take_tokens

    def watched(slots: writing._Slots) -> int:
        for slot, continuation in slots.held.items():
            key = (*continuation.asked.prompt, *continuation.ids)
            row = slots.hidden[slot].clone()
            assert torch.equal(found.setdefault(key, row), row)
        return take(slots)

    monkeypatch.setattr(writing._Slots, "take_tokens", watched)
    written(model, _MANY)
    count = len(found)
    written(model, _MANY[::-2], replace(_SIZES, slots=8))
    written(model, _MANY[5:17:2])

    assert len(found) == count > 200


def test_a_cache_too_small_for_all_slots_changes_nothing(model: LanguageModel) -> None:
    assert written(model, _MANY, replace(_SIZES, cache_bytes=10**6)) == written(model, _MANY)


def test_what_prompts_share_is_read_once_and_changes_nothing(
    model: LanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    header, *endings = (one.prompt for one in asked(600, 3, 70, 200, 9, 0))
    generations = [Generation((*header, *ending), 8, 1.1) for ending in endings[:4]] + [
        Generation(header, 8, 1.1),
        Generation(header[:300], 8, 1.1),
    ]
    separate = [written(model, [one])[0] for one in generations]
    tokens = 0
    read = forward

    def counted(*arguments: Any) -> torch.Tensor:
        nonlocal tokens
        tokens += len(arguments[1])
        return read(*arguments)

    monkeypatch.setattr(reading, "forward", counted)

    assert written(model, generations) == separate
    assert tokens < 600 + 5 * 320


def test_prompts_are_read_many_at_a_time(model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    passes: list[int] = []
    read = forward

    def counted(*arguments: Any) -> torch.Tensor:
        passes.append(len(arguments[1]))
        return read(*arguments)

    monkeypatch.setattr(reading, "forward", counted)

    written(model, asked(*[60] * 24, tokens=5))

    # 16 slots of 64 tokens each fill a pass; all end together and the other eight follow.
    assert passes == [1024, 512]


def test_a_slot_forgets_what_was_no_number(model: LanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """The prompt after it in the same slot is shorter."""
    one_slot = replace(_SIZES, slots=1)
    long, short = asked(90, 5)
    (expected,) = written(model, [short], one_slot)
    broken = iter([True])

    def breaking(found: LanguageModel, hidden: torch.Tensor) -> torch.Tensor:
        return logits_of(found, hidden) * (float("nan") if next(broken, False) else 1)

    monkeypatch.setattr(writing, "logits_of", breaking)
    clear = SlotCache.clear

    def dirty(cache: Any, slot: int, start: int, end: int) -> None:
        clear(cache, slot, start, end)
        if start == len(long.prompt):
            cache.values[:, slot, :, : len(long.prompt)] = float("nan")

    monkeypatch.setattr(SlotCache, "clear", dirty)

    assert written(model, [long, short], one_slot) == [Generated((), "", finite=False), expected]


def test_a_model_that_stops_at_its_last_position_is_not_asked_beyond_it(tmp_path: Path) -> None:
    document = {**VARIANTS["BartForCausalLM"], "max_position_embeddings": 100}
    bart = load(tmp_path, document, torch.float32)

    (found,) = generate(bart, _ENCODER, asked(90, tokens=10), sizes=_SIZES)

    assert (len(found.ids), found.finite) == (10, True)
