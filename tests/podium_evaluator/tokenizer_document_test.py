"""A participant's tokenizer.json is bounded by what it says, before it runs."""

import base64
import json
from typing import Any

import pytest

from podium_evaluator.tokenizer_document import check_own, read_document
from tests.podium_evaluator.tiny import tokenizer_json

PLAIN = json.loads(tokenizer_json())


def charsmap(*replacements: bytes) -> str:
    trie = b"\0" * 8
    return base64.b64encode(len(trie).to_bytes(4, "little") + trie + b"\0".join(replacements)).decode()


def replaced(content: str, **pattern: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": pattern, "content": content}


def sequence(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"type": "Sequence", "normalizers": list(steps)}


def with_added(text: str) -> dict[str, Any]:
    token = {"id": 300, "content": text, "special": True}
    return {"added_tokens": [*PLAIN["added_tokens"], token]}


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"model":[]}',
        b'{"model":{},"model":{}}',
        b'{"model":{"dropout":0.1}}',
        b'{"model":{"dropout":1}}',
        b'{"model":{"vocab":' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
        b'{"model":{"vocab":[' + b"[]," * 2_000_001 + b"[]]}}",
        b'{"model":{"vocab":[' + b'{"":0},' * 1_000_001 + b"0]}}",
        b'{"model":{}}\xff',
    ],
)
def test_what_is_no_tokenizer_of_any_real_size_is_not_read(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_document(document)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}},
        {"normalizer": sequence({"type": "Prepend", "prepend": "▁"}, replaced("▁", String=" "))},
        {"normalizer": sequence({"type": "NFKC"}, *[replaced(" ", Regex=r"\s+")] * 6)},
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": charsmap(b"x" * 40)}},
        {
            "decoder": {
                "type": "Sequence",
                "decoders": [
                    replaced(" ", String="▁"),
                    {"type": "ByteFallback"},
                    {"type": "Fuse"},
                    {"type": "Strip", "content": " ", "start": 1, "stop": 0},
                ],
            }
        },
        with_added("x" * 256),
    ],
)
def test_what_models_in_use_have_is_accepted(changes: dict[str, Any]) -> None:
    check_own({**PLAIN, **changes})


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"model": {"vocab": {"x" * 257: 0}}}, "a token has more than 256 characters"),
        ({"model": {"vocab": [["x" * 257, -1.0]]}}, "a token has more than 256 characters"),
        (
            {"model": {"vocab": [[f"{at:0250}", -1.0] for at in range(34_000)]}},
            "its tokens have 85000.. bytes",
        ),
        (with_added("x" * 257), "a token has more than 256 characters"),
        ({"normalizer": replaced("x" * 257, String="e")}, "normalizer: its replacements"),
        ({"normalizer": replaced("x" * 256, Regex="")}, "normalizer: its replacements"),
        ({"normalizer": sequence(*[replaced("aa", String="a")] * 9)}, "normalizer: its replacements"),
        ({"normalizer": {"type": "Prepend", "prepend": "x" * 256}}, "normalizer: its replacements"),
        (
            {"normalizer": {"precompiled_charsmap": charsmap(b"a", b"x" * 257)}},
            "normalizer: its replacements",
        ),
        ({"normalizer": {"precompiled_charsmap": "?"}}, "base64 expected"),
        ({"decoder": replaced("x" * 10_000, String="▁")}, "decoder: its replacements"),
        (
            {"post_processor": {"type": "TemplateProcessing", "single": [{"Sequence": {}}] * 10**6}},
            "post_processor: 1001 values",
        ),
        (
            {"post_processor": {"special_tokens": {"<s>": {"ids": [0] * 10**6}}}},
            "post_processor: 1001 values",
        ),
        ({"normalizer": sequence(*[{"type": "NFC"}] * 1_000)}, "normalizer: 1001 values"),
        ({"pre_tokenizer": sequence(*[{"type": "Digits"}] * 1_000)}, "pre_tokenizer: 1001 values"),
    ],
)
def test_what_would_end_at_the_memory_limit_or_go_round_the_scoring_is_refused(
    changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        check_own({**PLAIN, **changes})
