"""The hash of the former validator, against a few lines that compute it from files as it did."""

import base64
import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.secure_hash import OPTIONAL_FILES, check_secure_hash, content_hash, secure_hash

_HOTKEY = "5F3sa2TJAWMqDhXG6jhV4N8ko9SxwGy8TpaNS1repo5EYjQX"
_REQUIRED = {"config.json": b"{}", "model.safetensors": b"weights"}


def walked(folder: Path) -> str:
    """The content hash of a folder, by walking it."""
    digests = []
    for where, folders, names in os.walk(folder):
        folders.sort()
        digests += [
            base64.b64encode(hashlib.sha256((Path(where) / name).read_bytes()).digest())
            for name in sorted(names)
        ]
    return base64.b64encode(hashlib.sha256(b"".join(digests)).digest()).decode()


def committed(folder: Path) -> str:
    return base64.b64encode(hashlib.sha256((walked(folder) + _HOTKEY).encode()).digest()).decode()


def written(folder: Path, files: dict[str, bytes]) -> Path:
    folder.mkdir()
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def digests(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}


def test_hashes_are_those_of_a_walk_over_the_files(tmp_path: Path) -> None:
    files = {**_REQUIRED, "tokenizer.json": b"[]", "added_tokens.json": b"", "Zebra": b"z"}
    folder = written(tmp_path / "model", files)

    assert content_hash(digests(files)) == walked(folder)
    assert secure_hash(walked(folder), _HOTKEY) == committed(folder)


def test_a_known_vector() -> None:
    """Of the bytes `{}` and `weights`, computed with sha256sum and base64."""
    assert content_hash(digests(_REQUIRED)) == "TzSqCdDQdZvr9jiS5HQH94MtbNyVfC0m5T4qntSIgx8="
    assert (
        secure_hash("TzSqCdDQdZvr9jiS5HQH94MtbNyVfC0m5T4qntSIgx8=", _HOTKEY)
        == "JC0ad+OarB0zqyq62c7Uv9vB08IwP71sirYXvbBFkzU="
    )


_OPTIONAL = {name: name.encode() for name in OPTIONAL_FILES}


@given(st.sets(st.sampled_from(OPTIONAL_FILES)))
def test_whichever_optional_files_the_loaders_fetched_are_found(fetched: set[str]) -> None:
    hashed = {**_REQUIRED, **{name: _OPTIONAL[name] for name in fetched}}
    hash_ = secure_hash(content_hash(digests(hashed)), _HOTKEY)

    found = check_secure_hash(hash_, _HOTKEY, digests(_REQUIRED), digests(_OPTIONAL))

    assert found == tuple(sorted(hashed))


def test_no_more_files_are_optional_than_can_be_tried() -> None:
    assert len(set(OPTIONAL_FILES)) == len(OPTIONAL_FILES) == 12


def test_another_hotkeys_commitment_is_a_mismatch_that_names_what_was_considered() -> None:
    theirs = secure_hash(content_hash(digests(_REQUIRED)), _HOTKEY.replace("5F", "5G"))
    with pytest.raises(Failure) as caught:
        check_secure_hash(theirs, _HOTKEY, digests(_REQUIRED), digests({"tokenizer.json": b""}))

    assert caught.value.reason is Reason.SECURE_HASH_MISMATCH
    assert theirs in caught.value.message
    ours = secure_hash(content_hash(digests({**_REQUIRED, "tokenizer.json": b""})), _HOTKEY)
    assert ours in caught.value.message
    assert "'config.json', 'model.safetensors', 'tokenizer.json'" in caught.value.message


def test_required_files_are_never_left_out() -> None:
    partial = secure_hash(content_hash(digests({"config.json": b"{}"})), _HOTKEY)

    with pytest.raises(Failure):
        check_secure_hash(partial, _HOTKEY, digests(_REQUIRED), {})
