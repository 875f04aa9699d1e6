"""Tokenizers enter whole and known, or not at all, with the reason and what to do."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.contract import Fault, Reason, Tokenizer
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.source import SubmissionFiles
from podium_evaluator.hub.tokenizer import (
    OwnTokenizer,
    check_fixed_vocabulary,
    check_own_vocabulary,
    copy_fixed_tokenizer,
    read_own_tokenizer,
)
from podium_evaluator.hub.volume import VolumeFolder
from podium_evaluator.templates import accepted_templates
from podium_evaluator.tokenizer_settings import StoredSettings, TokenizerSettings
from tests.hub import Hub as Server
from tests.hub import Refuse, hub_in_thread
from tests.podium_evaluator.tiny import tokenizer_json

_COMMIT = "c" * 40
_FIXED = Tokenizer(policy="Fixed", repository="podium/tokenizer", revision=_COMMIT)
_OWN = Tokenizer(policy="Own", chat_template="Zephyr")
_TEMPLATES = accepted_templates(_OWN)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models" / "podium" / "tokenizer"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_bytes(tokenizer_json())
    (folder / ".hub.json").write_text(json.dumps({"commit": _COMMIT}), encoding="utf-8")
    return folder


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    with hub_in_thread(folder.parents[2]) as hub:
        yield hub


def client(server: Server) -> Hub:
    return Hub(server.endpoint, None, lambda _: None)


def own(folder: Path, tokenizer: Tokenizer = _OWN) -> OwnTokenizer:
    source = VolumeFolder(folder, "")
    found = read_own_tokenizer(SubmissionFiles(source, source.files()), tokenizer)
    check_own_vocabulary(found, 512)
    return found


def refusal(folder: Path, tokenizer: Tokenizer = _OWN) -> Failure:
    with pytest.raises(Failure) as caught:
        own(folder, tokenizer)
    assert caught.value.fault is Fault.SUBMISSION
    return caught.value


def configure(folder: Path, values: dict[str, Any]) -> None:
    (folder / "tokenizer_config.json").write_text(json.dumps(values), encoding="utf-8")


@pytest.mark.parametrize("revision", [_COMMIT, "main"])
def test_the_competitions_tokenizer_comes_with_its_settings_and_commit(
    server: Server, folder: Path, revision: str
) -> None:
    configure(folder, {"bos_token": "<|im_start|>", "eos_token": {"content": "<|im_end|>"}})

    fixed = copy_fixed_tokenizer(client(server), _FIXED.model_copy(update={"revision": revision}))

    assert fixed.document == tokenizer_json()
    assert fixed.settings == TokenizerSettings("<|im_start|>", "<|im_end|>")
    assert fixed.revision == _COMMIT
    check_fixed_vocabulary(fixed, 258)


def test_the_competitions_tokenizer_may_be_alone(server: Server) -> None:
    assert copy_fixed_tokenizer(client(server), _FIXED).settings == TokenizerSettings()


@pytest.mark.parametrize(
    "wrong",
    [
        {"repository": "podium/nothing"},
        {"revision": "d" * 40},
        {"revision": "no-branch"},
        {"repository": "no name"},
    ],
)
def test_a_tokenizer_that_does_not_exist_is_the_organisers_fault(
    server: Server, wrong: dict[str, str]
) -> None:
    with pytest.raises(Failure) as caught:
        copy_fixed_tokenizer(client(server), _FIXED.model_copy(update=wrong))

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.TOKENIZER_MALFORMED)


def test_a_repository_without_a_tokenizer_is_the_organisers_fault(server: Server, folder: Path) -> None:
    (folder / "tokenizer.json").rename(folder / "tokenizer.model")

    with pytest.raises(Failure, match=r"has no file tokenizer\.json") as caught:
        copy_fixed_tokenizer(client(server), _FIXED)

    assert caught.value.fault is Fault.ORGANIZER


@pytest.mark.parametrize(
    ("name", "text"),
    [("tokenizer.json", "{}"), ("tokenizer_config.json", "[]"), ("special_tokens_map.json", "no JSON")],
)
def test_a_tokenizer_that_cannot_be_read_is_the_organisers_fault(
    server: Server, folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text, encoding="utf-8")

    with pytest.raises(Failure) as caught:
        check_fixed_vocabulary(copy_fixed_tokenizer(client(server), _FIXED), 512)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.TOKENIZER_MALFORMED)


def test_a_hub_in_trouble_is_nobodys_fault(server: Server) -> None:
    server.faults.add(Refuse(503), on="models/podium/*")

    with pytest.raises(Failure) as caught:
        copy_fixed_tokenizer(client(server), _FIXED)

    assert (caught.value.fault, caught.value.reason) == (Fault.INFRASTRUCTURE, Reason.HUB_UNAVAILABLE)


def test_an_own_tokenizer_without_a_template_gets_the_competitions(folder: Path) -> None:
    assert own(folder) == OwnTokenizer(tokenizer_json(), StoredSettings(None, "Zephyr"))


@pytest.mark.parametrize("name", ["ChatML", "Llama-3", "Gemma"])
def test_an_own_template_is_known_by_its_text_in_each_place_where_it_may_stand(
    folder: Path, name: str
) -> None:
    text = _TEMPLATES[name].text
    configure(folder, {"chat_template": text, "eos_token": "<|im_end|>"})
    assert own(folder).settings == StoredSettings("<|im_end|>", name)

    listed = [{"name": "tool_use", "template": "?"}, {"name": "default", "template": text}]
    configure(folder, {"chat_template": listed})
    assert own(folder).settings.chat_template == name

    configure(folder, {"chat_template": "something else"})
    (folder / "chat_template.jinja").write_text(text, encoding="utf-8")
    assert own(folder).settings.chat_template == name


def test_an_unknown_template_is_refused_with_the_names_of_those_that_are_accepted(folder: Path) -> None:
    configure(folder, {"chat_template": "{{ messages[0].content }}\x1b[31m"})

    failure = refusal(folder)

    assert failure.reason is Reason.CHAT_TEMPLATE_UNKNOWN
    assert all(name in failure.message for name in _TEMPLATES)
    assert failure.message.isprintable()


def test_the_organisers_templates_are_accepted_too(folder: Path) -> None:
    text = "{% for one in messages %}<{{ one.content }}>{% endfor %}"
    configure(folder, {"chat_template": text})
    house = {"name": "House", "text": text}

    assert refusal(folder).reason is Reason.CHAT_TEMPLATE_UNKNOWN
    tokenizer = Tokenizer.model_validate({"policy": "Own", "templates": (house,)})
    assert own(folder, tokenizer).settings.chat_template == "House"


@pytest.mark.parametrize("name", ["tokenizer.model", "spiece.model", "vocab.json", "tekken.json"])
def test_a_tokenizer_in_another_form_is_refused_with_the_way_to_convert_it(folder: Path, name: str) -> None:
    (folder / "tokenizer.json").rename(folder / name)

    failure = refusal(folder)

    assert failure.reason is Reason.TOKENIZER_NOT_SUPPORTED
    assert f"only there as {name}" in failure.message
    assert "save_pretrained" in failure.message


def test_no_tokenizer_at_all_is_malformed(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()

    assert refusal(folder).reason is Reason.TOKENIZER_MALFORMED


def test_the_end_of_a_text_must_be_a_token(folder: Path) -> None:
    configure(folder, {"eos_token": "</s>"})

    failure = refusal(folder)

    assert failure.reason is Reason.TOKENIZER_MALFORMED
    assert "</s>" in failure.message


def test_what_could_not_be_run_later_is_refused_now(folder: Path) -> None:
    document = json.loads(tokenizer_json())
    document["added_tokens"][0]["content"] = "x" * 300
    (folder / "tokenizer.json").write_text(json.dumps(document), encoding="utf-8")

    assert refusal(folder).reason is Reason.TOKENIZER_MALFORMED


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("tokenizer_config.json", 4 * 1024 * 1024 + 1),
        ("special_tokens_map.json", 4 * 1024 * 1024 + 1),
        ("chat_template.jinja", 4 * 1024 * 1024 + 1),
    ],
)
def test_files_beside_the_tokenizer_are_bounded(folder: Path, name: str, size: int) -> None:
    (folder / name).write_bytes(b" " * size)

    assert refusal(folder).reason is Reason.TOO_LARGE
