"""Weight files are checked while others are copied, and what is checked is what was announced."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pytest

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.source import Arrived, Listed, SubmissionFiles, nobody
from podium_evaluator.hub.weight_copy import copy_weights
from podium_evaluator.hub.weight_files import read_entries
from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.weights.scan import ScannedFile
from tests.podium_evaluator.tiny import LLAMA, bfloat16, random_tensors, safetensors_bytes

_CONFIG = reduce_config(json.dumps(LLAMA).encode(), ARCHITECTURES)
_TENSORS = list(random_tensors(LLAMA).items())
_FILES = {
    "a.safetensors": safetensors_bytes(dict(_TENSORS[:9])),
    "b.safetensors": safetensors_bytes(dict(_TENSORS[9:])),
}


class Memory:
    """Files of which the copies may differ from what was announced."""

    def __init__(self, copies: Mapping[str, bytes], sha256: str | None) -> None:
        self.copies, self.sha256 = {**_FILES, **copies}, sha256
        self.copied: list[str] = []

    def files(self) -> Mapping[str, Listed]:
        return {name: Listed(len(data), sha256=self.sha256) for name, data in _FILES.items()}

    def copy(self, name: str, target: BinaryIO, limit: int, arrived: Arrived = nobody) -> None:
        self.copied.append(name)
        target.write(self.copies[name])
        arrived(min(limit, len(self.copies[name])))

    def part(self, name: str, part: range) -> bytes:
        return _FILES[name][part.start : part.stop]


def run(workspace: Path, memory: Memory, *, normed: bool = True) -> dict[str, ScannedFile]:
    files = SubmissionFiles(memory, memory.files())
    entries = {name: read_entries(files, name) for name in _FILES}
    return copy_weights(files, entries, workspace, 10**9, _CONFIG, normed=normed)


def test_every_file_is_copied_and_checked(tmp_path: Path) -> None:
    scanned = run(tmp_path, Memory({}, None))

    assert {name: file.bytes for name, file in scanned.items()} == {
        name: len(data) for name, data in _FILES.items()
    }
    assert all((tmp_path / name).read_bytes() == data for name, data in _FILES.items())


@pytest.mark.parametrize("normed", [True, False])
def test_norms_are_computed_where_they_are_wanted(tmp_path: Path, *, normed: bool) -> None:
    scanned = run(tmp_path, Memory({}, None), normed=normed)

    assert any(one.norms for file in scanned.values() for one in file.tensors) == normed


@pytest.mark.parametrize(
    ("sha256", "fault", "reason"),
    [
        (None, Fault.SUBMISSION, Reason.SAFETENSORS_MALFORMED),
        ("0" * 64, Fault.INFRASTRUCTURE, Reason.HUB_UNAVAILABLE),
    ],
)
def test_other_tensors_than_announced_are_the_fault_of_a_volume_or_of_a_hub(
    tmp_path: Path, sha256: str | None, fault: Fault, reason: Reason
) -> None:
    name, tensor = _TENSORS[9]
    other = safetensors_bytes({**dict(_TENSORS[9:]), name: tensor.astype("int32")})

    with pytest.raises(Failure) as caught:
        run(tmp_path, Memory({"b.safetensors": other}, sha256))

    assert (caught.value.fault, caught.value.reason) == (fault, reason)


def test_a_refused_file_is_the_verdict_although_others_are_right(tmp_path: Path) -> None:
    name, tensor = _TENSORS[0]
    infinite = bfloat16(np.full(tensor.shape, np.inf, "f4"))
    memory = Memory({"a.safetensors": safetensors_bytes({**dict(_TENSORS[:9]), name: infinite})}, None)

    with pytest.raises(Failure) as caught:
        run(tmp_path, memory)

    assert caught.value.reason is Reason.NON_FINITE_WEIGHTS
