"""Tokenizers add, cut and pad nothing; a hostile one ends in a verdict."""

import json
from typing import Any

import pytest

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.errors import Failure, submission
from podium_evaluator.tokenizers import CHAT_TEMPLATES, Encoder, load_encoder
from tests.podium_evaluator.tiny import tokenizer_json


def load(document: bytes, *, own: bool = True, vocabulary: int = 512) -> Encoder:
    return load_encoder(document, vocabulary, submission, own=own)


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(tokenizer_json()), **changes}).encode()


def test_letters_and_marks_are_tokens_and_come_back() -> None:
    encoder = load(tokenizer_json())

    ids = encoder.encode(CHAT_TEMPLATES["ChatML"]("é x"))

    assert (ids[0], ids[-11]) == (256, 256)
    assert ids.count(257) == 1
    assert encoder.gives_back("é\n x", encoder.encode("é\n x"))
    assert not encoder.gives_back("é x", encoder.encode("ex"))


def test_truncation_and_padding_that_a_file_asks_for_are_off() -> None:
    document = changed(
        truncation={"direction": "Right", "max_length": 2, "strategy": "LongestFirst", "stride": 0},
        padding={
            "strategy": {"Fixed": 50},
            "direction": "Right",
            "pad_to_multiple_of": None,
            "pad_id": 0,
            "pad_type_id": 0,
            "pad_token": "!",
        },
    )

    assert len(load(document).encode("abcdef")) == 6


def model_of(**changes: Any) -> dict[str, Any]:
    return {**json.loads(tokenizer_json())["model"], **changes}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"{}",
        b'{"model":{"type":"BPE"}}',
        changed(model=model_of(dropout=0.5)),
        changed(model=model_of(dropout=1)),
        changed(model=model_of(vocab={"a" * 257: 0})),
        changed(model=model_of(type="NoSuch")),
        changed(normalizer={"type": "NoSuch"}),
    ],
)
def test_a_document_that_is_no_sound_tokenizer_is_refused(document: bytes) -> None:
    with pytest.raises(Failure) as caught:
        load(document)

    assert (caught.value.fault, caught.value.reason) == (Fault.SUBMISSION, Reason.TOKENIZER_MALFORMED)


def test_a_panic_of_the_library_is_a_verdict() -> None:
    class PanicException(BaseException):
        pass

    class Panicking:
        def encode(self, *_arguments: object, **_options: object) -> object:
            raise PanicException("regex retry limit")

    with pytest.raises(Failure) as caught:
        Encoder(Panicking(), 512, submission).encode("text")

    assert caught.value.reason is Reason.TOKENIZER_MALFORMED
    assert "PanicException" in caught.value.message


def test_ids_beyond_the_embedding_are_refused_before_the_model_sees_them() -> None:
    with pytest.raises(Failure) as caught:
        load(tokenizer_json(), vocabulary=256).encode("<|im_start|>")

    assert caught.value.reason is Reason.VOCABULARY_TOO_SMALL
