"""The named chat templates of ours, and the published spellings of each."""

from __future__ import annotations

from importlib import resources

from podium_evaluator.templates.rendering import ChatTemplate

__all__ = ["named_templates"]


def named_templates() -> dict[str, ChatTemplate]:
    """Our templates by name."""
    return {
        one.name: one
        for one in (
            ChatTemplate("ChatML", _text("ChatML")),
            ChatTemplate("Llama-2", _text("Llama-2")),
            ChatTemplate("Llama-3", _text("Llama-3")),
            ChatTemplate("Mistral", _text("Mistral"), system_turn=False),
            ChatTemplate("Gemma", _text("Gemma"), system_turn=False),
            ChatTemplate("Phi-3", _text("Phi-3")),
            ChatTemplate("Zephyr", _text("Zephyr")).with_end_token("</s>"),
        )
    }


def _text(name: str) -> str:
    folder = resources.files("podium_evaluator.templates").joinpath("texts")
    return folder.joinpath(f"{name}.jinja").read_text(encoding="utf-8")
