"""Tokenizers add, cut and pad nothing; a hostile one ends in a verdict."""

import json
from typing import Any

import pytest
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, processors

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.errors import Failure, organizer, submission
from podium_evaluator.templates.named import named_templates
from podium_evaluator.tokenizers import Encoder, load_encoder
from tests.podium_evaluator.tiny import tokenizer_json

CHAT_ML = named_templates()["ChatML"]
START, STOP = 256, 257
"""Ids of the template's marks."""


def load(
    document: bytes, *, own: bool = True, vocabulary: int = 512, end_token: str | None = None
) -> Encoder:
    blame = submission if own else organizer
    return load_encoder(document, vocabulary, blame, own=own, end_token=end_token)


def changed(**changes: Any) -> bytes:
    return json.dumps({**json.loads(tokenizer_json()), **changes}).encode()


def model_of(**changes: Any) -> dict[str, Any]:
    return {**json.loads(tokenizer_json())["model"], **changes}


def with_added(*tokens: AddedToken) -> bytes:
    tokenizer = Tokenizer.from_str(tokenizer_json().decode())
    tokenizer.add_tokens(list(tokens))
    return tokenizer.to_str().encode()


def template_processing(*pieces: str, **ids: list[int]) -> dict[str, Any]:
    single = [
        {"Sequence": {"id": "A", "type_id": 0}}
        if one == "$A"
        else {"SpecialToken": {"id": one, "type_id": 0}}
        for one in pieces
    ]
    special = {name: {"id": name, "ids": found, "tokens": [name] * len(found)} for name, found in ids.items()}
    return {"type": "TemplateProcessing", "single": single, "pair": [], "special_tokens": special}


def test_letters_and_marks_are_tokens_and_come_back() -> None:
    encoder = load(tokenizer_json())

    ids = encoder.encode(CHAT_ML.render("é x"))

    assert (ids[0], ids[-11]) == (START, START)
    assert ids.count(STOP) == 1
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


