"""A stored model in memory: our class, our configuration, verified bytes."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import torch
import transformers
from transformers.initialization import no_init_weights

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, infrastructure
from podium_evaluator.models.config import ModelConfig
from podium_evaluator.store import Manifest, ManifestFile
from podium_evaluator.weights.header import read_header
from podium_evaluator.weights.scan import read_tensor

__all__ = ["LanguageModel", "load_model"]

logger = logging.getLogger(__name__)

_DTYPES: Final = {"F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}


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

    Each file is read once: the bytes that are hashed are the bytes that are used. One tensor at a
    time is in memory beside the model.

    Args:
        folder: Holds the manifest's files.
        manifest: Names and digests.
        config: The model's reduced configuration.
        device: Where to.
        dtype: All weights are cast to it.

    Raises:
        Failure: `STORED_BYTES_CHANGED`.
    """
    model = _empty_model(config, device, dtype)
    stored_names = {ours: stored for stored, ours in config.architecture.renamed.items()}
    missing = {stored_names.get(name, name): parameter for name, parameter in model.named_parameters()}
    for file in manifest.files:
        if file.name.endswith(".safetensors"):
            _fill(folder / file.name, file, missing)
    if missing:
        raise _changed(f"{len(missing)} tensors are missing")
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


def _fill(path: Path, file: ManifestFile, missing: dict[str, torch.nn.Parameter]) -> None:
    whole = hashlib.sha256()
    try:
        with path.open("rb") as opened:
            _copy_tensors(opened, file, missing, whole)
    except (Failure, OSError) as error:
        # It was well-formed when it was stored, so this is not the submission's doing.
        raise _changed(f"{file.name} can no longer be read") from error
    if whole.hexdigest() != file.sha256:
        raise _changed(f"{file.name} has digest {whole.hexdigest()}, expected {file.sha256}")


def _copy_tensors(
    opened: BinaryIO, file: ManifestFile, missing: dict[str, torch.nn.Parameter], whole: hashlib._Hash
) -> None:
    header = read_header(opened, file.bytes)
    whole.update(header.raw)
    for entry in header.tensors:
        data = read_tensor(opened, entry)
        whole.update(data)
        # What the model has no parameter for is a tied head or an old buffer.
        if (parameter := missing.pop(entry.name, None)) is not None:
            stored = torch.frombuffer(data, dtype=_DTYPES[entry.dtype]).reshape(entry.shape)
            with torch.no_grad():
                parameter.copy_(stored)


def _changed(message: str) -> Failure:
    return infrastructure(Reason.STORED_BYTES_CHANGED, f"stored model: {message}")
