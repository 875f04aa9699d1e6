"""Weights reach parameters bit for bit, whatever the chunks, and only if their digests are right."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from podium_evaluator.contract import Reason
from podium_evaluator.engine import loading
from podium_evaluator.engine.loading import fill_parameters
from podium_evaluator.errors import Failure
from podium_evaluator.store import ManifestFile
from tests.podium_evaluator.tiny import Tensors, bfloat16, safetensors_bytes

_SHAPES = {"a": (70, 30), "b": (5,), "c": (33, 7, 3), "old_buffer": (40,)}


def tensors(seed: int = 0) -> Tensors:
    source = np.random.default_rng(seed)
    return {name: source.standard_normal(shape, dtype=np.float32) for name, shape in _SHAPES.items()}


def parameters(dtype: torch.dtype = torch.float32) -> dict[str, torch.nn.Parameter]:
    return {
        name: torch.nn.Parameter(torch.zeros(shape, dtype=dtype), requires_grad=False)
        for name, shape in _SHAPES.items()
        if name != "old_buffer"
    }


def store(folder: Path, name: str, found: Tensors) -> ManifestFile:
    data = safetensors_bytes(found)
    (folder / name).write_bytes(data)
    return ManifestFile(name, len(data), hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize("chunk", [4, 64, 1000, 8 * 1024 * 1024])
def test_every_number_arrives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int) -> None:
    monkeypatch.setattr(loading, "_CHUNK_BYTES", chunk)
    expected = tensors()
    halves = [dict(list(expected.items())[:2]), dict(list(expected.items())[2:])]
    files = [store(tmp_path, f"{index}.safetensors", half) for index, half in enumerate(halves)]
    filled = parameters()
    missing = dict(filled)

    fill_parameters(tmp_path, files, missing)

    assert missing == {}
    assert all(torch.equal(filled[name], torch.from_numpy(expected[name])) for name in filled)


@pytest.mark.parametrize(
    ("stored", "dtype"),
    [
        (lambda found: found, torch.bfloat16),
        (lambda found: found.astype(np.float16), torch.float32),
        (bfloat16, torch.float32),
        (bfloat16, torch.bfloat16),
    ],
)
def test_numbers_are_cast_to_the_model_s_type(
    tmp_path: Path, stored: Callable[[np.ndarray], np.ndarray], dtype: torch.dtype
) -> None:
    written = {name: stored(tensor) for name, tensor in tensors().items()}
    filled = parameters(dtype)

    fill_parameters(tmp_path, [store(tmp_path, "x.safetensors", written)], dict(filled))

    for name, parameter in filled.items():
        raw = torch.from_numpy(written[name])
        expected = raw.view(torch.bfloat16) if raw.dtype is torch.uint16 else raw
        assert torch.equal(parameter, expected.to(dtype))


@pytest.mark.parametrize("byte", [0, 9, 60, 500, -1])
def test_a_changed_byte_is_found(tmp_path: Path, byte: int) -> None:
    file = store(tmp_path, "x.safetensors", tensors())
    data = bytearray((tmp_path / file.name).read_bytes())
    data[byte] ^= 1
    (tmp_path / file.name).write_bytes(data)

    with pytest.raises(Failure) as caught:
        fill_parameters(tmp_path, [file], parameters())

    assert caught.value.reason is Reason.STORED_BYTES_CHANGED


def test_a_file_that_is_shorter_or_gone_is_found(tmp_path: Path) -> None:
    file = store(tmp_path, "x.safetensors", tensors())
    (tmp_path / file.name).write_bytes((tmp_path / file.name).read_bytes()[:-1])
    for files in ([file], [ManifestFile("gone.safetensors", 9, "0" * 64)]):
        with pytest.raises(Failure, match="can no longer be read") as caught:
            fill_parameters(tmp_path, files, parameters())
        assert caught.value.reason is Reason.STORED_BYTES_CHANGED
