"""A stored model in memory: our class, our configuration, verified bytes."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers.initialization import no_init_weights

from podium_evaluator.engine.loading import changed, fill_parameters
from podium_evaluator.engine.out_of_memory import told
from podium_evaluator.models.config import ModelConfig
from podium_evaluator.store import Manifest

__all__ = ["LanguageModel", "load_model"]

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LanguageModel:
    """A model ready to score.

    Attributes:
        backbone: Token ids to hidden states; transformers publishes no types.
        head: Hidden states to logits.
        device: Where both are.
        vocabulary: Number of logits.
        softcap: Bound c of the logits, where there is one: they are c · tanh(x / c) of the head's x.
        positions: Longest sequence that it can read, padding included; None where there is no such limit.
    """

    backbone: Any
    head: Any
    device: torch.device
    vocabulary: int
    softcap: float | None
    positions: int | None = None


def load_model(
    folder: Path,
    manifest: Manifest,
    config: ModelConfig,
    device: torch.device,
    dtype: torch.dtype = torch.bfloat16,
) -> LanguageModel:
    """Load a stored model.

    Each file is read once: the bytes that are hashed are the bytes that are used.

    Args:
        folder: Holds the manifest's files.
        manifest: Names and digests.
        config: The model's reduced configuration.
        device: Where to.
        dtype: All weights are cast to it.

    Raises:
        Failure: `STORED_BYTES_CHANGED`, `OUT_OF_MEMORY`.
    """
    with told(f"a model of {config.architecture.parameters(config.values)} parameters in {dtype}"):
        model = _empty_model(config, device, dtype)
    stored_names = {ours: stored for stored, ours in config.architecture.renamed.items()}
    missing = {stored_names.get(name, name): parameter for name, parameter in model.named_parameters()}
    files = [file for file in manifest.files if file.name.endswith(".safetensors")]
    fill_parameters(folder, files, missing)
    if missing:
        raise changed(f"{len(missing)} tensors are missing")
    model.eval().requires_grad_(requires_grad=False)
    softcap = config.architecture.logit_softcap(config.values)
    return LanguageModel(
        model.base_model,
        model.get_output_embeddings(),
        device,
        config.vocabulary,
        softcap,
        config.positions if config.architecture.positions_learned else None,
    )


def _empty_model(config: ModelConfig, device: torch.device, dtype: torch.dtype) -> Any:  # untyped library
    architecture = config.architecture
    config_class = getattr(transformers, architecture.config_class)
    model_class = getattr(transformers, architecture.name)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with no_init_weights(), device:
            # Defaults of the class may lie outside the vocabulary, and padding is ours alone.
            model = model_class(
                config_class(**config.values, pad_token_id=None, attn_implementation=architecture.attention)
            )
    finally:
        torch.set_default_dtype(before)
    model.tie_weights()
    return model
