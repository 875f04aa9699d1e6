"""Which of the ways to compute a model takes: decided by its class and the machine, not by samples."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass

from podium_evaluator.engine.attention import Backend
from podium_evaluator.engine.attention_segments import SegmentBackend, explicit, fused
from podium_evaluator.engine.head import head_of
from podium_evaluator.engine.model import LanguageModel
from podium_evaluator.engine.plan import Row

__all__ = ["Attending", "attending_of", "describe_path"]


@dataclass(frozen=True, slots=True)
class Attending:
    """How tokens attend to others.

    Attributes:
        kind: For the path.
        backend: For a packed row; None where the class takes padded rows only.
    """

    kind: str
    backend: Callable[[Row], Backend] | None


def attending_of(model: LanguageModel) -> Attending:
    """The fastest way that serves the model's class on its device."""
    config, device = model.backbone.config, model.device
    if not _is_packed(model):
        return Attending(f"padded rows, {config._attn_implementation}", None)  # noqa: SLF001 - its name for it
    width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
    if getattr(config, "attn_logit_softcapping", None) is not None:
        return Attending("packed rows, explicit", lambda row: SegmentBackend(row, explicit, device))
    if device.type == "cpu":
        return Attending("packed rows, fused", lambda row: SegmentBackend(row, fused, device))
    # Imported only where there is a GPU.
    from podium_evaluator.engine.attention_varlen import VarlenBackend, is_served  # noqa: PLC0415

    if is_served(device, model.head.weight.dtype, width):
        return Attending("packed rows, variable lengths", lambda row: VarlenBackend(row, device))
    return Attending("packed rows, explicit", lambda row: SegmentBackend(row, explicit, device))


def describe_path(model: LanguageModel) -> dict[str, str]:
    """How losses of this model are computed."""
    return {"attention": attending_of(model).kind, "head": head_of(model).kind}


def _is_packed(model: LanguageModel) -> bool:
    chooses = "position_ids" in inspect.signature(model.backbone.forward).parameters
    # Of a class that does not go through the library's table of attentions the library says so here.
    return bool(chooses and model.backbone._supports_attention_backend)  # noqa: SLF001
