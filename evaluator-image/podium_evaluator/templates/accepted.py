"""The templates that a competition accepts: ours and the organiser's."""

from __future__ import annotations

from podium_evaluator.contract import Reason, Tokenizer
from podium_evaluator.errors import organizer, quoted
from podium_evaluator.templates.named import named_templates
from podium_evaluator.templates.rendering import ChatTemplate

__all__ = ["accepted_templates"]


def accepted_templates(tokenizer: Tokenizer) -> dict[str, ChatTemplate]:
    """Our templates and those of the competition, by name.

    Raises:
        Failure: `REQUEST_INVALID` of the organiser.
    """
    found = named_templates()
    for one in tokenizer.templates:
        if one.name in found:
            raise organizer(Reason.REQUEST_INVALID, f"two chat templates have the name {quoted(one.name)}")
        found[one.name] = ChatTemplate(one.name, one.text)
    if tokenizer.chat_template not in found:
        raise organizer(
            Reason.REQUEST_INVALID,
            f"chatTemplate {quoted(tokenizer.chat_template)} names none of {', '.join(found)}",
        )
    return found
