"""One model in memory twice: as the engine holds it, and as transformers does for the peers."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
import transformers

from podium_evaluator.engine.answering import ModelEngine
from podium_evaluator.engine.environment import memory_class, pin_environment
from podium_evaluator.engine.memory import plan_sizes
from podium_evaluator.engine.model import LanguageModel, load_model
from podium_evaluator.engine.shape import model_shape
from podium_evaluator.errors import submission
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.sequences import Generation, TokenSequence
from podium_evaluator.store import Manifest, ManifestFile
from podium_evaluator.tokenizers import load_encoder
from tests.bench.models import Recipe, cached_model

__all__ = ["DTYPES", "Stage", "open_engine", "open_stage", "stock_model"]

DTYPES: Final = {"bf16": torch.bfloat16, "fp32": torch.float32}
_SEQUENCE_LENGTH: Final = 4096
"""Of the competition that is played; on a GPU it decides the length of rows."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What both sides work with.

    Attributes:
        engine: Ours.
        stock: The library's model; transformers publishes no types.
        folder: Holds the model's files.
        dtype: Key of `DTYPES`.
        vocabulary: Number of tokens.
    """

    engine: ModelEngine
    stock: Any
    folder: Path
    dtype: str
    vocabulary: int

    def losses(self, sequences: list[TokenSequence]) -> list[float]:
        """The engine's summed losses."""
        return list(self.engine.losses(sequences, _nobody))

    def continuations(self, generations: list[Generation]) -> list[tuple[int, ...]]:
        """The engine's continuations."""
        return [one.ids for one in self.engine.continuations(generations, _nobody)]


def open_stage(recipe: Recipe, dtype: str, threads: int, device: str = "cpu") -> Stage:
    """Load a model for both sides."""
    folder = cached_model(recipe)
    engine = open_engine(folder, dtype, threads, device)
    return Stage(engine, stock_model(folder, dtype, device), folder, dtype, recipe.tokens)


def open_engine(folder: Path, dtype: str, threads: int, device: str = "cpu") -> ModelEngine:
    """Load a model for the engine, as `evaluate` does."""
    pinned = pin_environment(threads, "cuda" if device == "cuda" else "cpu")
    config = reduce_config((folder / "config.json").read_bytes(), ARCHITECTURES)
    encoder = load_encoder((folder / "tokenizer.json").read_bytes(), config.vocabulary, submission, own=False)
    parameters = config.architecture.parameters(config.values)
    shape = model_shape(config.values, parameters, DTYPES[dtype].itemsize)
    sizes = plan_sizes(memory_class(pinned), shape, _SEQUENCE_LENGTH)
    return ModelEngine(_loaded(folder, config, pinned, dtype), encoder, sizes)


def stock_model(folder: Path, dtype: str, device: str = "cpu") -> Any:  # transformers publishes no types
    """Load a model as its users do; no token ends a generation."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    model = transformers.LlamaForCausalLM.from_pretrained(folder, dtype=DTYPES[dtype]).eval().to(device)
    # What a call leaves open is taken from here, and neither side may end earlier than the other.
    for settings in (model.config, model.generation_config):
        settings.bos_token_id, settings.eos_token_id, settings.pad_token_id = 1, None, 0
    return model


def _loaded(folder: Path, config: ModelConfig, device: torch.device, dtype: str) -> LanguageModel:
    data = (folder / "model.safetensors").read_bytes()
    file = ManifestFile("model.safetensors", len(data), hashlib.sha256(data).hexdigest())
    return load_model(folder, Manifest((file,)), config, device, DTYPES[dtype])


def _nobody(_done: int) -> None:
    """Progress is not shown."""
