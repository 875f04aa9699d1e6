"""What the hub of these tests serves: models whose order is known, broken ones, a tokenizer, a dataset.

The order holds for any samples. The loss of a sample, as a function of the factor that the output
layer is scaled by, is convex, and at factor 0 every token is as likely: the loss is the logarithm of the
vocabulary's size. A random layer is worse than that from some small factor on, and convexity makes every
larger factor worse again.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from tests.podium_evaluator.tiny import (
    LLAMA,
    Tensors,
    bfloat16,
    config,
    random_tensors,
    safetensors_bytes,
    tokenizer_json,
    write_model,
)

__all__ = ["DATASET", "LATE", "MAX_BYTES", "MODELS", "TOKENIZER", "Shelf"]

TOKENIZER = "organisers/tokenizer"
DATASET = "organisers/capitals"
LATE = "strangers/late"
"""Not there until it is published."""

MAX_BYTES = 120_000
"""Between the size of a model in bfloat16 and in single precision."""

MODELS: Mapping[str, float] = {"uniform": 0.0, "warm": 8.0, "hot": 16.0, "burning": 32.0}
"""Factors of the output layer by the name of the repository, the best model first."""

_CONFIG = config(
    LLAMA, vocab_size=320, hidden_size=32, intermediate_size=64, tie_word_embeddings=False
)  # 39,072 parameters
_LATE_COMMIT = "1a7e" * 10
_CAPITALS = {"France": "Paris", "Italy": "Rome", "Japan": "Tokyo", "Kenya": "Nairobi", "Peru": "Lima"}


@dataclass(frozen=True)
class Shelf:
    """The folder that the hub serves."""

    root: Path

    def fill(self) -> None:
        """Writes everything but the late model."""
        for name, factor in MODELS.items():
            write_model(self.root / "models/strangers" / name, _CONFIG, _scaled(factor))
        shutil.copytree(self.root / "models/strangers/uniform", self.root / "models/thieves/uniform")
        self._write_broken()
        tokenizer = self.root / "models" / TOKENIZER
        tokenizer.mkdir(parents=True)
        (tokenizer / "tokenizer.json").write_bytes(tokenizer_json())
        dataset = self.root / "datasets" / DATASET
        dataset.mkdir(parents=True)
        rows = [{"prompt": f"The capital of {land}?", "reference": city} for land, city in _CAPITALS.items()]
        pq.write_table(pa.Table.from_pylist(rows), dataset / "capitals.parquet")

    def publish_late(self) -> str:
        """Puts the late model there at once; returns the commit that everybody knew before."""
        unfinished = self.root / "unfinished"
        write_model(unfinished, _CONFIG, _scaled(4.0))
        (unfinished / ".hub.json").write_text(json.dumps({"commit": _LATE_COMMIT}))
        unfinished.rename(self.root / "models" / LATE)
        return _LATE_COMMIT

    @property
    def late_commit(self) -> str:
        """The commit of the late model, before and after it is published."""
        return _LATE_COMMIT

    def _write_broken(self) -> None:
        truncated = write_model(self.root / "models/strangers/truncated", _CONFIG, _scaled(2.0))
        weights = truncated / "model.safetensors"
        weights.write_bytes(weights.read_bytes()[:-1000])
        pickled = write_model(self.root / "models/strangers/pickled", _CONFIG, _scaled(2.0))
        (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
        single = random_tensors(_CONFIG, seed=1, dtype="F32")
        large = write_model(self.root / "models/strangers/large", _CONFIG, single)
        assert len(safetensors_bytes(single)) > MAX_BYTES, large


def _scaled(factor: float) -> Tensors:
    """The one random model with its output layer scaled."""
    tensors = random_tensors(_CONFIG, seed=1, dtype="F32")
    tensors["lm_head.weight"] = tensors["lm_head.weight"] * np.float32(factor)
    return {name: bfloat16(values) for name, values in tensors.items()}
