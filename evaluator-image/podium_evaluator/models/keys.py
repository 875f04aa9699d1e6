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
    "activation",
    "flag",
    "integer",
    "named",
    "one_of",
    "real",
    "require_multiple",
    "some_of",
    "texts",
    "whole",
]

ConfigValue: TypeAlias = "bool | int | float | str | list[str] | dict[str, ConfigValue] | None"
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


def activation(default: str) -> Key:
    """An activation function without parameters, by the name that transformers gives it."""
    names = ("gelu", "gelu_new", "gelu_fast", "gelu_pytorch_tanh", "quick_gelu", "relu", "silu")
    return one_of(*names, default=default)


def some_of(*texts: str, longest: int) -> Key:
    """A list of at most `longest` of a few strings, null by default."""

    def read(value: object) -> ConfigValue:
        if not isinstance(value, list) or len(value) > longest:
            raise ValueError(f"a list of at most {longest} strings expected, found {quoted(value)}")
        if unknown := [one for one in value if one not in texts]:
            raise ValueError(f"{' or '.join(texts)} expected, found {quoted(unknown[0])}")
        return list(value)

    return absent_or(Key(read, None))


def absent_or(key: Key, default: ConfigValue = None) -> Key:
    """What `key` reads, or null."""

    def read(value: object) -> ConfigValue:
        return None if value is None else key.read(value)

    return Key(read, default)


def named(name: str, key: Key, value: object) -> ConfigValue:
    """What `key` reads; an error says the key's name."""
    try:
        return key.read(value)
    except ValueError as error:
        raise ValueError(f"{name}: {error}") from error


def integer(config: Config, name: str) -> int:
    """An integer of a configuration that was already read."""
    value = config[name]
    if type(value) is not int:
        raise TypeError(f"{name} is no integer")
    return value


def texts(config: Config, name: str) -> list[str]:
    """A list of strings of a configuration that was already read."""
    value = config[name]
    if not isinstance(value, list):
        raise TypeError(f"{name} is no list")
    return value


def require_multiple(config: Config, name: str, divisor: str) -> None:
    """Raise ValueError unless one integer is a multiple of another."""
    if integer(config, name) % integer(config, divisor):
        raise ValueError(f"{name} must be a multiple of {divisor}")
