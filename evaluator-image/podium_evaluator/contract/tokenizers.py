"""Whose tokenizer is used, and how conversations are rendered."""

from __future__ import annotations

from typing import Final, Literal

from pydantic import Field

from podium_evaluator.contract.datasets import RevisionName
from podium_evaluator.contract.document import Document, Identifier

__all__ = ["NAMED_TEMPLATES", "ChatTemplate", "Tokenizer"]

NAMED_TEMPLATES: Final = {
    "ChatML": True,
    "Llama-2": True,
    "Llama-3": True,
    "Mistral": False,
    "Gemma": False,
    "Phi-3": True,
    "Zephyr": True,
}
"""The chat templates that the evaluator image brings: whether they have a turn of the system."""


class ChatTemplate(Document):
    """A chat template of the organiser's, in Jinja, as tokenizers publish them."""

    name: Identifier
    text: str = Field(min_length=1, max_length=8192)


class Tokenizer(Document):
    """Whose tokenizer is used, and the chat template that renders prompts.

    With policy Fixed `chat_template` renders everybody's prompts. With policy Own a submission's
    template must be one of ours or of `templates`; `chat_template` is for one that brings none.
    """

    policy: Literal["Fixed", "Own"]
    repository: Identifier | None = Field(default=None, description="With policy Fixed.")
    revision: RevisionName | None = None
    chat_template: Identifier = "ChatML"
    templates: tuple[ChatTemplate, ...] = Field(
        default=(), max_length=4, description="Further templates, beside the named ones of ours."
    )
