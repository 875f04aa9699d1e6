"""Digests that are printed are those that a fetch would find, and of the files that it would hash."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from podium_evaluator.contract import FetchedModel, HuggingFaceSource, Reason, VolumeSource
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.hub.weight_files import INDEX
from podium_evaluator.participant.competition import parse_competition
from podium_evaluator.participant.requests import fetch_request
from podium_evaluator.store import Store
from tests.hub import Hub as Server
from tests.podium.api.objects import ALICE, BOB
from tests.podium_evaluator.participant.scene import COMMIT, FIXED, OWN, SORTING_ONLY, Desk, competition
from tests.podium_evaluator.tiny import LLAMA, random_tensors, safetensors_bytes


def encoded(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def by_hand(folder: Path, names: list[str]) -> str:
    """The content hash as the former subnet's documents describe it."""
    digests = [encoded((folder / name).read_bytes()) for name in sorted(names)]
    return encoded("".join(digests).encode())


def shard(model: Path) -> None:
    tensors = list(random_tensors(LLAMA).items())
    (model / "model.safetensors").unlink()
    parts = {"a-1.safetensors": tensors[:5], "a-2.safetensors": tensors[5:]}
    for name, part in parts.items():
        (model / name).write_bytes(safetensors_bytes(dict(part)))
    weight_map = {tensor: name for name, part in parts.items() for tensor, _ in part}
    (model / INDEX).write_text(json.dumps({"weight_map": weight_map}), encoding="utf-8")


def furnish(model: Path) -> None:
    """Files beside the model: two that are hashed, and some that are not."""
    (model / "generation_config.json").write_text("{}", encoding="utf-8")
    (model / "special_tokens_map.json").write_text("{}", encoding="utf-8")
    (model / "README.md").write_text("mine", encoding="utf-8")
    (model / "vocab.txt").symlink_to(model / "README.md")
    (model / "original").mkdir()
    (model / "original" / "config.json").write_text("{}", encoding="utf-8")


def fetched(desk: Desk, secure_hash: str, hotkey: str = ALICE, tokenizer: object = OWN) -> FetchedModel:
    parsed = parse_competition(competition([SORTING_ONLY], constraints__tokenizer=tokenizer))
    request = fetch_request(parsed, VolumeSource(path="model"))
    committed = request.model_copy(update={"hotkey": hotkey, "secure_hash": secure_hash})
    return fetch(committed, Store(desk.folder / "store"), desk.folder, Hub(None), 0.0)


@pytest.mark.parametrize("sharded", [False, True])
def test_a_folder_has_the_hashes_that_a_fetch_accepts(desk: Desk, *, sharded: bool) -> None:
    furnish(desk.model)
    if sharded:
        shard(desk.model)
    weights = ["a-1.safetensors", "a-2.safetensors", INDEX] if sharded else ["model.safetensors"]
    names = ["config.json", "generation_config.json", "special_tokens_map.json", "tokenizer.json", *weights]

    ended = desk.run(
        *("hash", "--model", str(desk.model), "--hotkey", ALICE, "--json", "--competition", str(desk.file))
    )

    found = ended.document
    content = by_hand(desk.model, names)
    assert found["contentHash"] == content
    assert found["secureHash"] == encoded((content + ALICE).encode())
    assert [one["name"] for one in found["files"]] == sorted(names)
    model = fetched(desk, found["secureHash"])
    assert found["manifestDigest"] == model.manifest_digest
    assert sorted(model.hashed_files) == sorted(names)
    assert len(found["manifestFiles"]) == model.files
    with pytest.raises(Failure) as caught:
        fetched(desk, found["secureHash"], BOB)
    assert caught.value.reason is Reason.SECURE_HASH_MISMATCH


def test_a_repository_has_the_hashes_of_its_folder_without_its_weights_being_downloaded(
    desk: Desk, server: Server
) -> None:
    arguments = ("--hotkey", ALICE, "--hub-endpoint", server.endpoint)
    on_hub = desk.run("hash", "--json", "--model", "alice/tuned@main", *arguments).document
    sent = server.bytes_sent
    folder = desk.run("hash", "--json", "--model", str(desk.model), *arguments).document

    assert {**on_hub, "model": ""} == {**folder, "model": ""}
    assert on_hub["model"] == f"alice/tuned@{COMMIT}"
    assert sent < (desk.model / "model.safetensors").stat().st_size


def test_without_a_competition_the_manifest_is_that_of_a_fixed_tokenizer_and_says_so(
    desk: Desk, server: Server
) -> None:
    parsed = parse_competition(
        competition([SORTING_ONLY], constraints__tokenizer=FIXED, hub={"endpoint": server.endpoint})
    )
    source = HuggingFaceSource(repository="alice/tuned", revision=COMMIT)
    model = fetch(
        fetch_request(parsed, source), Store(desk.folder / "store"), Path(), Hub(server.endpoint), 0.0
    )

    ended = desk.run("hash", "--model", str(desk.model))

    assert ended.code == 0
    assert f"manifest  {model.manifest_digest} (tokenizer policy Fixed: config.json, model" in ended.output
    assert "note: the manifest is that of a competition with a fixed tokenizer" in ended.output
    assert "\nsecure " not in ended.output


def test_a_model_that_would_be_rejected_still_has_a_content_hash(desk: Desk) -> None:
    (desk.model / "tokenizer.json").unlink()

    ended = desk.run("hash", "--model", str(desk.model), "--competition", str(desk.file))

    assert ended.code == 65
    assert "manifest  none: TokenizerMalformed: the submission has no file 'tokenizer.json'" in ended.output
    assert f"content   {by_hand(desk.model, ['config.json', 'model.safetensors'])}" in ended.output


def test_a_folder_without_weights_has_no_hash(desk: Desk) -> None:
    (desk.model / "model.safetensors").unlink()

    ended = desk.run("hash", "--model", str(desk.model))

    assert (ended.code, ended.output) == (65, "")
    assert "NoSafetensors: neither model.safetensors nor" in ended.errors


def test_the_document_always_has_the_same_keys(desk: Desk) -> None:
    keys = ["version", "model", "tokenizerPolicy", "manifestDigest", "manifestFiles", "contentHash"]
    keys += ["hotkey", "secureHash", "files", "failure"]

    assert list(desk.run("hash", "--model", str(desk.model), "--json").document) == keys


def test_a_mistyped_hotkey_is_refused(desk: Desk) -> None:
    ended = desk.run("hash", "--model", str(desk.model), "--hotkey", ALICE.replace("w", "W"))

    assert ended.code == 64
    assert "expected an SS58 address" in ended.errors
