"""Which tokenizer and template an evaluation uses: the stored ones, of whoever the policy says."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.canonical import digest_of
from podium_evaluator.contract import Fault, Reason, Tokenizer
from podium_evaluator.conversation import open_conversation
from podium_evaluator.errors import Failure
from podium_evaluator.store import Manifest, ManifestFile
from podium_evaluator.stored import StoredFolder
from podium_evaluator.tokenizer_settings import SETTINGS, StoredSettings
from tests.podium_evaluator.methods.worlds import BOS
from tests.podium_evaluator.tiny import tokenizer_json

_OWN: dict[str, Any] = {"policy": "Own", "chat_template": "Zephyr"}
_FIXED: dict[str, Any] = {**_OWN, "policy": "Fixed", "repository": "o/t", "revision": "main"}
_ORGANISERS = {"templates": ({"name": "Ours", "text": "{{ messages[-1].content }}{{ eos_token }}"},)}


def stored(folder: Path, files: Mapping[str, bytes]) -> StoredFolder:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    listed = (
        ManifestFile(name, len(data), digest_of(data).removeprefix("sha256:")) for name, data in files.items()
    )
    return StoredFolder(folder, Manifest(tuple(listed)))


def files(template: str | None = None, document: bytes | None = None) -> dict[str, bytes]:
    found = {"tokenizer.json": document or tokenizer_json()}
    if template is not None:
        found[SETTINGS] = StoredSettings("<|im_end|>", template).document()
    return found


@pytest.mark.parametrize(
    ("tokenizer", "model", "samples", "template", "ends"),
    [
        (_OWN, files("ChatML"), {}, "ChatML", {257}),
        (_OWN, files(), {}, "Zephyr", set()),
        ({**_OWN, **_ORGANISERS}, files("Ours"), {}, "Ours", {257}),
        (_FIXED, {}, files("Zephyr"), "Zephyr", {257}),
        (_FIXED, files("ChatML"), files(), "Zephyr", set()),
    ],
    ids=[
        "own: what was recognised",
        "own: the competition's without settings",
        "own: one of the organiser's",
        "fixed: beside the samples",
        "fixed: the submission has no say",
    ],
)
def test_tokenizer_template_and_end_token(
    tmp_path: Path,
    tokenizer: dict[str, Any],
    model: dict[str, bytes],
    samples: dict[str, bytes],
    template: str,
    ends: set[int],
) -> None:
    found = open_conversation(
        Tokenizer.model_validate(tokenizer),
        stored(tmp_path / "model", model),
        stored(tmp_path / "samples", samples),
        512,
    )

    assert (found.template.name, found.encoder.ends) == (template, ends)
    assert found.own is (tokenizer["policy"] == "Own")


def failure(
    folder: Path, tokenizer: dict[str, Any], held: dict[str, bytes], vocabulary: int = 512
) -> Failure:
    one = stored(folder / "stored", held)
    with pytest.raises(Failure) as caught:
        open_conversation(Tokenizer.model_validate(tokenizer), one, one, vocabulary)
    return caught.value


def test_the_organisers_template_writes_the_end_token_of_the_tokenizer(tmp_path: Path) -> None:
    one = stored(tmp_path / "model", files("Ours"))

    found = open_conversation(Tokenizer.model_validate({**_OWN, **_ORGANISERS}), one, one, 512)

    assert found.template.render("hi") == "hi<|im_end|>"


def test_a_template_that_is_no_longer_accepted_is_the_submissions_fault(tmp_path: Path) -> None:
    found = failure(tmp_path, _OWN, files("Ours"))

    assert (found.fault, found.reason) == (Fault.SUBMISSION, Reason.CHAT_TEMPLATE_UNKNOWN)
    assert "'Ours'" in found.message
    assert "ChatML" in found.message


@pytest.mark.parametrize("tokenizer", [_OWN, _FIXED], ids=["own", "fixed"])
def test_an_end_token_without_a_row_is_the_submissions_fault(
    tmp_path: Path, tokenizer: dict[str, Any]
) -> None:
    found = failure(tmp_path, tokenizer, files("Zephyr"), vocabulary=257)

    assert (found.fault, found.reason) == (Fault.SUBMISSION, Reason.VOCABULARY_TOO_SMALL)
    assert "257 rows" in found.message


@pytest.mark.parametrize(("tokenizer", "fault"), [(_OWN, Fault.SUBMISSION), (_FIXED, Fault.ORGANIZER)])
def test_a_malformed_tokenizer_is_the_fault_of_who_chose_it(
    tmp_path: Path, tokenizer: dict[str, Any], fault: Fault
) -> None:
    found = failure(tmp_path, tokenizer, files("Zephyr", b"{}"))

    assert (found.fault, found.reason) == (fault, Reason.TOKENIZER_MALFORMED)


def test_the_start_token_is_the_one_that_the_tokenizer_itself_puts_first(tmp_path: Path) -> None:
    document = json.loads(tokenizer_json())
    sequence = {"Sequence": {"id": "A", "type_id": 0}}
    document["post_processor"] = {
        "type": "TemplateProcessing",
        "single": [{"SpecialToken": {"id": "<|im_start|>", "type_id": 0}}, sequence],
        "pair": [sequence, {"Sequence": {"id": "B", "type_id": 1}}],
        "special_tokens": {"<|im_start|>": {"id": "<|im_start|>", "ids": [BOS], "tokens": ["<|im_start|>"]}},
    }
    one = stored(tmp_path / "model", files("ChatML", json.dumps(document).encode()))

    assert open_conversation(Tokenizer.model_validate(_OWN), one, one, 512).encoder.bos == BOS
