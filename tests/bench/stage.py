"""One model in memory twice: as the engine holds it, and as transformers does for the peers."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
import transformers

from podium_evaluator.engine.answering import ModelEngine
from podium_evaluator.engine.environment import memory_class, pin_environment
from podium_evaluator.engine.memory import Sizes, plan_sizes
from podium_evaluator.engine.model import LanguageModel, load_model
from podium_evaluator.engine.shape import model_shape
from podium_evaluator.errors import submission
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.sequences import Generation, TokenSequence
from podium_evaluator.store import Manifest, ManifestFile
from podium_evaluator.tokenizers import load_encoder
from tests.bench.models import Recipe, cached_model, model_on_gpu, tokenizer_json

__all__ = ["DTYPES", "Stage", "engine_of", "open_engine", "open_stage", "stock_model"]

DTYPES: Final = {"bf16": torch.bfloat16, "fp32": torch.float32}
_SEQUENCE_LENGTH: Final = 4096
"""Of the competition that is played; on a GPU it decides the length of rows."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What both sides work with.

    Attributes:
        engine: Ours.
        stock: The library's model; transformers publishes no types.
        dtype: Key of `DTYPES`.
        vocabulary: Number of tokens.
    """

    engine: ModelEngine
    stock: Any
    dtype: str
    vocabulary: int

    def losses(self, sequences: list[TokenSequence]) -> list[float]:
        """The engine's summed losses."""
        return list(self.engine.losses(sequences, _nobody))

    def continuations(self, generations: list[Generation]) -> list[tuple[int, ...]]:
        """The engine's continuations."""
        return [one.ids for one in self.engine.continuations(generations, _nobody)]


def open_stage(recipe: Recipe, dtype: str, threads: int, device: str = "cpu") -> Stage:
    """A model for both sides; on a GPU the same weights serve both."""
    if device == "cuda":
        return _on_gpu(recipe, dtype, threads)
    folder = cached_model(recipe)
    engine = open_engine(folder, dtype, threads)
    return Stage(engine, stock_model(folder, dtype), dtype, recipe.tokens)


def engine_of(recipe: Recipe, dtype: str, threads: int, device: str = "cpu") -> ModelEngine:
    """The engine's side alone."""
    if device == "cuda":
        return _on_gpu(recipe, dtype, threads).engine
    return open_engine(cached_model(recipe), dtype, threads)


def open_engine(folder: Path, dtype: str, threads: int) -> ModelEngine:
    """Load a model for the engine, as `evaluate` does."""
    pinned = pin_environment(threads, "cpu")
    config = reduce_config((folder / "config.json").read_bytes(), ARCHITECTURES)
    encoder = load_encoder((folder / "tokenizer.json").read_bytes(), config.vocabulary, submission, own=False)
    return ModelEngine(_loaded(folder, config, pinned, dtype), encoder, _sizes(config, pinned, dtype))


def stock_model(folder: Path, dtype: str) -> Any:  # transformers publishes no types
    """Load a model as its users do; no token ends a generation."""
    transformers.utils.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    return _endless(transformers.LlamaForCausalLM.from_pretrained(folder, dtype=DTYPES[dtype]).eval())


def _on_gpu(recipe: Recipe, dtype: str, threads: int) -> Stage:
    device = pin_environment(threads, "cuda")
    stock = _endless(model_on_gpu(recipe, DTYPES[dtype]))
    model = LanguageModel(stock.base_model, stock.get_output_embeddings(), device, recipe.tokens, None)
    config = reduce_config(json.dumps(recipe.document()).encode(), ARCHITECTURES)
    encoder = load_encoder(tokenizer_json(recipe.tokens).encode(), recipe.tokens, submission, own=False)
    return Stage(ModelEngine(model, encoder, _sizes(config, device, dtype)), stock, dtype, recipe.tokens)


def _sizes(config: ModelConfig, device: torch.device, dtype: str) -> Sizes:
    parameters = config.architecture.parameters(config.values)
    shape = model_shape(config.values, parameters, DTYPES[dtype].itemsize)
    return plan_sizes(memory_class(device), shape, _SEQUENCE_LENGTH)


def _endless(model: Any) -> Any:  # as above
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
