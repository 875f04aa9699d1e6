"""One spelling of a JSON value, strict reading of a stranger's JSON, and digests."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Final, NoReturn

__all__ = ["canonical_json", "digest_of", "folder_name", "strict_json"]

_SHA256: Final = "sha256"


def canonical_json(value: object) -> bytes:
    """ASCII JSON with sorted keys and no spaces: equal values are equal bytes."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def digest_of(data: bytes) -> str:
    """``sha256:<hex>`` of `data`."""
    return f"{_SHA256}:{hashlib.sha256(data).hexdigest()}"


def folder_name(digest: str) -> str:
    """The folder that holds what `digest` names: a colon is awkward in paths."""
    return digest.replace(":", "-")


def strict_json(data: bytes) -> object:
    """The value of a JSON text whose author may be hostile.

    Duplicate keys are refused since two parsers may disagree about which one counts.

    Raises:
        ValueError: Not UTF-8, not JSON, a duplicate key, NaN or an infinity, or nested too deeply.
    """
    try:
        value: object = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_refuse, parse_float=_finite
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return value


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice in one object")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if value in {float("inf"), float("-inf")}:
        raise ValueError("a number is too large")
    return value
