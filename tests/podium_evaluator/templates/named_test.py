"""Named templates render what was published under their names, here as in transformers."""

import dataclasses
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, processors

from podium_evaluator.errors import submission
from podium_evaluator.templates import ChatTemplate
from podium_evaluator.templates.named import named_templates
from podium_evaluator.tokenizers import load_encoder

NAMED = named_templates()
SPELLINGS = [(name, text) for name, one in NAMED.items() for text in (one.text, *one.spellings)]
IDS = [f"{name} {index}" for index, (name, _) in enumerate(SPELLINGS)]
BEGIN, END = "<s>", "</s>"
SYSTEM = "the system's words"


@pytest.mark.parametrize(
    ("name", "alone", "with_system"),
    [
        (
            "ChatML",
            "<|im_start|>user\n hi \n<|im_end|>\n<|im_start|>assistant\n",
            (
                "<|im_start|>system\n be \n<|im_end|>\n"
                "<|im_start|>user\n hi \n<|im_end|>\n<|im_start|>assistant\n"
            ),
        ),
        ("Llama-2", "[INST] hi [/INST]", "[INST] <<SYS>>\n be \n\n<</SYS>>\n\n hi [/INST]"),
        (
            "Llama-3",
            (
                "<|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|>"
                "<|start_header_id|>assistant<|end_header_id|>\n\n"
            ),
            (
                "<|start_header_id|>system<|end_header_id|>\n\nbe<|eot_id|>"
                "<|start_header_id|>user<|end_header_id|>\n\nhi<|eot_id|>"
                "<|start_header_id|>assistant<|end_header_id|>\n\n"
            ),
        ),
        ("Mistral", "[INST]  hi \n [/INST]", "[INST]  be \n\n\n hi \n [/INST]"),
        (
            "Gemma",
            "<start_of_turn>user\nhi<end_of_turn>\n<start_of_turn>model\n",
            "<start_of_turn>user\nbe \n\n\n hi<end_of_turn>\n<start_of_turn>model\n",
        ),
        (
            "Phi-3",
            "<|user|>\n hi \n<|end|>\n<|assistant|>\n",
            "<|system|>\n be \n<|end|>\n<|user|>\n hi \n<|end|>\n<|assistant|>\n",
        ),
        (
            "Zephyr",
            "<|user|>\n hi \n</s>\n<|assistant|>\n",
            "<|system|>\n be \n</s>\n<|user|>\n hi \n</s>\n<|assistant|>\n",
        ),
    ],
)
def test_a_conversation_looks_as_its_family_was_trained(name: str, alone: str, with_system: str) -> None:
    assert NAMED[name].render(" hi \n") == alone
    assert NAMED[name].render(" hi \n", " be \n") == with_system


@pytest.mark.parametrize(("name", "text"), SPELLINGS, ids=IDS)
@settings(max_examples=15, deadline=None)
@given(prompt=st.text(max_size=40), system=st.text(min_size=1, max_size=40))
def test_a_published_spelling_renders_what_ours_renders(
    name: str, text: str, prompt: str, system: str
) -> None:
    published = dataclasses.replace(NAMED[name], text=text)

    assert published.render(prompt) == NAMED[name].render(prompt)
    # Older spellings refuse a system turn or leave it out: there is nothing to be equal to.
    if published.shows_system_turn("u", SYSTEM):
        assert published.render(prompt, system) == NAMED[name].render(prompt, system)


def test_ours_have_a_place_for_a_system_turn_where_a_published_spelling_has_one() -> None:
    for name, one in NAMED.items():
        shown = [ChatTemplate(name, text).shows_system_turn("u", SYSTEM) for text in one.spellings]
        assert one.system_turn is any(shown)
        assert ChatTemplate(name, one.text).shows_system_turn("u", SYSTEM) is one.system_turn


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    letters = {letter: index for index, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    made = Tokenizer(models.BPE(vocab=letters, merges=[]))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    marks = {mark for one in NAMED.values() for mark in re.findall(r"<\|?\w+\|?>|\[/?INST\]", one.text)}
    made.add_special_tokens([AddedToken(mark) for mark in (BEGIN, END, *sorted(marks))])
    begin = (BEGIN, made.token_to_id(BEGIN))
    made.post_processor = processors.TemplateProcessing(single=f"{BEGIN} $A", special_tokens=[begin])
    return made


@pytest.mark.parametrize(("name", "text"), SPELLINGS, ids=IDS)
def test_tokens_are_those_of_transformers_with_the_begin_once_in_front(
    tokenizer: Tokenizer, name: str, text: str
) -> None:
    from transformers import PreTrainedTokenizerFast  # noqa: PLC0415 - takes seconds, for one test

    theirs = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, chat_template=text, bos_token=BEGIN, eos_token=END
    )
    encoder = load_encoder(tokenizer.to_str().encode(), 10_000, submission, own=True, end_token=END)
    template = NAMED[name].with_end_token(END)
    systems = ["be brief"] if ChatTemplate(name, text).shows_system_turn("u", SYSTEM) else []

    for system in ["", *systems]:
        turns = [("system", system)] * bool(system) + [("user", "Why?\n")]
        ids = theirs.apply_chat_template(
            [{"role": role, "content": content} for role, content in turns],
            add_generation_prompt=True,
            return_dict=False,
        )
        # Some published texts write the token and some leave it to whoever calls them.
        without = [one for one in ids if one != encoder.bos]
        assert list(encoder.encode(template.render("Why?\n", system))) == without
        assert ids in (without, [encoder.bos, *without])


def test_zephyrs_turns_end_with_the_end_token_of_the_tokenizer_that_renders_it() -> None:
    end = "<|end_of_text|>"

    assert NAMED["Zephyr"].with_end_token(end).render("hi") == f"<|user|>\nhi{end}\n<|assistant|>\n"
    assert NAMED["Zephyr"].with_end_token(None) == NAMED["Zephyr"]
