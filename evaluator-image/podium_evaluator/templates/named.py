"""The named chat templates of ours, each with the spellings under which it is published.

The texts are files beside this one. Ours say what a conversation looks like; the published ones are there
to be compared with and `texts/published/README.md` says where they come from.
"""

from __future__ import annotations

from importlib import resources
from typing import Final

from podium_evaluator.contract import NAMED_TEMPLATES
from podium_evaluator.templates.rendering import ChatTemplate

__all__ = ["named_templates"]

_ZEPHYRS_END: Final = "</s>"
"""Zephyr ends turns with the tokenizer's end token; this is the one that it was published with."""


def named_templates() -> dict[str, ChatTemplate]:
    """Our templates by name, in the order in which messages list them."""
    folder = resources.files("podium_evaluator.templates").joinpath("texts")
    found: dict[str, ChatTemplate] = {}
    for name, system_turn in NAMED_TEMPLATES.items():
        published = folder.joinpath("published").joinpath(name).iterdir()
        found[name] = ChatTemplate(
            name,
            folder.joinpath(f"{name}.jinja").read_text(encoding="utf-8"),
            tuple(one.read_text(encoding="utf-8") for one in sorted(published, key=lambda one: one.name)),
            system_turn,
            _ZEPHYRS_END if name == "Zephyr" else "",
        )
    return found
