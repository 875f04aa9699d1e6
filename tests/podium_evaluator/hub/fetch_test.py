"""A submission enters the store whole and checked, or not at all, with the reason why."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium_evaluator.contract import FetchedModel, NormLimits, Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.hub.volume import VolumeFolder
from podium_evaluator.hub.weight_files import INDEX
from podium_evaluator.store import Store, open_manifest
from tests.podium_evaluator.tiny import (
    LLAMA,
    bfloat16,
    config,
    fetch_request,
    random_tensors,
    safetensors_bytes,
    write_model,
)

_WEIGHTS = "model.safetensors"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_model(tmp_path / "volume" / "model")


def run(model: Path, **changes: Any) -> FetchedModel:
    store = Store(model.parent.parent / "store")
    return fetch(fetch_request(**changes), store, model.parent, Hub(endpoint=None), now=0.0)


def reason_of(model: Path, **changes: Any) -> Reason:
    with pytest.raises(Failure) as caught:
        run(model, **changes)
    store = model.parent.parent / "store"
    assert not list(store.glob("models/*")), "nothing may be stored"
    assert not list(store.glob("tmp/*")), "nothing may be left"
    return caught.value.reason


def rewrite(path: Path, change: Callable[[bytes], bytes]) -> None:
    path.write_bytes(change(path.read_bytes()))


def test_the_stored_folder_holds_our_configuration_and_the_submitted_weights(model: Path) -> None:
    fetched = run(model)

    target = model.parent.parent / "store" / "models" / fetched.manifest_digest.replace(":", "-")
    manifest = open_manifest(target, fetched.manifest_digest)
    assert [one.name for one in manifest.files] == [
        "config.json",
        _WEIGHTS,
        "tokenizer.json",
        "tokenizer_settings.json",
    ]
    assert (target / _WEIGHTS).read_bytes() == (model / _WEIGHTS).read_bytes()
    assert b"torch_dtype" not in (target / "config.json").read_bytes()
    assert fetched.parameters == 106_816
    assert fetched.architecture == "LlamaForCausalLM"
    assert fetched.files == 4
    assert fetched.chat_template == "ChatML"
    assert fetched.hashed_files == ()
    assert fetched.bytes == sum(one.bytes for one in manifest.files)


def test_a_retry_gives_the_same_digests(model: Path) -> None:
    assert run(model) == run(model)


def test_equal_models_are_equal_whatever_else_their_folders_hold(model: Path) -> None:
    before = run(model)
    (model / "README.md").write_text("mine", encoding="utf-8")
    (model / "pytorch_model.bin").write_bytes(b"\x80\x04cos\nsystem\n")
    (model / "modeling_evil.py").write_text("raise SystemExit", encoding="utf-8")
    (model / "link").symlink_to("/etc/passwd")

    assert run(model) == before


def test_other_weights_are_another_model(model: Path) -> None:
    before = run(model)
    write_model(model, seed=1)
    after = run(model)

    assert before.manifest_digest != after.manifest_digest
    assert before.tensors_digest != after.tensors_digest


def test_shards_are_the_same_tensors_in_other_files(model: Path) -> None:
    whole = run(model)
    tensors = list(random_tensors(LLAMA).items())
    (model / _WEIGHTS).unlink()
    (model / "a.safetensors").write_bytes(safetensors_bytes(dict(tensors[:5])))
    (model / "b.safetensors").write_bytes(safetensors_bytes(dict(tensors[5:])))
    names = {
        name: "a.safetensors" if number < 5 else "b.safetensors" for number, (name, _) in enumerate(tensors)
    }
    (model / INDEX).write_text(json.dumps({"metadata": {}, "weight_map": names}), encoding="utf-8")

    sharded = run(model)

    assert sharded.tensors_digest == whole.tensors_digest
    assert sharded.manifest_digest != whole.manifest_digest
    assert sharded.files == 5


def test_announced_bytes_beyond_the_limit_are_not_copied(model: Path) -> None:
    assert reason_of(model, maximum_bytes=200_000) is Reason.TOO_LARGE


def test_files_that_are_not_needed_count_as_bytes_of_the_submission(model: Path) -> None:
    (model / "original").mkdir()
    (model / "original" / "consolidated.pth").write_bytes(bytes(100_000))

    assert reason_of(model, maximum_bytes=300_000) is Reason.TOO_LARGE
    assert run(model, maximum_bytes=400_000)


def test_a_repository_of_pickles_is_refused(model: Path) -> None:
    (model / _WEIGHTS).rename(model / "pytorch_model.bin")

    assert reason_of(model) is Reason.NO_SAFETENSORS


@pytest.mark.parametrize("name", ["config.json", _WEIGHTS, "tokenizer.json"])
def test_a_link_in_place_of_a_file_is_refused(model: Path, name: str) -> None:
    (model / name).rename(model / "elsewhere")
    (model / name).symlink_to("elsewhere")

    assert reason_of(model) is Reason.FILE_NOT_ALLOWED


def test_a_folder_in_place_of_the_weights_is_no_weights(model: Path) -> None:
    (model / _WEIGHTS).unlink()
    (model / _WEIGHTS).mkdir()

    assert reason_of(model) is Reason.NO_SAFETENSORS


def test_an_empty_sparse_file_is_refused_by_its_size(model: Path) -> None:
    with (model / _WEIGHTS).open("wb") as file:
        file.truncate(10**12)

    assert reason_of(model) is Reason.TOO_LARGE


def test_truncated_and_padded_weights_are_told_apart(model: Path) -> None:
    rewrite(model / _WEIGHTS, lambda data: data[:-1])
    assert reason_of(model) is Reason.SAFETENSORS_TRUNCATED

    write_model(model)
    rewrite(model / _WEIGHTS, lambda data: data + b"PK\3\4")
    assert reason_of(model) is Reason.SAFETENSORS_MALFORMED


def test_a_missing_configuration_and_a_missing_tokenizer_have_their_reasons(model: Path) -> None:
    (model / "tokenizer.json").unlink()
    assert reason_of(model) is Reason.TOKENIZER_MALFORMED

    (model / "config.json").unlink()
    assert reason_of(model) is Reason.CONFIG_MALFORMED


def test_a_huge_configuration_is_not_read(model: Path) -> None:
    rewrite(model / "config.json", lambda data: data + b" " * 300_000)

    assert reason_of(model) is Reason.TOO_LARGE


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        ({"maximum_parameters": 106_815}, Reason.PARAMETERS_OUT_OF_RANGE),
        ({"minimum_parameters": 106_817}, Reason.PARAMETERS_OUT_OF_RANGE),
        ({"architectures": ("MistralForCausalLM",)}, Reason.ARCHITECTURE_NOT_ALLOWED),
    ],
)
def test_limits_are_checked(model: Path, limits: dict[str, Any], reason: Reason) -> None:
    whole = {"architectures": ("LlamaForCausalLM",), "maximum_parameters": 106_816, "sequence_length": 2048}

    assert reason_of(model, limits={**whole, **limits}) is reason
    assert run(model, limits={**whole, "minimum_parameters": 106_816, "sequence_length": 4096})


def test_limits_are_checked_before_weights_are_copied(model: Path) -> None:
    (model / "config.json").write_text(json.dumps(config(hidden_size=4096, head_dim=1024)), encoding="utf-8")
    rewrite(model / _WEIGHTS, lambda _: b"not even a header")

    assert reason_of(model) is Reason.PARAMETERS_OUT_OF_RANGE


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b'{"model":{"vocab":{"a":512}}}', Reason.VOCABULARY_TOO_SMALL),
        (
            b'{"model":{"vocab":{"a":0}},"added_tokens":[{"id":512,"content":"x"}]}',
            Reason.VOCABULARY_TOO_SMALL,
        ),
        (b"\x80\x04pickle", Reason.TOKENIZER_MALFORMED),
        (b'{"model":{"vocab":{"a":-1}}}', Reason.TOKENIZER_MALFORMED),
        (b"[" * 100_000, Reason.TOKENIZER_MALFORMED),
    ],
)
def test_the_embedding_covers_the_vocabulary(model: Path, document: bytes, reason: Reason) -> None:
    (model / "tokenizer.json").write_bytes(document)

    assert reason_of(model) is reason


def test_weights_that_are_not_finite_are_refused(model: Path) -> None:
    tensors = random_tensors(LLAMA)
    tensors["model.norm.weight"] = bfloat16(np.full(64, np.inf, "f4"))
    write_model(model, tensors=tensors)

    assert reason_of(model) is Reason.NON_FINITE_WEIGHTS


def test_norms_are_checked_where_the_competition_bounds_them(model: Path) -> None:
    tensors = random_tensors(LLAMA)
    tensors["model.layers.1.mlp.up_proj.weight"] = bfloat16(np.full((128, 64), 50.0, "f4"))
    write_model(model, tensors=tensors)

    assert (
        reason_of(model, norms=NormLimits(soft=200, soft_fraction=0.15, hard=1000))
        is Reason.NORMS_OUT_OF_RANGE
    )
    assert run(model)


def test_every_byte_of_a_hostile_name_in_a_message_is_bounded(model: Path) -> None:
    evil = {**random_tensors(LLAMA), "\x1b[31m" + "x" * 5000: np.ones(1, "f4")}
    write_model(model, tensors=evil)

    with pytest.raises(Failure) as caught:
        run(model)

    assert len(caught.value.message) < 400
    assert caught.value.message.isprintable()


def test_headers_are_checked_before_weights_are_copied(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("copied")

    tensors = random_tensors(LLAMA)
    write_model(model, tensors={**tensors, "model.norm.weight": tensors["model.norm.weight"][:32]})
    monkeypatch.setattr("podium_evaluator.hub.fetch._copy", fail)

    assert reason_of(model) is Reason.TENSORS_MISMATCH


def test_a_volume_that_changes_after_its_headers_were_read_is_checked_as_copied(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tensors = random_tensors(LLAMA)
    changed = {**tensors, "model.norm.weight": np.zeros(128, "uint8")}  # as many bytes, of another type
    copy = VolumeFolder.copy

    def late(self: VolumeFolder, name: str, *rest: Any) -> None:
        if name == _WEIGHTS:
            (model / name).write_bytes(safetensors_bytes(changed))
        copy(self, name, *rest)

    monkeypatch.setattr(VolumeFolder, "copy", late)

    assert reason_of(model) is Reason.SAFETENSORS_MALFORMED


def test_models_that_make_way_are_removed_before_anything_else(model: Path) -> None:
    first = run(model)
    rewrite(model / "config.json", lambda _: b"{")

    with pytest.raises(Failure):
        run(model, evict=(first.manifest_digest,))

    assert not list((model.parent.parent / "store").glob("models/*"))


def test_a_fetch_of_what_it_removes_has_it_afterwards(model: Path) -> None:
    first = run(model)
    assert run(model, evict=(first.manifest_digest,)) == first
    assert list((model.parent.parent / "store").glob("models/*"))
