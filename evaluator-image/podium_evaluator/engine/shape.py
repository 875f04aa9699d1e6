"""What a model needs memory for, read from its configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium_evaluator.engine.memory import ModelShape

__all__ = ["model_shape"]

# Architectures spell them in several ways; where none is there the usual relation holds.
_HIDDEN: Final = ("d_model", "hidden_size")
_LAYERS: Final = ("decoder_layers", "num_hidden_layers")
_QUERY_HEADS: Final = ("decoder_attention_heads", "num_attention_heads")
_KEY_HEADS: Final = ("num_kv_heads", "num_key_value_heads")
_INTERMEDIATE: Final = ("decoder_ffn_dim", "ffn_hidden_size", "intermediate_size")


def model_shape(values: Mapping[str, object], parameters: int, element: int) -> ModelShape:
    """The shape of a model.

    Args:
        values: Its configuration, as our table reads it or as the library's class holds it.
        parameters: Number of its weights.
        element: Bytes of a number.
    """
    hidden, heads = _first(values, _HIDDEN), _first(values, _QUERY_HEADS)
    return ModelShape(
        parameters=parameters,
        vocabulary=_first(values, ("vocab_size",)),
        hidden=hidden,
        intermediate=_first(values, _INTERMEDIATE),
        layers=_first(values, _LAYERS),
        query_heads=heads,
        key_heads=_first(values, _KEY_HEADS, heads),
        head=_first(values, ("head_dim",), hidden // heads),
        element=element,
    )


def _first(values: Mapping[str, object], names: tuple[str, ...], otherwise: int | None = None) -> int:
    for name in names:
        if isinstance(number := values.get(name), int):
            return number
    if otherwise is None:
        raise KeyError(f"a configuration has none of {', '.join(names)}")
    return otherwise
