"""Where a submission's files come from: what a hub and a volume have in common."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final, Protocol

from podium_evaluator.canonical import strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, quoted, submission

__all__ = [
    "CONFIG",
    "INDEX",
    "INDEX_BYTES",
    "TOKENIZER",
    "Listed",
    "Source",
    "shards",
    "take",
    "weight_names",
]

CONFIG: Final = "config.json"
TOKENIZER: Final = "tokenizer.json"
INDEX: Final = "model.safetensors.index.json"
INDEX_BYTES: Final = 8 * 1024 * 1024
"""A model of 60,000 tensors has an index of about 5 MB."""

_WEIGHTS: Final = "model.safetensors"
_SHARD: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}\.safetensors")
_MAXIMUM_SHARDS: Final = 512
_PICKLES: Final = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


@dataclass(frozen=True, slots=True)
class Listed:
    """A file as its holder announces it; links and devices are not `regular`."""

    size: int
    regular: bool = True


class Source(Protocol):
    """A folder of files, flat: sub-folders are not looked at."""

    def files(self) -> Mapping[str, Listed]:
        """The root folder's entries by name."""
        ...

    def copy(self, name: str, target: BinaryIO, limit: int) -> None:
        """Write one file's bytes, stopping with `TOO_LARGE` as soon as they exceed `limit`."""
        ...


def take(files: Mapping[str, Listed], name: str) -> Listed:
    """The listing of a file that must exist and be regular.

    Raises:
        Failure: `CONFIG_MALFORMED` or `TOKENIZER_MALFORMED` when absent, `FILE_NOT_ALLOWED` for a link.
    """
    if name not in files:
        reason = Reason.TOKENIZER_MALFORMED if name == TOKENIZER else Reason.CONFIG_MALFORMED
        reason = Reason.NO_SAFETENSORS if name.endswith(".safetensors") else reason
        raise submission(reason, f"the submission has no file {quoted(name, 160)}")
    if not files[name].regular:
        raise submission(
            Reason.FILE_NOT_ALLOWED, f"{quoted(name, 160)} is a link or device, not a regular file"
        )
    return files[name]


def weight_names(files: Mapping[str, Listed]) -> tuple[str, ...] | None:
    """Names of the weight files, or None when the index must be read to know them.

    Raises:
        Failure: `NO_SAFETENSORS`.
    """
    if _WEIGHTS in files:
        return (_WEIGHTS,)
    if INDEX in files:
        return None
    pickles = [name for name in files if name.endswith(_PICKLES)]
    hint = ": only pickles, which are never opened" if pickles else ""
    raise submission(Reason.NO_SAFETENSORS, f"neither {_WEIGHTS} nor {INDEX} is there{hint}")


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


def _malformed(message: str) -> Failure:
    return submission(Reason.SAFETENSORS_MALFORMED, f"{INDEX}: {message}")
