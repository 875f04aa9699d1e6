"""Sketches: what models share shows, and nothing else does."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from podium_evaluator.weights.scan import scan_file
from podium_evaluator.weights.sketch import BLOCK_BYTES, SLOTS, block_hash, sketch_of
from tests.podium_evaluator.tiny import safetensors_bytes


def _slots(sketch: str) -> list[bytes]:
    values = base64.b64decode(sketch)
    return [values[at : at + 2] for at in range(0, len(values), 2)]


def _alike(one: str, other: str) -> int:
    return sum(mine == theirs for mine, theirs in zip(_slots(one), _slots(other), strict=True))


def _model(seed: int, tensors: int = 400) -> list[int]:
    return [
        block_hash(f"layer.{number}", 0, memoryview(f"{seed}-{number}".encode())) for number in range(tensors)
    ]


def test_a_sketch_is_64_values_whatever_the_model() -> None:
    assert [len(_slots(sketch_of(blocks))) for blocks in ([], [1], _model(1))] == 3 * [SLOTS]


def test_equal_models_agree_in_every_slot_and_the_order_of_blocks_does_not_matter() -> None:
    blocks = _model(1)
    assert sketch_of(blocks) == sketch_of(reversed(blocks))


def test_models_that_share_nothing_agree_nowhere() -> None:
    assert _alike(sketch_of(_model(1)), sketch_of(_model(2))) == 0


@pytest.mark.parametrize("shared", [100, 200, 300])
def test_what_is_shared_is_about_what_agrees(shared: int) -> None:
    one, other = _model(1), _model(2)
    both = one[:shared] + other[shared:]
    expected = SLOTS * shared / (2 * 400 - shared)
    assert abs(_alike(sketch_of(one), sketch_of(both)) - expected) < 12


def test_of_a_long_chunk_only_the_middle_counts() -> None:
    chunk = bytearray(4 * BLOCK_BYTES)
    before = block_hash("a", 0, memoryview(chunk))
    chunk[0] = chunk[-1] = 1
    assert block_hash("a", 0, memoryview(chunk)) == before
    chunk[2 * BLOCK_BYTES] = 1
    assert block_hash("a", 0, memoryview(chunk)) != before


def test_the_tensor_and_the_place_belong_to_a_block() -> None:
    chunk = memoryview(bytes(64))
    assert len({block_hash("a", 0, chunk), block_hash("b", 0, chunk), block_hash("a", 8, chunk)}) == 3


def test_a_scan_samples_every_tensor(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_bytes({name: np.zeros((4, 4), np.float32) for name in ("a", "b")}))
    scanned = scan_file(path, ["a", "b"], {})
    assert [len(one.blocks) for one in scanned.tensors] == [1, 1]
