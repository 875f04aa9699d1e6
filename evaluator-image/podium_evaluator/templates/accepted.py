"""The templates that a competition accepts: ours and the organiser's.

An organiser's text is trusted but may be broken. It is tried once, before anybody is evaluated, so that a
mistake is the organiser's failure and not every participant's.
"""

from __future__ import annotations

import dataclasses
from typing import Final

from podium_evaluator.contract import Reason, Tokenizer
from podium_evaluator.errors import Failure, organizer, quoted
from podium_evaluator.templates.named import named_templates
from podium_evaluator.templates.rendering import ChatTemplate

__all__ = ["accepted_templates"]

_PROMPT: Final = "the user's words"
_SYSTEM: Final = "the system's words"


def accepted_templates(tokenizer: Tokenizer) -> dict[str, ChatTemplate]:
    """Our templates and those of the competition, by name, ours first.

    Raises:
        Failure: `REQUEST_INVALID` of the organiser: a text that does not render, a name that two have or
            none has.
    """
    found = named_templates()
    for one in tokenizer.templates:
        if one.name in found:
            raise _invalid(f"chat template {quoted(one.name)} is there already: choose another name")
        found[one.name] = _tried(ChatTemplate(one.name, one.text))
    if tokenizer.chat_template not in found:
        raise _invalid(
            f"chatTemplate {quoted(tokenizer.chat_template)} names no template;"
            f" accepted are {', '.join(found)}"
        )
    return found


def _tried(template: ChatTemplate) -> ChatTemplate:
    """The template with what was found out about system turns."""
    if _PROMPT not in template.render(_PROMPT):
        raise _invalid(f"chat template {quoted(template.name)} leaves the user's turn out")
    return dataclasses.replace(template, system_turn=template.shows_system_turn(_PROMPT, _SYSTEM))


def _invalid(message: str) -> Failure:
    return organizer(Reason.REQUEST_INVALID, message)
