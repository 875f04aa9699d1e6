"""Two-layer models of every class of the table, each with a tokenizer and a chat template of its own."""

import json
from collections.abc import Sequence
from itertools import cycle
from pathlib import Path
from typing import Any

from podium_evaluator.contract import Tokenizer
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.templates import accepted_templates
from tests.podium_evaluator.tiny import EVERY, config, random_tensors, write_model

__all__ = ["EVERY_CLASS", "STRANGE_TEMPLATE", "fill", "repository_of"]

EVERY_CLASS: Sequence[str] = tuple(ARCHITECTURES)

STRANGE_TEMPLATE = "strangers/strange-template"
"""A model whose chat template is nobody's."""

_POSITIONS = 4096
"""Bart's positions are learned, so they must cover the competition's sequences."""


def repository_of(architecture: str) -> str:
    """Where the model of a class is."""
    return f"strangers/{architecture.removesuffix('ForCausalLM').lower()}"


def fill(root: Path) -> None:
    """Write all models under `root`."""
    templates = accepted_templates(Tokenizer(policy="Own"))
    for seed, (architecture, template) in enumerate(
        zip(EVERY_CLASS, cycle(templates.values()), strict=False)
    ):
        _write(root / "models" / repository_of(architecture), _config(architecture), template.text, seed)
    _write(root / "models" / STRANGE_TEMPLATE, _config("LlamaForCausalLM"), "{{ 'be kind' }}", 99)


# Any: the values of a configuration.
def _config(architecture: str) -> dict[str, Any]:
    longer = {"max_position_embeddings": _POSITIONS} if architecture == "BartForCausalLM" else {}
    return config(EVERY[architecture], **longer)


def _write(folder: Path, document: dict[str, Any], template: str, seed: int) -> None:
    write_model(folder, document, random_tensors(document, seed))
    settings = {"eos_token": "<|im_end|>", "chat_template": template}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf-8")
