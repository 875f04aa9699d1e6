"""What is said about a tokenizer beside its tokenizer.json: marks of a text's ends and the chat template.

Participants write `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja`; of these
three values are read, the way transformers reads them. What is kept in the store is a document of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from podium_evaluator.canonical import canonical_json, strict_json
from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, infrastructure, quoted
from podium_evaluator.templates.recognition import LONGEST_TEXT

__all__ = [
    "CHAT_TEMPLATE_FILE",
    "SETTINGS",
    "SETTINGS_BYTES",
    "SPECIAL_TOKENS_MAP",
    "TOKENIZER_CONFIG",
    "StoredSettings",
    "TokenizerSettings",
    "read_settings",
    "read_stored_settings",
]

TOKENIZER_CONFIG: Final = "tokenizer_config.json"
SPECIAL_TOKENS_MAP: Final = "special_tokens_map.json"
CHAT_TEMPLATE_FILE: Final = "chat_template.jinja"
SETTINGS: Final = "tokenizer_settings.json"
"""Our reduced document, stored beside tokenizer.json."""

SETTINGS_BYTES: Final = 4 * 1024 * 1024
"""Of each file. The largest in use describe 6,000 added tokens in 1.2 MB."""

_LONGEST_TOKEN: Final = 256

Blame = Callable[[Reason, str], Failure]


@dataclass(frozen=True, slots=True)
class TokenizerSettings:
    """What the files of a repository say.

    Attributes:
        bos_token: Text of the token that begins a text.
        eos_token: Text of the token that ends one.
        chat_template: Jinja; never rendered when a participant wrote it.
    """

    bos_token: str | None = None
    eos_token: str | None = None
    chat_template: str | None = None


@dataclass(frozen=True, slots=True)
class StoredSettings:
    """What evaluation needs to know.

    Attributes:
        end_token: Text of the token that ends a generation.
        chat_template: Name of an accepted template.
    """

    end_token: str | None
    chat_template: str

    def document(self) -> bytes:
        """Canonical JSON."""
        return canonical_json({"endToken": self.end_token, "chatTemplate": self.chat_template})


def read_stored_settings(document: bytes) -> StoredSettings:
    """The settings whose `document` this is.

    Raises:
        Failure: `STORED_BYTES_CHANGED`: no version of ours wrote these bytes.
    """
    try:
        match strict_json(document):
            case {"endToken": str() | None as end_token, "chatTemplate": str() as chat_template, **rest} if (
                not rest
            ):
                return StoredSettings(end_token, chat_template)
            case _:
                raise ValueError("endToken and chatTemplate expected")  # noqa: TRY301 - one way out
    except ValueError as error:
        raise infrastructure(Reason.STORED_BYTES_CHANGED, f"{SETTINGS}: {quoted(str(error), 200)}") from error


def read_settings(
    config: bytes | None, special: bytes | None, template: bytes | None, blame: Blame
) -> TokenizerSettings:
    """Reduce the files of a repository, each of which may be absent, to three values.

    Args:
        config: Bytes of `tokenizer_config.json`.
        special: Bytes of `special_tokens_map.json`; it counts where the configuration lists no added tokens.
        template: Bytes of `chat_template.jinja`; it counts before the configuration's template.
        blame: Makes the failure of whoever wrote them.

    Raises:
        Failure: `TOKENIZER_MALFORMED` naming file and key.
    """
    values = _object(config, TOKENIZER_CONFIG, blame)
    marks = _object(special, SPECIAL_TOKENS_MAP, blame)
    return TokenizerSettings(
        bos_token=_token(values, marks, "bos_token", blame),
        eos_token=_token(values, marks, "eos_token", blame),
        chat_template=_file(template, blame) or _template(values.get("chat_template"), blame),
    )


def _object(document: bytes | None, file: str, blame: Blame) -> dict[str, object]:
    if document is None:
        return {}
    if len(document) > SETTINGS_BYTES:
        raise _malformed(blame, file, f"{len(document)} bytes, at most {SETTINGS_BYTES} are read")
    try:
        value = strict_json(document)
    except ValueError as error:
        raise _malformed(blame, file, quoted(str(error), 200)) from error
    if not isinstance(value, dict):
        raise _malformed(blame, file, "an object expected")
    return value


def _token(values: dict[str, object], marks: dict[str, object], key: str, blame: Blame) -> str | None:
    # The map is what older versions wrote; transformers lets it win unless the newer list is there.
    older = "added_tokens_decoder" not in values and key in marks
    file, value = (SPECIAL_TOKENS_MAP, marks[key]) if older else (TOKENIZER_CONFIG, values.get(key))
    match value:
        case {"content": str() as text} | (str() as text) if len(text) <= _LONGEST_TOKEN:
            return text or None
        case None:
            return None
        case _:
            raise _malformed(blame, file, f"{key}: a text of at most {_LONGEST_TOKEN} characters expected")


def _template(value: object, blame: Blame) -> str | None:
    match value:
        case None:
            return None
        case str() as text:
            pass
        case list():
            named = [
                one.get("template") for one in value if isinstance(one, dict) and one.get("name") == "default"
            ]
            if len(named) != 1 or not isinstance(named[0], str):
                raise _malformed(blame, TOKENIZER_CONFIG, "chat_template: one named default expected")
            text = named[0]
        case _:
            raise _malformed(
                blame, TOKENIZER_CONFIG, "chat_template: a text or a list of named ones expected"
            )
    if len(text) > LONGEST_TEXT:
        message = f"chat_template: {len(text)} characters, at most {LONGEST_TEXT} are read"
        raise _malformed(blame, TOKENIZER_CONFIG, message)
    return text or None


def _file(template: bytes | None, blame: Blame) -> str | None:
    if template is None:
        return None
    if len(template) > LONGEST_TEXT:
        message = f"{len(template)} bytes, at most {LONGEST_TEXT} are read"
        raise _malformed(blame, CHAT_TEMPLATE_FILE, message)
    try:
        return template.decode("utf-8") or None
    except UnicodeDecodeError as error:
        raise _malformed(blame, CHAT_TEMPLATE_FILE, "not UTF-8") from error


def _malformed(blame: Blame, file: str, message: str) -> Failure:
    return blame(Reason.TOKENIZER_MALFORMED, f"{file}: {message}")
