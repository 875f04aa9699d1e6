"""The environment of a round: only scores that were computed alike are compared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from podium.core.kinds import Environment
from podium.core.names import digest

__all__ = ["MOST_ENVIRONMENTS", "agreed_environment", "different_keys", "environment_of", "known_with"]

MOST_ENVIRONMENTS: Final = 4
"""Of one round. A cluster that shows more of them cannot give comparable scores anyway."""

_CHARACTERS: Final = 128
"""Of a value, so that a few environments fit into a Round beside its results."""

_KEPT: Final = 96
"""Of a longer value; its digest stands for the rest."""


def environment_of(values: Sequence[tuple[str, str]]) -> Environment:
    """An environment under the name that its values give it."""
    ordered = tuple(sorted((key, _shortened(value)) for key, value in values))
    return Environment(digest(*(part for pair in ordered for part in pair))[:16], ordered)


def _shortened(value: str) -> str:
    return value if len(value) <= _CHARACTERS else f"{value[:_KEPT]} {digest(value)[:24]}"


def known_with(known: Sequence[Environment], seen: Environment) -> tuple[Environment, ...] | None:
    """The environments of a round with one more, or None where a round has room for no other."""
    if seen in known:
        return tuple(known)
    return (*known, seen) if len(known) < MOST_ENVIRONMENTS else None


def agreed_environment(
    known: Sequence[Environment], names: Sequence[str], evaluated: int, *, complete: bool
) -> Environment | None:
    """The environment whose scores count: that of most contenders, whoever's result came first.

    Args:
        known: All that were seen.
        names: Of each score's environment.
        evaluated: Contenders that may have a score at all.
        complete: Whether no other score is awaited. Before that only more than half of the contenders
            decide, which nothing that is still to come can change.

    Returns:
        None while it is open. Among equally many the one with the first text decides.
    """
    counts = Counter(names)
    candidates = sorted((-counts[one.name], one.values, one) for one in known if counts[one.name])
    if not candidates:
        return None
    most = candidates[0][2]
    return most if complete or 2 * counts[most.name] > evaluated else None


def different_keys(found: Environment, expected: Sequence[tuple[str, str]]) -> str:
    """What differs, for people."""
    one, other = dict(found.values), dict(expected)
    keys = sorted(key for key in one.keys() | other.keys() if one.get(key) != other.get(key))
    return "; ".join(f"{key}: expected {other.get(key)}, found {one.get(key)}" for key in keys)
