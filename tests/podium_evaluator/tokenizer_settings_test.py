"""Of what is said about a tokenizer three values are read, as transformers reads them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.errors import Failure, organizer, submission
from podium_evaluator.templates.recognition import LONGEST_TEXT
from podium_evaluator.tokenizer_settings import (
    SETTINGS_BYTES,
    StoredSettings,
    TokenizerSettings,
    read_settings,
    read_stored_settings,
)


def encoded(value: Any) -> bytes | None:
    return None if value is None else json.dumps(value).encode()


def read(config: Any = None, special: Any = None, template: bytes | None = None) -> TokenizerSettings:
    return read_settings(encoded(config), encoded(special), template, submission)


END = {"eos_token": "</s>"}


@pytest.mark.parametrize(
    ("config", "special", "template", "found"),
    [
        (None, None, None, TokenizerSettings()),
        ({}, {}, None, TokenizerSettings()),
        (
            {"bos_token": "<s>", "eos_token": "</s>", "chat_template": "x", "tokenizer_class": "Evil"},
            None,
            None,
            TokenizerSettings("<s>", "</s>", "x"),
        ),
        (
            {"bos_token": None, "eos_token": {"__type": "AddedToken", "content": "</s>", "lstrip": False}},
            None,
            None,
            TokenizerSettings(None, "</s>"),
        ),
        ({"eos_token": ""}, None, None, TokenizerSettings()),
        # The older file counts where the newer list is absent, key by key.
        (END, {"eos_token": {"content": "<e>"}}, None, TokenizerSettings(None, "<e>")),
        (END, {"bos_token": "<b>"}, None, TokenizerSettings("<b>", "</s>")),
        ({**END, "added_tokens_decoder": {}}, {"eos_token": "<e>"}, None, TokenizerSettings(None, "</s>")),
        (None, {"eos_token": "<e>"}, None, TokenizerSettings(None, "<e>")),
        # The file of its own counts before the configuration.
        ({"chat_template": "x"}, None, b"y\n", TokenizerSettings(chat_template="y\n")),
        (
            {
                "chat_template": [
                    {"name": "tool_use", "template": "t"},
                    {"name": "default", "template": "d"},
                ]
            },
            None,
            None,
            TokenizerSettings(chat_template="d"),
        ),
        (
            {"chat_template": "x" * LONGEST_TEXT},
            None,
            None,
            TokenizerSettings(chat_template="x" * LONGEST_TEXT),
        ),
    ],
)
def test_what_transformers_would_take_is_taken(
    config: Any, special: Any, template: bytes | None, found: TokenizerSettings
) -> None:
    assert read(config, special, template) == found


@pytest.mark.parametrize(
    ("config", "special", "template", "says"),
    [
        (b"", None, None, "tokenizer_config.json: "),
        (b"[]", None, None, "tokenizer_config.json: an object"),
        (None, b"null", None, "special_tokens_map.json: an object"),
        (b'{"eos_token":1}', None, None, "tokenizer_config.json: eos_token"),
        (b'{"eos_token":["</s>"]}', None, None, "tokenizer_config.json: eos_token"),
        (b'{"eos_token":{"text":"</s>"}}', None, None, "tokenizer_config.json: eos_token"),
        (b'{"bos_token":{"content":null}}', None, None, "tokenizer_config.json: bos_token"),
        (None, b'{"bos_token":true}', None, "special_tokens_map.json: bos_token"),
        (b'{"eos_token":"' + b"x" * 257 + b'"}', None, None, "tokenizer_config.json: eos_token"),
        (b'{"eos_token":"a","eos_token":"b"}', None, None, "tokenizer_config.json: "),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", None, None, "tokenizer_config.json: "),
        (b'{"x":NaN}', None, None, "tokenizer_config.json: "),
        (b" " * (SETTINGS_BYTES + 1), None, None, "tokenizer_config.json: "),
        (None, b" " * (SETTINGS_BYTES + 1), None, "special_tokens_map.json: "),
        (b'{"chat_template":7}', None, None, "tokenizer_config.json: chat_template"),
        (b'{"chat_template":[]}', None, None, "tokenizer_config.json: chat_template"),
        (b'{"chat_template":[{"name":"default"}]}', None, None, "tokenizer_config.json: chat_template"),
        (
            b'{"chat_template":[{"name":"rag","template":"x"}]}',
            None,
            None,
            "tokenizer_config.json: chat_templ",
        ),
        (
            b'{"chat_template":[{"name":"default","template":"x"},{"name":"default","template":"y"}]}',
            None,
            None,
            "tokenizer_config.json: chat_template",
        ),
        (
            b'{"chat_template":"' + b"x" * (LONGEST_TEXT + 1) + b'"}',
            None,
            None,
            "tokenizer_config.json: chat_template: 65537 characters, at most 65536",
        ),
        (None, None, b"x" * (LONGEST_TEXT + 1), "chat_template.jinja: 65537 bytes, at most 65536"),
        (None, None, b"\xff", "chat_template.jinja: not UTF-8"),
    ],
)
def test_anything_else_is_refused_with_the_file_and_the_key(
    config: bytes | None, special: bytes | None, template: bytes | None, says: str
) -> None:
    with pytest.raises(Failure) as caught:
        read_settings(config, special, template, submission)

    assert (caught.value.fault, caught.value.reason) == (Fault.SUBMISSION, Reason.TOKENIZER_MALFORMED)
    assert caught.value.message.startswith(says)
    assert len(caught.value.message) < 1024


def test_the_files_of_the_competitions_tokenizer_are_the_organisers() -> None:
    with pytest.raises(Failure) as caught:
        read_settings(b"[]", None, None, organizer)

    assert caught.value.fault is Fault.ORGANIZER


def test_what_a_template_says_is_kept_to_the_letter_and_not_read() -> None:
    hostile = "{% for i in range(10**9) %}{{ i }}{% endfor %}\0\ud800"

    assert read({"chat_template": hostile}).chat_template == hostile


@given(st.none() | st.text(max_size=20), st.text(max_size=20))
def test_what_was_stored_comes_back(end_token: str | None, chat_template: str) -> None:
    settings = StoredSettings(end_token, chat_template)

    assert read_stored_settings(settings.document()) == settings


@pytest.mark.parametrize(
    "document", [b"", b"{}", b'{"chatTemplate":"ChatML","endToken":1}', b'{"chatTemplate":"ChatML"}', b"[]"]
)
def test_stored_settings_that_no_version_of_ours_wrote_are_no_ones_fault(document: bytes) -> None:
    with pytest.raises(Failure) as caught:
        read_stored_settings(document)

    assert (caught.value.fault, caught.value.reason) == (Fault.INFRASTRUCTURE, Reason.STORED_BYTES_CHANGED)
