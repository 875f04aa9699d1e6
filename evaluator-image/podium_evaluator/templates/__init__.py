"""Chat templates: named ones of ours, the organiser's, and recognising a submission's.

Only texts that we or the organiser wrote are ever rendered. A participant's template is compared.
"""

from podium_evaluator.templates.accepted import accepted_templates
from podium_evaluator.templates.recognition import normalised, recognise
from podium_evaluator.templates.rendering import ChatTemplate

__all__ = ["ChatTemplate", "accepted_templates", "normalised", "recognise"]
