"""Which tokenizer and which chat template an evaluation uses: those that were stored."""

from __future__ import annotations

from dataclasses import dataclass

from podium_evaluator.contract import Reason, Tokenizer
from podium_evaluator.errors import organizer, quoted, submission
from podium_evaluator.hub.source import TOKENIZER
from podium_evaluator.stored import StoredFolder
from podium_evaluator.templates import ChatTemplate, accepted_templates
from podium_evaluator.tokenizer_settings import SETTINGS, StoredSettings, read_stored_settings
from podium_evaluator.tokenizers import Encoder, load_encoder

__all__ = ["Conversation", "open_conversation"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """How prompts become tokens.

    Attributes:
        encoder: The tokenizer.
        template: Renders prompts.
        own: Whether a participant wrote the tokenizer.
    """

    encoder: Encoder
    template: ChatTemplate
    own: bool


def open_conversation(
    tokenizer: Tokenizer, model: StoredFolder, samples: StoredFolder, vocabulary: int
) -> Conversation:
    """The model's own tokenizer, or the fixed one that was stored beside the samples.

    Args:
        tokenizer: Whose is used, and the templates that are accepted.
        model: The model's folder.
        samples: The samples' folder.
        vocabulary: Rows of the model's embedding.

    Raises:
        Failure: The tokenizer is malformed or has more ids than the model has rows; the template is not
            accepted.
    """
    own = tokenizer.policy == "Own"
    folder, blame = (model, submission) if own else (samples, organizer)
    document = folder.read_if_listed(SETTINGS)
    settings = (
        StoredSettings(None, tokenizer.chat_template) if document is None else read_stored_settings(document)
    )
    accepted = accepted_templates(tokenizer)
    name = settings.chat_template if own else tokenizer.chat_template
    if name not in accepted:
        raise submission(
            Reason.CHAT_TEMPLATE_UNKNOWN,
            f"its chat template {quoted(name)} is none of {', '.join(accepted)}: use one of them",
        )
    encoder = load_encoder(folder.read(TOKENIZER), vocabulary, blame, own=own, end_token=settings.end_token)
    return Conversation(encoder, accepted[name].with_end_token(settings.end_token), own)
