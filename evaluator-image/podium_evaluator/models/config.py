"""A stranger's config.json reduced to checked keys and written anew by us."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from podium_evaluator.canonical import canonical_json, strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, quoted, submission
from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.harmless import HARMLESS
from podium_evaluator.models.keys import REQUIRED, Config, integer, named
from podium_evaluator.models.table import ARCHITECTURES

__all__ = ["CONFIG_BYTES", "ModelConfig", "reduce_config"]

CONFIG_BYTES: Final = 256 * 1024
"""Real ones have a few kilobytes, tens with long label maps."""

_IGNORED_WHEN_OFF: Final = frozenset({"max_window_layers", "sliding_window"})
"""Harmless only beside ``use_sliding_window: false``."""

_CONSTANTS: Final[dict[str, object]] = {
    "add_cross_attention": False,
    "chunk_size_feed_forward": 0,
    "is_decoder": False,
    "is_encoder_decoder": False,
    "pruned_heads": {},
    "rope_interleaved": False,
    "tie_encoder_decoder": False,
    "torchscript": False,
    "use_bfloat16": False,
}
"""Keys that every class may have with this value only."""


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A reduced configuration: `values` are keyword arguments of the configuration class."""

    architecture: Architecture
    values: Config

    def document(self) -> bytes:
        """The config.json that we store: equal models have equal bytes."""
        names = {"architectures": [self.architecture.name], "model_type": self.architecture.model_type}
        return canonical_json({**names, **self.values})

    @property
    def vocabulary(self) -> int:
        """Rows of the embedding."""
        return integer(self.values, "vocab_size")

    @property
    def positions(self) -> int:
        """The longest sequence that the model was made for, in tokens."""
        return integer(self.values, "max_position_embeddings")


def reduce_config(data: bytes, allowed: Collection[str]) -> ModelConfig:
    """Read config.json.

    Args:
        data: The file's bytes.
        allowed: Architectures that may enter.

    Raises:
        Failure: `CONFIG_MALFORMED`, `ARCHITECTURE_NOT_ALLOWED` or `CONFIG_KEY_NOT_HONOURED`.
    """
    try:
        raw = strict_json(data)
    except ValueError as error:
        raise _malformed(f"not strict JSON: {quoted(str(error), 200)}") from error
    if not isinstance(raw, dict):
        raise _malformed("an object expected")
    architecture = _architecture(raw, allowed)
    _refuse_unhonoured(raw, architecture)
    try:
        return ModelConfig(architecture, _read(raw, architecture))
    except ValueError as error:
        raise _malformed(str(error)) from error


def _architecture(raw: dict[str, object], allowed: Collection[str]) -> Architecture:
    match raw.get("architectures"):
        case [str() as name]:
            pass
        case other:
            raise _malformed(f"architectures must name exactly one class, found {quoted(other)}")
    if name not in allowed or name not in ARCHITECTURES:
        known = sorted(set(allowed) & ARCHITECTURES.keys())
        raise submission(
            Reason.ARCHITECTURE_NOT_ALLOWED,
            f"architecture {quoted(name)} is not among {', '.join(known) or 'none that this image knows'}",
        )
    architecture = ARCHITECTURES[name]
    if raw.get("model_type") != architecture.model_type:
        raise _malformed(f"model_type of {name} must be {architecture.model_type}")
    return architecture


def _refuse_unhonoured(raw: dict[str, object], architecture: Architecture) -> None:
    constants = _CONSTANTS | dict(architecture.constants)
    honoured = architecture.keys.keys() | architecture.unused | HARMLESS
    if architecture.rope is not None:
        honoured |= architecture.rope.keys
    if constants.get("use_sliding_window") is False:
        honoured |= _IGNORED_WHEN_OFF
    for key, value in raw.items():
        if key in honoured or value is None:
            continue
        # Compared with its type: 0 and False, 1 and 1.0 are equal to Python.
        if key in constants and (type(value), value) == (type(constants[key]), constants[key]):
            continue
        raise submission(
            Reason.CONFIG_KEY_NOT_HONOURED,
            f"config.json: key {quoted(key)} with value {quoted(value)} would change the model and is not"
            f" honoured for {architecture.name}: remove it",
        )


def _read(raw: dict[str, object], architecture: Architecture) -> Config:
    values: Config = {}
    for name, key in architecture.keys.items():
        if name not in raw:
            if key.default is REQUIRED:
                raise ValueError(f"key {name} is missing")
            values[name] = key.default
            continue
        values[name] = named(name, key, raw[name])
    if architecture.rope is not None:
        positions = integer(values, "max_position_embeddings")
        values["rope_parameters"] = architecture.rope.read(raw, positions)
    return architecture.complete(values)


def _malformed(message: str) -> Failure:
    return submission(Reason.CONFIG_MALFORMED, f"config.json: {message}")
