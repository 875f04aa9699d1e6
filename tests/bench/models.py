"""Models with random weights, written once to a cache and loaded by both sides from the same file.

The last norm is so large that logits have a standard deviation of about 2.5, as those of a trained
model: a flat head would make losses easy to compute and arithmetic errors invisible.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from safetensors.numpy import save
from tokenizers import Tokenizer, models

from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from tests.bench.shapes import LETTERS, SHAPES, VOCABULARIES

__all__ = ["Recipe", "cached_model", "model_on_gpu", "tokenizer_json"]

_DEVIATION: Final = 0.02
_LOGITS: Final = 2.5
_WORDS: Final = ("<pad>", "<s>", "</s>", "A", "B", "C", "D")
_LAST_NORM: Final = "model.norm.weight"
_EMBEDDING: Final = "model.embed_tokens.weight"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What decides a model's weights.

    Attributes:
        size: Key of `SHAPES`.
        vocabulary: Key of `VOCABULARIES`.
        eloquence: Factor on the rows of the tokens A to D: how gladly the model answers with a letter.
        seed: Of the random numbers.
    """

    size: str
    vocabulary: str
    eloquence: float = 1.0
    seed: int = 0

    @property
    def tokens(self) -> int:
        """Size of the vocabulary."""
        return VOCABULARIES[self.vocabulary]

    def document(self) -> dict[str, Any]:  # Any: JSON
        """The model's config.json."""
        return SHAPES[self.size].document(self.tokens)

    @property
    def name(self) -> str:
        """Names the folder: all that decides the weights is in it."""
        told = json.dumps([self.document(), self.eloquence, self.seed, _DEVIATION, _LOGITS], sort_keys=True)
        return f"{self.size}-{self.vocabulary}-{hashlib.sha256(told.encode()).hexdigest()[:12]}"


def cached_model(recipe: Recipe, cache: Path | None = None) -> Path:
    """The folder with config.json, model.safetensors and tokenizer.json, written where it is missing."""
    folder = (cache or Path(tempfile.gettempdir()) / "podium-bench") / recipe.name
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as unfinished:
        made = Path(unfinished) / "model"
        made.mkdir()
        (made / "config.json").write_text(json.dumps(recipe.document()), encoding="utf-8")
        (made / "tokenizer.json").write_text(tokenizer_json(recipe.tokens), encoding="utf-8")
        (made / "model.safetensors").write_bytes(_weights(recipe))
        _move(made, folder)
    return folder


def model_on_gpu(recipe: Recipe, dtype: torch.dtype) -> Any:  # transformers publishes no types
    """A model made where it is used: a large one would spend minutes on the way through a file."""
    document = recipe.document()
    config = transformers.LlamaConfig(**document, initializer_range=_DEVIATION)
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    torch.manual_seed(recipe.seed)
    try:
        with torch.device("cuda"):
            model = transformers.LlamaForCausalLM(config)
    finally:
        torch.set_default_dtype(before)
    with torch.no_grad():
        model.model.norm.weight.fill_(_last_norm(config.hidden_size))
        model.model.embed_tokens.weight[list(LETTERS)] *= recipe.eloquence
    return model.eval()


def _last_norm(width: int) -> float:
    return float(_LOGITS / (_DEVIATION * np.sqrt(width)))


def _move(made: Path, folder: Path) -> None:
    try:
        os.replace(made, folder)  # noqa: PTH105 - fails where another process was first, as wanted
    except OSError:
        if not folder.exists():
            raise


def _weights(recipe: Recipe) -> bytes:
    config = reduce_config(json.dumps(recipe.document()).encode(), ARCHITECTURES)
    source = np.random.default_rng(recipe.seed)
    tensors: dict[str, NDArray[np.float32]] = {}
    for name, shape in config.architecture.tensors(config.values).items():
        if "norm" in name:
            level = _last_norm(shape[0]) if name == _LAST_NORM else 1.0
            tensors[name] = np.full(shape, level, np.float32)
        else:
            tensors[name] = source.standard_normal(shape, dtype=np.float32) * np.float32(_DEVIATION)
    tensors[_EMBEDDING][list(LETTERS)] *= np.float32(recipe.eloquence)
    data: bytes = save(tensors)
    return data


def tokenizer_json(tokens: int) -> str:
    """A tokenizer of one word for each id, so that every generated token is a word of the text."""
    words = {word: index for index, word in enumerate(_WORDS)}
    words |= {f"w{index}": index for index in range(len(words), tokens)}
    text: str = Tokenizer(models.WordLevel(words, unk_token=_WORDS[0])).to_str()
    return text
