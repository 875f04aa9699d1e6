"""What is too long: by tokens with everybody's tokenizer, by characters otherwise."""

import pytest

from podium_evaluator.contract import Tokenizer
from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    ReferenceSample,
    Sample,
    TextSample,
)
from podium_evaluator.datasets.lengths import estimated_tokens, fits_by_characters, fits_by_tokens
from podium_evaluator.errors import organizer
from podium_evaluator.templates import accepted_templates
from podium_evaluator.tokenizers import load_encoder
from tests.podium_evaluator.tiny import tokenizer_json


@pytest.mark.parametrize(
    ("sample", "tokens"),
    [
        # The quarters are rounded down one by one, as the former validator did.
        (ReferenceSample("", "p" * 7, "r" * 7), 1 + 1 + 10),
        (ReferenceSample("", "p" * 8, "r" * 4), 2 + 1 + 10),
        # A system turn is everybody's and was not counted.
        (ReferenceSample("", "p" * 8, "r" * 4, "s" * 400), 2 + 1 + 10),
        (ChoiceSample("", "p" * 8, ("a", "b" * 12), 0), 2 + 3 + 10),
        (TextSample("", "t" * 41), 10 + 10),
        (InstructionSample("", ("p" * 4, "p" * 40), ()), 10 + 10),
    ],
)
def test_four_characters_count_as_a_token(sample: Sample, tokens: int) -> None:
    assert estimated_tokens(sample) == tokens
    assert fits_by_characters(tokens)(sample)
    assert not fits_by_characters(tokens - 1)(sample)


def test_tokens_are_counted_with_the_template() -> None:
    encoder = load_encoder(tokenizer_json(), 512, organizer, own=False)
    template = accepted_templates(Tokenizer(policy="Own"))["ChatML"]
    sample = ReferenceSample("", "p" * 30, "r" * 20)

    # Each letter is one token; the template has three marks around 16 letters.
    assert fits_by_tokens(encoder, template, 69)(sample)
    assert not fits_by_tokens(encoder, template, 68)(sample)
