"""One pass gives digests, norms and the proof that all weights are finite."""

import hashlib
import math
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.models.projection import EVERY_ROW, Rows
from podium_evaluator.weights.scan import scan_file, tensors_digest
from tests.podium_evaluator.tiny import Tensors, bfloat16, safetensors_bytes, with_header


def write(folder: Path, tensors: Tensors, name: str = "model.safetensors") -> Path:
    path = folder / name
    path.write_bytes(safetensors_bytes(tensors))
    return path


def test_digests_are_those_of_the_file_and_of_each_tensor(tmp_path: Path) -> None:
    tensor = np.arange(6, dtype="f4").reshape(2, 3)
    path = write(tmp_path, {"w": tensor})

    scanned = scan_file(path, {"w"}, {})

    assert scanned.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert scanned.bytes == path.stat().st_size
    assert scanned.tensors[0].sha256 == hashlib.sha256(tensor.tobytes()).hexdigest()
    assert scanned.tensors[0].norms == ()


@pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])
def test_the_norm_is_the_euclidean_one_of_the_stored_values(tmp_path: Path, kind: str) -> None:
    values = np.array([3.0, -4.0, 12.0], "f4")
    stored = {"F32": values, "F16": values.astype("f2"), "BF16": bfloat16(values)}[kind]

    scanned = scan_file(write(tmp_path, {"w": stored}), {"w"}, {"w": (EVERY_ROW,)})

    assert scanned.tensors[0].norms == (pytest.approx(13.0),)


def test_a_norm_beyond_single_precision_is_still_a_number(tmp_path: Path) -> None:
    scanned = scan_file(write(tmp_path, {"w": np.full(4, 3e38, "f4")}), {"w"}, {"w": (EVERY_ROW,)})

    assert scanned.tensors[0].norms == (pytest.approx(6e38),)


def test_rows_of_a_fused_matrix_have_norms_of_their_own_across_chunks(tmp_path: Path) -> None:
    values = np.random.default_rng(0).standard_normal((4 * 3, 400_000), dtype=np.float32)
    path = write(tmp_path, {"a": np.ones(3, "f4"), "w": bfloat16(values), "z": np.ones(3, "f4")})
    stored = (bfloat16(values).astype("u4") << 16).view("f4").astype("f8").reshape(4, 3, -1)

    scanned = scan_file(path, {"a", "w", "z"}, {"w": (Rows(3, 0, 2), Rows(3, 2, 3), EVERY_ROW)})

    expected = [np.linalg.norm(part) for part in (stored[:, :2], stored[:, 2], stored)]
    assert scanned.tensors[1].norms == pytest.approx(expected, rel=1e-6)
    assert scanned.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert scanned.tensors[1].sha256 == hashlib.sha256(bfloat16(values).tobytes()).hexdigest()


@pytest.mark.parametrize("shape", [[1, 75_000_000], [75_000_000, 1]])
def test_memory_does_not_follow_a_tensors_shape(tmp_path: Path, shape: list[int]) -> None:
    header = f'{{"w":{{"dtype":"BF16","shape":{shape},"data_offsets":[0,150000000]}}}}'.encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(with_header(header, b""))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + 150_000_000)

    tracemalloc.start()
    try:
        scanned = scan_file(path, {"w"}, {"w": (EVERY_ROW,)})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert scanned.tensors[0].norms == (0.0,)
    assert peak < 40 * 2**20


def test_bytes_that_end_before_the_header_says_so_are_missing(tmp_path: Path) -> None:
    path = write(tmp_path, {"w": np.ones(100, "f4")})
    path.write_bytes(path.read_bytes()[:-1])

    with pytest.raises(Failure) as caught:
        scan_file(path, {"w"}, {})

    assert caught.value.reason is Reason.SAFETENSORS_TRUNCATED


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("kind", ["F32", "F16", "BF16"])
def test_a_weight_that_is_not_finite_is_refused_wherever_it_is(
    tmp_path: Path, kind: str, value: float
) -> None:
    values = np.ones(3_000_000, "f4")
    values[2_999_999] = value
    stored = {"F32": values, "F16": values.astype("f2"), "BF16": bfloat16(values)}[kind]
    path = write(tmp_path, {"w": stored})

    with pytest.raises(Failure) as caught:
        scan_file(path, {"w"}, {})

    assert caught.value.reason is Reason.NON_FINITE_WEIGHTS
    assert scan_file(path, (), {}).tensors, "a buffer that is ignored may hold anything"


def test_the_tensors_digest_does_not_depend_on_sharding_or_order(tmp_path: Path) -> None:
    a, b = np.ones(2, "f4"), np.zeros((2, 2), "f4")
    whole = scan_file(write(tmp_path, {"a": a, "b": b}, "1"), (), {}).tensors
    turned = scan_file(write(tmp_path, {"b": b, "a": a}, "2"), (), {}).tensors
    parts = [scan_file(write(tmp_path, {name: one}, name), (), {}) for name, one in (("b", b), ("a", a))]

    assert tensors_digest(whole) == tensors_digest(turned)
    assert tensors_digest(whole) == tensors_digest([one for part in parts for one in part.tensors])


def test_the_tensors_digest_depends_on_names_shapes_and_values(tmp_path: Path) -> None:
    variants: list[Tensors] = [
        {"a": np.ones(4, "f4")},
        {"b": np.ones(4, "f4")},
        {"a": np.ones((2, 2), "f4")},
        {"a": np.zeros(4, "f4")},
        {"a": np.ones(4, "f4").view("i4")},
    ]

    digests = {tensors_digest(scan_file(write(tmp_path, one), (), {}).tensors) for one in variants}

    assert len(digests) == len(variants)
