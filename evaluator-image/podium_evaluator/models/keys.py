"""How single keys of a configuration are read: checked, normalised, with a default."""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from podium_evaluator.errors import quoted

__all__ = [
    "REQUIRED",
    "Config",
    "ConfigValue",
    "Key",
    "Shapes",
    "absent_or",
    "flag",
    "integer",
    "one_of",
    "real",
    "real_of",
    "text_of",
    "whole",
]

ConfigValue: TypeAlias = "bool | int | float | str | dict[str, ConfigValue] | None"
Config: TypeAlias = dict[str, ConfigValue]
Shapes: TypeAlias = dict[str, tuple[int, ...]]


class _Required(enum.Enum):
    REQUIRED = "required"


REQUIRED: Final = _Required.REQUIRED
"""A key without a default."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key that we honour: `read` returns the normalised value or raises ValueError."""

    read: Callable[[object], ConfigValue]
    default: ConfigValue | _Required


def whole(low: int, high: int, default: ConfigValue | _Required = REQUIRED) -> Key:
    """An integer in [low, high]."""

    def read(value: object) -> ConfigValue:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"an integer from {low} to {high} expected, found {quoted(value)}")
        return value

    return Key(read, default)


def real(low: float, high: float, default: ConfigValue | _Required = REQUIRED) -> Key:
    """A number in [low, high], always kept as a float so that 1 and 1.0 are one spelling."""

    def read(value: object) -> ConfigValue:
        if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
            raise ValueError(f"a number from {low:g} to {high:g} expected, found {quoted(value)}")
        return float(value)

    return Key(read, default)


def flag(*, default: bool) -> Key:
    """A boolean."""

    def read(value: object) -> ConfigValue:
        if not isinstance(value, bool):
            raise ValueError(f"true or false expected, found {quoted(value)}")  # noqa: TRY004 - one error type
        return value

    return Key(read, default)


def one_of(*texts: str, default: str) -> Key:
    """One of a few strings."""

    def read(value: object) -> ConfigValue:
        if not isinstance(value, str) or value not in texts:
            raise ValueError(f"one of {', '.join(texts)} expected, found {quoted(value)}")
        return value

    return Key(read, default)


def absent_or(key: Key, default: ConfigValue = None) -> Key:
    """What `key` reads, or null."""

    def read(value: object) -> ConfigValue:
        return None if value is None else key.read(value)

    return Key(read, default)


def integer(config: Config, name: str) -> int:
    """An integer of a configuration that was already read."""
    value = config[name]
    if type(value) is not int:
        raise TypeError(f"{name} is no integer")
    return value


def real_of(config: Config, name: str) -> float:
    """A float of a configuration that was already read."""
    value = config[name]
    if not isinstance(value, float):
        raise TypeError(f"{name} is no float")
    return value


def text_of(config: Config, name: str) -> str:
    """A string of a configuration that was already read."""
    value = config[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no string")
    return value
