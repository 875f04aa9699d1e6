"""Pieces that several kinds store."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypedDict

from pydantic import BaseModel

from podium.api.base import HotkeyShare, Metadata
from podium.api.conditions import Condition as StoredCondition
from podium.core.conditions import Condition
from podium.core.shares import Share, format_units, parse_units

__all__ = [
    "conditions_from",
    "conditions_to",
    "created",
    "digest_of",
    "identity",
    "instant",
    "rounded",
    "shares_from",
    "shares_to",
]

_STATUS = {"True": True, "False": False, "Unknown": None}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def created(metadata: Metadata) -> datetime:
    """When the object was created; the epoch for one that was never stored."""
    return instant(metadata.creation_timestamp) or _EPOCH


class Identity(TypedDict):
    """What tells an object from all others, of other times too."""

    name: str
    uid: str
    namespace: str
    created: datetime


def identity(metadata: Metadata) -> Identity:
    """The part of an object's metadata that decisions look at whatever its kind."""
    return Identity(
        name=metadata.name, uid=metadata.uid, namespace=metadata.namespace, created=created(metadata)
    )


def instant(moment: datetime | None) -> datetime | None:
    """A stored timestamp in UTC."""
    return moment.astimezone(UTC) if moment is not None else None


def conditions_to(stored: Sequence[StoredCondition]) -> tuple[Condition, ...]:
    """Conditions as decisions see them, in order of type."""
    return tuple(
        Condition(
            one.type,
            _STATUS[one.status],
            one.reason,
            one.message,
            one.last_transition_time.astimezone(UTC),
            one.observed_generation,
        )
        for one in sorted(stored, key=lambda one: one.type)
    )


def conditions_from(conditions: Iterable[Condition]) -> tuple[StoredCondition, ...]:
    """Conditions as they are stored."""
    names = {status: name for name, status in _STATUS.items()}
    return tuple(
        StoredCondition(
            type=one.type,
            status=names[one.status],
            reason=one.reason,
            message=one.message,
            last_transition_time=one.since,
            observed_generation=one.generation,
        )
        for one in conditions
    )


def shares_to(stored: Iterable[HotkeyShare]) -> tuple[Share, ...]:
    """Shares as decisions see them, in order of hotkey."""
    return tuple(sorted(Share(one.hotkey, parse_units(one.share)) for one in stored))


def shares_from(shares: Iterable[Share], *, largest_first: bool = True) -> tuple[HotkeyShare, ...]:
    """Shares as they are stored, the largest first for those who read them."""
    ordered = sorted(shares, key=lambda one: (-one.units, one.hotkey)) if largest_first else list(shares)
    return tuple(HotkeyShare(hotkey=one.hotkey, share=format_units(one.units)) for one in ordered)


def rounded(score: str | None) -> str | None:
    """A score as people read it in a table."""
    return f"{float(score):.4g}" if score else None


def digest_of(*values: BaseModel | Sequence[BaseModel] | None) -> str:
    """Digest of what the models store, equal for equal content.

    Fields at their default do not count: one that a later version adds must not change the digest of an
    object that does not use it, or all models would be fetched again.
    """
    parts = [
        _set_fields(value) if isinstance(value, BaseModel) else [_set_fields(one) for one in value or ()]
        for value in values
    ]
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


# Any: JSON.
def _set_fields(value: BaseModel) -> dict[str, Any]:
    return value.model_dump(mode="json", by_alias=True, exclude_defaults=True)