@pytest.mark.parametrize(
    ("processor", "bos"),
    [
        (None, None),
        ({"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}, None),
        (template_processing("$A"), None),
        (template_processing("b", "$A", b=[START]), START),
        (template_processing("b", "$A", "e", b=[START], e=[STOP]), START),
        (template_processing("$A", "e", e=[STOP]), None),
        (template_processing("b", "b", "$A", b=[START]), None),
        (template_processing("b", "$A", b=[START, STOP]), None),
        (template_processing("$A", "$A"), None),
        (
            {"type": "Sequence", "processors": [template_processing("b", "$A", b=[START])]},
            START,
        ),
        ({"type": "BertProcessing", "cls": ["<|im_start|>", START], "sep": ["<|im_end|>", STOP]}, START),
    ],
)
def test_the_begin_is_the_one_token_that_the_post_processor_puts_before_a_text(
    processor: dict[str, Any] | None, bos: int | None
) -> None:
    encoder = load(changed(post_processor=processor))

    assert encoder.bos == bos
    # Whatever else it does, to a text it does nothing.
    assert encoder.encode("abc") == load(tokenizer_json()).encode("abc")


def test_a_tokenizer_in_which_a_letter_is_nothing_has_no_begin() -> None:
    document = changed(
        normalizer={"type": "Replace", "pattern": {"Regex": "."}, "content": ""},
        post_processor=template_processing("b", "$A", b=[START]),
    )

    assert load(document).bos is None


@pytest.mark.parametrize("own", [True, False])
def test_the_end_is_the_token_of_that_text(own: bool) -> None:  # noqa: FBT001 - a case
    assert load(tokenizer_json(), own=own).ends == frozenset()
    assert load(tokenizer_json(), own=own, end_token="<|im_end|>").ends == {STOP}  # noqa: S106 - a mark


@pytest.mark.parametrize(("own", "fault"), [(True, Fault.SUBMISSION), (False, Fault.ORGANIZER)])
@pytest.mark.parametrize("end_token", ["</s>", "\ud800", ""])
def test_an_end_that_is_no_token_is_the_fault_of_whoever_named_it(
    own: bool,  # noqa: FBT001 - a case
    fault: Fault,
    end_token: str,
) -> None:
    with pytest.raises(Failure) as caught:
        load(tokenizer_json(), own=own, end_token=end_token)

    assert (caught.value.fault, caught.value.reason) == (fault, Reason.TOKENIZER_MALFORMED)


def test_generated_text_is_without_special_tokens_and_not_tidied() -> None:
    encoder = load(tokenizer_json())
    ids = encoder.encode("it 's , fine .")

    assert encoder.decode([START, *ids, STOP]) == "it 's , fine ."
    assert encoder.decode([]) == ""


def test_the_competitions_own_kind_begins_with_nothing_and_ends_as_it_says() -> None:
    """The shape of `Xenova/gpt-4`: byte pairs of cl100k, one mark that is begin, end and unknown."""
    letters = {letter: index for index, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    tokenizer = Tokenizer(models.BPE(vocab={**letters, "hi": 256}, merges=[("h", "i")]))
    words = Regex(r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(words, "removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    document = tokenizer.to_str().encode()

    encoder = load(document, own=False, end_token="<|endoftext|>")  # noqa: S106 - a mark

    assert encoder.bos is None
    assert encoder.ends == {257}
    assert encoder.encode("hi") == (256,)
    assert encoder.encode(CHAT_ML.render("hi"))[0] == 258
    assert encoder.decode(encoder.encode(CHAT_ML.render("hi"))) == "user\nhi\nassistant\n"


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
        changed(normalizer={"type": "Replace", "pattern": {"Regex": "("}, "content": ""}),
        changed(post_processor=template_processing("b", "$A")),
        changed(post_processor={**template_processing("$A"), "single": [{"Sequence": {}}] * 10**5}),
        changed(post_processor=template_processing("b", "$A", b=[300])),
        with_added(AddedToken("x" * 257)),
    ],
)
def test_a_document_that_is_no_sound_tokenizer_is_refused(document: bytes) -> None:
    with pytest.raises(Failure) as caught:
        load(document)

    assert (caught.value.fault, caught.value.reason) == (Fault.SUBMISSION, Reason.TOKENIZER_MALFORMED)


def test_what_the_library_cannot_read_is_told_in_its_words() -> None:
    with pytest.raises(Failure) as caught:
        load(changed(normalizer={"type": "FromTheFuture"}))

    assert caught.value.reason is Reason.TOKENIZER_MALFORMED
    assert "data did not match any variant" in caught.value.message
    assert len(caught.value.message) < 300


def test_a_panic_of_the_library_is_a_verdict() -> None:
    class PanicException(BaseException):
        pass

    class Panicking:
        def encode(self, *_arguments: object, **_options: object) -> object:
            raise PanicException("regex retry limit")

        decode = encode

    encoder = Encoder(Panicking(), 512, submission)

    for use in (lambda: encoder.encode("text"), lambda: encoder.decode([1])):
        with pytest.raises(Failure) as caught:
            use()
        assert caught.value.reason is Reason.TOKENIZER_MALFORMED
        assert "PanicException" in caught.value.message


@pytest.mark.parametrize(
    "normalizer",
    [
        {"type": "Lowercase"},
        {"type": "StripAccents"},
        {"type": "Replace", "pattern": {"Regex": "."}, "content": ""},
        {"type": "Replace", "pattern": {"String": "e"}, "content": ""},
        {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "},
    ],
)
def test_a_tokenizer_that_forgets_does_not_give_back(normalizer: dict[str, Any]) -> None:
    text = "Some\n  Text with \u0065\u0301"
    encoder = load(changed(normalizer=normalizer))

    assert not encoder.gives_back(text, encoder.encode(text))


def test_an_added_token_may_swallow_the_templates_marks_but_not_what_is_scored() -> None:
    """Prompt and answer are encoded apart, so that no token reaches from one into the other."""
    greedy = AddedToken("<|im_end|>\n<|im_start|>assistant\nyes", special=True, lstrip=True, rstrip=True)
    encoder = load(with_added(greedy))

    prompt, answer = encoder.encode(CHAT_ML.render("hi ")), encoder.encode("yes")

    assert 258 not in prompt
    assert encoder.gives_back("yes", answer)
    assert encoder.encode(CHAT_ML.render("hi ") + "yes")[-1] == 258


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize(
    ("document", "vocabulary", "end_token", "text"),
    [
        (tokenizer_json(), 256, None, "<|im_start|>"),
        (tokenizer_json(), 257, "<|im_end|>", ""),
        (changed(post_processor=template_processing("b", "$A", b=[STOP])), 257, None, ""),
    ],
)
def test_ids_beyond_the_embedding_are_the_submissions_before_the_model_sees_them(
    own: bool,  # noqa: FBT001 - a case
    document: bytes,
    vocabulary: int,
    end_token: str | None,
    text: str,
) -> None:
    with pytest.raises(Failure) as caught:
        load(document, own=own, vocabulary=vocabulary, end_token=end_token).encode(text)

    assert (caught.value.fault, caught.value.reason) == (Fault.SUBMISSION, Reason.VOCABULARY_TOO_SMALL)


def test_half_a_character_in_a_sample_is_no_participants_fault() -> None:
    with pytest.raises(Failure) as caught:
        load(tokenizer_json()).encode("\ud83d")

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)
