"""The closed table of architectures: nothing that a participant wrote chooses a class."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.gpt_neox import GPT_NEOX
from podium_evaluator.models.llama import LLAMA, MISTRAL, QWEN2

__all__ = ["ARCHITECTURES"]

ARCHITECTURES: Final[dict[str, Architecture]] = {
    architecture.name: architecture for architecture in (LLAMA, MISTRAL, QWEN2, GPT_NEOX)
}
