"""What each method asks for and what it makes of the losses."""

import json
import math
from dataclasses import replace

import pytest

from podium_evaluator.datasets.base import ChoiceSample, ReferenceSample, TextSample
from podium_evaluator.errors import submission
from podium_evaluator.methods.base import Context
from podium_evaluator.methods.table import plan, token_count
from podium_evaluator.tokenizers import CHAT_TEMPLATES, load_encoder
from tests.podium_evaluator.tiny import tokenizer_json

_CONTEXT = Context(
    encoder=load_encoder(tokenizer_json(), 512, submission, own=False),
    template="ChatML",
    sequence_length=512,
    unit="Token",
    own=False,
)


def lossy() -> Context:
    """A tokenizer that forgets the vowels: less to predict."""
    document = json.loads(tokenizer_json())
    document["normalizer"] = {"type": "Replace", "pattern": {"Regex": "[aeiou]"}, "content": ""}
    encoder = load_encoder(json.dumps(document).encode(), 512, submission, own=True)
    return replace(_CONTEXT, encoder=encoder, own=True, unit="Byte")


def test_a_reference_is_scored_after_the_rendered_prompt() -> None:
    asked = plan(ReferenceSample("1", "sort", "abc"), _CONTEXT)

    (sequence,) = asked.sequences
    prompt = _CONTEXT.encoder.encode(CHAT_TEMPLATES["ChatML"]("sort"))
    assert sequence.ids == prompt + _CONTEXT.encoder.encode("abc")
    assert sequence.first == len(prompt)
    assert asked.score([6.0]) == 2.0


def test_a_loss_a_byte_divides_by_the_bytes_of_the_text() -> None:
    asked = plan(ReferenceSample("1", "sort", "aé"), replace(_CONTEXT, unit="Byte"))

    assert asked.score([6.0]) == 2.0


def test_all_tokens_of_a_text_but_the_first_are_scored_and_no_padding() -> None:
    asked = plan(TextSample("1", "abcd"), _CONTEXT)

    (sequence,) = asked.sequences
    assert sequence.ids == _CONTEXT.encoder.encode("abcd")
    assert sequence.first == 1
    assert asked.score([6.0]) == 2.0


def test_the_mean_of_a_long_text_is_over_all_its_windows() -> None:
    asked = plan(TextSample("1", "abcdefg"), replace(_CONTEXT, sequence_length=4))

    assert [one.scored for one in asked.sequences] == [3, 3]
    assert asked.score([6.0, 12.0]) == 3.0


@pytest.mark.parametrize(
    ("losses", "error"),
    [([3.0, 1.0, 2.0], 0.0), ([1.0, 3.0, 2.0], 1.0), ([1.0, 1.0, 2.0], 1.0)],
    ids=["the right one is most likely", "another is", "a tie is no answer"],
)
def test_the_most_likely_option_is_chosen(losses: list[float], error: float) -> None:
    asked = plan(ChoiceSample("1", "question", ("x", "yes", "no"), 1), _CONTEXT)

    assert [one.scored for one in asked.sequences] == [1, 3, 2]
    assert asked.score(losses) == error


def test_an_option_without_tokens_is_never_chosen() -> None:
    asked = plan(ChoiceSample("1", "question", ("aei", "xyz"), 0), lossy())

    assert len(asked.sequences) == 1
    assert asked.score([100.0]) == 1.0


def test_a_participants_tokenizer_that_forgets_letters_counts_as_random_bytes() -> None:
    for sample in (ReferenceSample("1", "p", "a cat"), TextSample("1", "a cat"), TextSample("1", "aei")):
        asked = plan(sample, lossy())

        assert asked.sequences == ()
        assert asked.score([]) == pytest.approx(math.log(256))


def test_a_participants_tokenizer_that_gives_the_text_back_is_scored() -> None:
    own = replace(_CONTEXT, own=True, unit="Byte")

    assert plan(TextSample("1", "a cat"), own).sequences


def test_the_length_of_a_sample_is_that_of_its_longest_sequence() -> None:
    encoder = _CONTEXT.encoder
    prompt = len(encoder.encode(CHAT_TEMPLATES["ChatML"]("q")))

    assert token_count(TextSample("1", "abcd"), encoder, "ChatML") == 4
    assert token_count(ReferenceSample("1", "q", "abc"), encoder, "ChatML") == prompt + 3
    assert token_count(ChoiceSample("1", "q", ("a", "abcde"), 0), encoder, "ChatML") == prompt + 5
