"""A strict parser of safetensors headers.

The format: 8 bytes little-endian header length, that many bytes of JSON which map a tensor's name to
dtype, shape and offsets, then the tensors' bytes. The reference parser accepts duplicate keys and
headers of 100 MB; this one refuses whatever another reader might read differently.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import BinaryIO, Final

from podium_evaluator.canonical import strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, quoted, submission

__all__ = ["HEADER_BYTES", "Header", "TensorEntry", "read_header"]

HEADER_BYTES: Final = 1024 * 1024
"""Largest header: about 8,000 tensors at some 120 bytes each, four times what any model of our table
has in one file; parsing it takes a few milliseconds and megabytes."""

_LENGTH_BYTES: Final = 8
_METADATA: Final = "__metadata__"
_ENTRY_KEYS: Final = frozenset({"dtype", "shape", "data_offsets"})
_MAXIMUM_RANK: Final = 8
_OFFSET_PAIR: Final = 2
_DTYPE_BYTES: Final = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1,
    "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4,
    "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor: offsets are in bytes from the start of the data, `end` exclusive."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Header:
    """A checked header: its tensors cover the data without holes or overlaps, in this order."""

    raw: bytes
    tensors: tuple[TensorEntry, ...]


def read_header(file: BinaryIO, size: int) -> Header:
    """Parse the header of a file of `size` bytes and leave `file` at the first byte of data.

    Raises:
        Failure: `SAFETENSORS_MALFORMED`, or `SAFETENSORS_TRUNCATED` when bytes are missing.
    """
    prefix = _read(file, _LENGTH_BYTES, size)
    length = int.from_bytes(prefix, "little")
    if length > HEADER_BYTES:
        raise _malformed(f"the header claims {length} bytes, at most {HEADER_BYTES} are read")
    text = _read(file, length, size - _LENGTH_BYTES)
    if not text.startswith(b"{"):
        raise _malformed("the header does not start with a brace")
    try:
        document = strict_json(text)
    except ValueError as error:
        raise _malformed(f"the header is not strict JSON: {quoted(str(error), 200)}") from error
    if not isinstance(document, dict):
        raise _malformed("the header is not an object")
    entries = [_entry(name, value) for name, value in document.items() if name != _METADATA]
    entries.sort(key=lambda entry: (entry.begin, entry.end, entry.name))
    _check_cover(entries, size - _LENGTH_BYTES - length)
    return Header(prefix + text, tuple(entries))


def _read(file: BinaryIO, count: int, available: int) -> bytes:
    data = file.read(count) if count <= available else b""
    if len(data) != count:
        raise submission(
            Reason.SAFETENSORS_TRUNCATED, f"{count} bytes of header expected, {max(available, 0)} left"
        )
    return data


def _entry(name: str, value: object) -> TensorEntry:
    if not isinstance(value, dict) or value.keys() != _ENTRY_KEYS:
        raise _malformed(f"tensor {quoted(name)} must have exactly dtype, shape and data_offsets")
    dtype, shape = value["dtype"], _naturals(name, value["shape"])
    offsets = _naturals(name, value["data_offsets"])
    if not isinstance(dtype, str) or dtype not in _DTYPE_BYTES:
        raise _malformed(f"tensor {quoted(name)} has an unknown dtype {quoted(dtype)}")
    if len(shape) > _MAXIMUM_RANK or len(offsets) != _OFFSET_PAIR:
        raise _malformed(f"tensor {quoted(name)} has a shape or offsets of the wrong length")
    begin, end = offsets
    if math.prod(shape) * _DTYPE_BYTES[dtype] != end - begin:
        raise _malformed(f"tensor {quoted(name)}: its shape needs another number of bytes than it has")
    return TensorEntry(name, dtype, shape, begin, end)


def _naturals(name: str, value: object) -> tuple[int, ...]:
    if not isinstance(value, list):
        raise _malformed(f"tensor {quoted(name)}: a list of integers expected")
    numbers: list[int] = []
    for item in value:
        # A bool is an int to Python; 2**53 is where JSON readers stop to agree on integers.
        if type(item) is not int or not 0 <= item <= 2**53:
            raise _malformed(f"tensor {quoted(name)}: a natural number expected, found {quoted(item)}")
        numbers.append(item)
    return tuple(numbers)


def _check_cover(entries: list[TensorEntry], data_bytes: int) -> None:
    position = 0
    for entry in entries:
        if entry.begin != position:
            raise _malformed(f"tensor {quoted(entry.name)} leaves a hole or overlaps its neighbour")
        position = entry.end
    if position > data_bytes:
        raise submission(
            Reason.SAFETENSORS_TRUNCATED,
            f"the header promises {position} bytes of data, {data_bytes} are there",
        )
    if position < data_bytes:
        raise _malformed(f"{data_bytes - position} bytes follow the last tensor")


def _malformed(message: str) -> Failure:
    return submission(Reason.SAFETENSORS_MALFORMED, message)
