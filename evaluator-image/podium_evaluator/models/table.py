"""The closed table of architectures: nothing that a participant wrote chooses a class."""

from __future__ import annotations

from typing import Final

from podium_evaluator.models.architecture import Architecture
from podium_evaluator.models.bart import BART
from podium_evaluator.models.falcon import FALCON
from podium_evaluator.models.gemma import GEMMA, GEMMA2
from podium_evaluator.models.gpt_neox import GPT_NEOX
from podium_evaluator.models.llama import LLAMA, MISTRAL
from podium_evaluator.models.phi import PHI
from podium_evaluator.models.phi3 import PHI3
from podium_evaluator.models.qwen import QWEN2, QWEN3

__all__ = ["ARCHITECTURES"]

ARCHITECTURES: Final[dict[str, Architecture]] = {
    architecture.name: architecture
    for architecture in (
        BART, FALCON, GEMMA, GEMMA2, GPT_NEOX, LLAMA, MISTRAL, PHI, PHI3, QWEN2, QWEN3,
    )
}  # fmt: skip
"""All that this image can load, by class; a competition lists those that may enter."""
