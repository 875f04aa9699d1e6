"""Which files hold weights is decided by names; an index cannot name others; headers are read alone."""

import json
from pathlib import Path

import numpy as np
import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.source import Listed, SubmissionFiles
from podium_evaluator.hub.volume import VolumeFolder
from podium_evaluator.hub.weight_files import INDEX, read_entries, shards, weight_names
from tests.podium_evaluator.tiny import safetensors_bytes, with_header


def index(*names: object) -> bytes:
    return json.dumps({"weight_map": {f"t{number}": name for number, name in enumerate(names)}}).encode()


def listing(*names: str) -> dict[str, Listed]:
    return {name: Listed(1) for name in names}


def test_one_file_wins_over_an_index_and_other_copies() -> None:
    files = listing("model.safetensors", INDEX, "consolidated.safetensors", "pytorch_model.bin")

    assert weight_names(files) == ("model.safetensors",)


def test_an_index_is_read_for_the_names_of_shards() -> None:
    assert weight_names(listing(INDEX, "a.safetensors")) is None
    assert shards(index("b.safetensors", "a.safetensors", "b.safetensors")) == (
        "a.safetensors",
        "b.safetensors",
    )


@pytest.mark.parametrize("names", [(), ("pytorch_model.bin",), ("model.pt", "consolidated.safetensors")])
def test_without_safetensors_nothing_is_opened(names: tuple[str, ...]) -> None:
    with pytest.raises(Failure) as caught:
        weight_names(listing(*names))

    assert caught.value.reason is Reason.NO_SAFETENSORS
    assert ("pickle" in caught.value.message) is any(name.endswith((".bin", ".pt")) for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "../model.safetensors",
        "/etc/model.safetensors",
        "sub/model.safetensors",
        "..\\model.safetensors",
        ".safetensors",
        "-model.safetensors",
        "model.safetensors\n",
        "model.bin",
        "config.json",
        "model\0.safetensors",
        f"{'m' * 200}.safetensors",
        "modèle.safetensors",
        7,
        ["model.safetensors"],
    ],
)
def test_an_index_cannot_name_what_might_leave_the_folder(name: object) -> None:
    with pytest.raises(Failure) as caught:
        shards(index(name))

    assert caught.value.reason is Reason.FILE_NOT_ALLOWED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"weight_map":{}}',
        b'{"weight_map":["a.safetensors"]}',
        b'{"weight_map":{"a":"a.safetensors","a":"b.safetensors"}}',
        index(*(f"{number}.safetensors" for number in range(513))),
    ],
)
def test_a_malformed_index_is_refused(data: bytes) -> None:
    with pytest.raises(Failure) as caught:
        shards(data)

    assert caught.value.reason is Reason.SAFETENSORS_MALFORMED


class Counting(VolumeFolder):
    """A folder that counts the bytes that are asked for."""

    asked = 0

    def part(self, name: str, part: range) -> bytes:
        self.asked += len(part)
        return super().part(name, part)


def entries(folder: Path, data: bytes) -> tuple[list[str], int]:
    (folder / "model.safetensors").write_bytes(data)
    source = Counting(folder, "")
    found = read_entries(SubmissionFiles(source, source.files()), "model.safetensors")
    return [entry.name for entry in found], source.asked


def test_only_the_start_of_a_weight_file_is_read_for_its_tensors(tmp_path: Path) -> None:
    tensors = {"a": np.zeros(10**6, "f4"), "b": np.zeros(3, "f4")}

    assert entries(tmp_path, safetensors_bytes(tensors)) == (["a", "b"], 128 * 1024)


def test_a_long_header_is_read_to_its_end(tmp_path: Path) -> None:
    data = safetensors_bytes({f"tensor.{number:05}": np.zeros(1, "f4") for number in range(3000)})
    header = 8 + int.from_bytes(data[:8], "little")

    names, asked = entries(tmp_path, data)

    assert len(names) == 3000
    assert asked == header


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", Reason.SAFETENSORS_TRUNCATED),
        (b"\0\0\0", Reason.SAFETENSORS_TRUNCATED),
        ((2**62).to_bytes(8, "little") + b"{}", Reason.SAFETENSORS_MALFORMED),
        ((10**6).to_bytes(8, "little") + b"{}", Reason.SAFETENSORS_TRUNCATED),
        (
            with_header(b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}', b"1234"),
            Reason.SAFETENSORS_TRUNCATED,
        ),
    ],
)
def test_a_start_that_is_none_is_refused(tmp_path: Path, data: bytes, reason: Reason) -> None:
    with pytest.raises(Failure) as caught:
        entries(tmp_path, data)

    assert caught.value.reason is reason
