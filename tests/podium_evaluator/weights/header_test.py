"""The header parser accepts what the reference writes and answers everything else with a failure."""

import contextlib
import io
import json
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.weights.header import HEADER_BYTES, Header, read_header
from tests.podium_evaluator.tiny import safetensors_bytes, with_header

_SHAPES = st.lists(st.integers(0, 4), max_size=3).map(tuple)
_TENSORS = st.dictionaries(
    st.text(min_size=1, max_size=12).filter(lambda name: name != "__metadata__" and name.isprintable()),
    st.tuples(st.sampled_from(["float32", "float16", "int64"]), _SHAPES).map(
        lambda pair: np.zeros(pair[1], pair[0])
    ),
    max_size=5,
)
_ENTRY = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}


def parse(data: bytes) -> Header:
    return read_header(io.BytesIO(data), len(data))


def reason_of(data: bytes) -> Reason:
    with pytest.raises(Failure) as caught:
        parse(data)
    return caught.value.reason


def one_tensor(**changes: Any) -> bytes:
    return with_header(json.dumps({"w": {**_ENTRY, **changes}}).encode(), bytes(8))


@given(_TENSORS)
def test_reads_what_the_reference_writes(tensors: dict[str, Any]) -> None:
    data = safetensors.numpy.save(tensors, metadata={"format": "pt"})

    header = parse(data)

    assert {one.name: one.shape for one in header.tensors} == {
        name: array.shape for name, array in tensors.items()
    }
    assert len(header.raw) + sum(one.end - one.begin for one in header.tensors) == len(data)


@given(st.data())
def test_a_damaged_file_is_a_failure_and_nothing_else(data: st.DataObject) -> None:
    original = bytearray(safetensors_bytes({"a": np.ones((2, 3), "f4"), "b": np.ones(2, "f2")}))
    for _ in range(data.draw(st.integers(1, 4))):
        position = data.draw(st.integers(0, len(original) - 1))
        original[position] = data.draw(st.integers(0, 255))
    damaged = bytes(original[: data.draw(st.integers(0, len(original)))])

    header: Header | None = None
    with contextlib.suppress(Failure):
        header = parse(damaged)

    if header is not None:
        ends = [len(header.raw) + one.end for one in header.tensors]
        assert max(ends, default=len(header.raw)) == len(damaged)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_failure_and_nothing_else(data: bytes) -> None:
    with pytest.raises(Failure):
        parse(data + b"\1")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
)


@given(st.dictionaries(st.text(max_size=5), _JSON, max_size=3), _JSON, _JSON, _JSON)
def test_arbitrary_json_is_a_failure_and_nothing_else(
    document: dict[str, Any], dtype: object, shape: object, offsets: object
) -> None:
    document["w"] = {"dtype": dtype, "shape": shape, "data_offsets": offsets}

    with pytest.raises(Failure):
        parse(with_header(json.dumps(document).encode(), bytes(8)))


def test_the_metadata_is_ignored() -> None:
    header = parse(safetensors_bytes({"w": np.ones(2, "f4")}, metadata={"_target_": "os.system"}))

    assert [one.name for one in header.tensors] == ["w"]


@pytest.mark.parametrize("length", [HEADER_BYTES + 1, 100_000_001, 2**63, 2**64 - 1])
def test_a_huge_header_is_not_read(length: int) -> None:
    assert reason_of(length.to_bytes(8, "little") + bytes(100)) is Reason.SAFETENSORS_MALFORMED


def test_many_tiny_tensors_do_not_fit_into_a_header() -> None:
    entries = {f"t{index}": {"dtype": "F32", "shape": [0], "data_offsets": [0, 0]} for index in range(20_000)}

    assert reason_of(with_header(json.dumps(entries).encode(), b"")) is Reason.SAFETENSORS_MALFORMED


@pytest.mark.parametrize(
    "header",
    [
        b'{"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"w":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
        b'{"w":{"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]}}',
    ],
)
def test_duplicate_keys_are_refused_since_two_readers_may_differ(header: bytes) -> None:
    assert reason_of(with_header(header, bytes(8))) is Reason.SAFETENSORS_MALFORMED


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [3]},
        {"shape": [-2]},
        {"shape": [2.0]},
        {"shape": [True, 2]},
        {"shape": [2**62, 2**62, 4]},
        {"shape": [1] * 9},
        {"shape": "2"},
        {"data_offsets": [0, 8, 8]},
        {"data_offsets": [8, 0]},
        {"data_offsets": [4, 12]},
        {"data_offsets": [0, 2**64]},
        {"dtype": "F4"},
        {"dtype": ["F32"]},
        {"extra": 1},
    ],
)
def test_an_entry_that_does_not_add_up_is_refused(changes: dict[str, Any]) -> None:
    assert reason_of(one_tensor(**changes)) is Reason.SAFETENSORS_MALFORMED


def test_holes_overlaps_and_trailing_bytes_are_refused() -> None:
    def two(first: list[int], second: list[int]) -> bytes:
        header = {"a": {**_ENTRY, "data_offsets": first}, "b": {**_ENTRY, "data_offsets": second}}
        return with_header(json.dumps(header).encode(), bytes(24))

    assert reason_of(two([0, 8], [16, 24])) is Reason.SAFETENSORS_MALFORMED
    assert reason_of(two([0, 8], [4, 12])) is Reason.SAFETENSORS_MALFORMED
    assert reason_of(two([0, 8], [8, 16])) is Reason.SAFETENSORS_MALFORMED


def test_missing_bytes_are_told_from_malformed_ones() -> None:
    whole = one_tensor()

    assert reason_of(whole[:-1]) is Reason.SAFETENSORS_TRUNCATED
    assert reason_of(whole[:20]) is Reason.SAFETENSORS_TRUNCATED
    assert reason_of(b"") is Reason.SAFETENSORS_TRUNCATED


@pytest.mark.parametrize("header", [b"[]", b" {}", b"{}garbage", b'{"w":NaN}', b"\xff", b'{"w":' * 90_000])
def test_a_header_that_is_no_strict_json_object_is_refused(header: bytes) -> None:
    assert reason_of(with_header(header, b"")) is Reason.SAFETENSORS_MALFORMED


def test_a_header_may_be_padded_with_spaces() -> None:
    padded = json.dumps({"w": _ENTRY}).encode() + b"   "

    assert len(parse(with_header(padded, bytes(8))).tensors) == 1
