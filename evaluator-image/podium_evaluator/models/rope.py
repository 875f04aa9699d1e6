"""Rotary position embeddings: the older and newer spellings of their parameters made one.

Older configurations have a base beside `rope_scaling`; newer ones have one object `rope_parameters`.
Scalings that change with the length of the sequence at hand are refused: a sample's score would
depend on which samples ran before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from podium_evaluator.errors import quoted
from podium_evaluator.models.keys import Config, ConfigValue, Key, absent_or, flag, named, real, whole

__all__ = ["Rope", "rotated"]

_BASE: Final = real(1.0, 1e12)
_SHARE: Final = real(0.01, 1.0)
_POSITIONS: Final = whole(1, 2**24)
_FACTOR: Final = real(1.0, 1e6)
_BOUND: Final = real(0.0, 1e6)
_TYPES: Final[dict[str, tuple[dict[str, Key], dict[str, Key]]]] = {
    # type: (keys that it needs, keys that it may have)
    "default": ({}, {}),
    "linear": ({"factor": _FACTOR}, {}),
    "llama3": (
        {"factor": _FACTOR, "low_freq_factor": _BOUND, "high_freq_factor": _BOUND},
        {"original_max_position_embeddings": _POSITIONS},
    ),
    "yarn": (
        {"factor": _FACTOR},
        {
            "original_max_position_embeddings": _POSITIONS,
            "attention_factor": absent_or(_BOUND),
            "beta_fast": absent_or(_BOUND),
            "beta_slow": absent_or(_BOUND),
            "mscale": absent_or(_BOUND),
            "mscale_all_dim": absent_or(_BOUND),
            "truncate": flag(default=True),
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Rope:
    """How an architecture spells its rotary embedding.

    Attributes:
        base_key: Older key of the base.
        base: Default base.
        share_key: Older key of the rotated share of each head, where there is one.
        share: Default share.
        repeats: Keys that some versions write beside, with the parameter whose value they repeat.
        types: Scalings that the class knows.
    """

    base_key: str = "rope_theta"
    base: float = 10_000.0
    share_key: str | None = None
    share: float = 1.0
    repeats: tuple[tuple[str, str], ...] = ()
    types: tuple[str, ...] = tuple(_TYPES)

    @property
    def keys(self) -> frozenset[str]:
        """The top-level keys that describe the embedding."""
        keys = {"rope_parameters", "rope_scaling", self.base_key, *(key for key, _ in self.repeats)}
        return frozenset(keys | ({self.share_key} if self.share_key else set()))

    def read(self, raw: dict[str, object], positions: int) -> Config:
        """The parameters in the newer spelling.

        Raises:
            ValueError: A key is malformed, unknown to the type, or given twice with two meanings.
        """
        given = self._given(raw)
        kind = given.pop("rope_type", given.pop("type", "default"))
        given.pop("type", None)
        if not isinstance(kind, str) or kind not in self.types:
            raise ValueError(f"rope_type must be one of {', '.join(self.types)}, found {quoted(kind)}")
        key, base = self._said("rope_theta", self.base_key, given, raw, self.base)
        parameters: Config = {"rope_type": kind, "rope_theta": named(key, _BASE, base)}
        if self.share_key is not None:
            key, share = self._said("partial_rotary_factor", self.share_key, given, raw, self.share)
            parameters["partial_rotary_factor"] = named(key, _SHARE, share)
        for key, name in self.repeats:
            if raw.get(key) is not None and raw[key] != parameters[name]:
                raise ValueError(f"{key} is {quoted(raw[key])} and {name} in effect {parameters[name]}")
        return parameters | _typed(kind, given, positions)

    @staticmethod
    def _given(raw: dict[str, object]) -> dict[str, object]:
        objects = [raw[key] for key in ("rope_parameters", "rope_scaling") if raw.get(key) is not None]
        if len(objects) > 1 and objects[0] != objects[1]:
            raise ValueError("rope_parameters and rope_scaling differ: keep one of them")
        given = objects[0] if objects else {}
        if not isinstance(given, dict):
            raise ValueError("rope_parameters must be an object")  # noqa: TRY004 - one error type
        return dict(given)

    @staticmethod
    def _said(
        name: str, older: str, given: dict[str, object], raw: dict[str, object], default: float
    ) -> tuple[str, object]:
        """Where a parameter is given, and its value; taken out of the object that has it."""
        if name in given:
            return name, given.pop(name)
        return older, default if raw.get(older) is None else raw[older]


def rotated(config: Config, head: int) -> int:
    """How many of a head's `head` numbers a completed configuration turns.

    Raises:
        ValueError: An odd number or none.
    """
    parameters = config["rope_parameters"]
    share = parameters.get("partial_rotary_factor", 1.0) if isinstance(parameters, dict) else 1.0
    turned = int(head * share) if isinstance(share, float) else head
    if turned < 1 or turned % 2:
        raise ValueError(f"rotary embeddings turn pairs, not {turned} of a head's {head} numbers")
    return turned


def _typed(kind: str, given: dict[str, object], positions: int) -> Config:
    required, optional = _TYPES[kind]
    values: dict[str, ConfigValue] = {}
    for name, key in required.items():
        if name not in given:
            raise ValueError(f"rope_type {kind} needs {name}")
        values[name] = named(name, key, given.pop(name))
    for name, key in optional.items():
        if given.get(name) is not None:
            values[name] = named(name, key, given[name])
        given.pop(name, None)
    if unknown := [name for name, value in given.items() if value is not None]:
        raise ValueError(f"rope_type {kind} does not know {quoted(unknown[0])}")
    if "original_max_position_embeddings" in optional:
        values.setdefault("original_max_position_embeddings", positions)
    return values
