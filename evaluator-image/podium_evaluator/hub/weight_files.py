"""Which files of a submission hold its weights: decided by their names and the index."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Final

from podium_evaluator.canonical import strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, quoted, submission
from podium_evaluator.hub.source import Listed, SubmissionFiles, take
from podium_evaluator.weights.header import HEADER_BYTES, TensorEntry, read_header

__all__ = ["INDEX", "INDEX_BYTES", "WEIGHTS", "read_entries", "shards", "weight_names"]

WEIGHTS: Final = "model.safetensors"
INDEX: Final = "model.safetensors.index.json"
INDEX_BYTES: Final = 8 * 1024 * 1024
"""A model of 60,000 tensors has an index of about 5 MB."""

_SHARD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.safetensors")
_MAXIMUM_SHARDS: Final = 512
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_LENGTH_BYTES: Final = 8
_USUAL_HEADER: Final = 128 * 1024
"""Some 1,000 tensors; a longer header costs a second request."""


def weight_names(files: Mapping[str, Listed]) -> tuple[str, ...] | None:
    """Names of the weight files, or None when the index must be read to know them.

    Raises:
        Failure: `NO_SAFETENSORS`.
    """
    if WEIGHTS in files:
        return (WEIGHTS,)
    if INDEX in files:
        return None
    pickles = [name for name in files if name.endswith(_PICKLES)]
    hint = ", only pickles, which are never opened" if pickles else ""
    raise submission(
        Reason.NO_SAFETENSORS,
        f"neither {WEIGHTS} nor {INDEX} is there{hint}: save_pretrained of the model writes them",
    )


def shards(index: bytes) -> tuple[str, ...]:
    """The files that an index names, in order.

    Raises:
        Failure: `SAFETENSORS_MALFORMED`, or `FILE_NOT_ALLOWED` for a name that could leave the folder.
    """
    try:
        document = strict_json(index)
    except ValueError as error:
        raise _malformed(f"not strict JSON: {quoted(str(error), 200)}") from error
    match document:
        case {"weight_map": dict() as weight_map} if weight_map:
            names = set(map(str, weight_map.values()))
        case _:
            raise _malformed("a weight_map expected")
    if len(names) > _MAXIMUM_SHARDS:
        raise _malformed(f"{len(names)} files, at most {_MAXIMUM_SHARDS} are read")
    for name in names:
        if not _SHARD.fullmatch(name):
            raise submission(Reason.FILE_NOT_ALLOWED, f"{INDEX} names {quoted(name, 160)}")
    return tuple(sorted(names))


def read_entries(files: SubmissionFiles, name: str) -> tuple[TensorEntry, ...]:
    """The tensors that a weight file announces in its first bytes; the rest is not read.

    Raises:
        Failure: `NO_SAFETENSORS`, `SAFETENSORS_MALFORMED` or `SAFETENSORS_TRUNCATED`.
    """
    size = take(files.listed, name).size
    start = files.source.part(name, range(min(size, _USUAL_HEADER)))
    length = _LENGTH_BYTES + int.from_bytes(start[:_LENGTH_BYTES], "little")
    if len(start) < length <= min(size, _LENGTH_BYTES + HEADER_BYTES):
        start += files.source.part(name, range(len(start), length))
    return read_header(io.BytesIO(start), size).tensors


def _malformed(message: str) -> Failure:
    return submission(Reason.SAFETENSORS_MALFORMED, f"{INDEX}: {message}")
