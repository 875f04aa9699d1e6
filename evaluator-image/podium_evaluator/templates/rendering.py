"""A chat template and how it is rendered: one optional system turn, one user turn, then the answer's start.

The Jinja environment is that of transformers (sandbox, `trim_blocks`, `lstrip_blocks`, `raise_exception`,
`tojson`, loop controls, the tag `generation`), so that a published text renders here as it does there. There
are no loaders and there is no clock: `strftime_now` is not defined, and texts that ask whether it is use a
constant.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from typing_extensions import override

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure, organizer, quoted

__all__ = ["ChatTemplate", "TurnRefused", "environment"]

_LARGEST_GROWTH: Final = 4
_LARGEST_FRAME: Final = 64 * 1024
"""Of a rendering, in characters: four times the conversation and this much around it. Known templates show a
conversation once and put at most some 3,000 characters around it."""

Messages = tuple[dict[str, str], ...]


class TurnRefused(TemplateError):  # noqa: N818 - it is the template's answer, not an error of ours
    """The template called `raise_exception`."""


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """How a conversation becomes text.

    Attributes:
        name: What competitions and verdicts call it.
        text: Jinja, of ours or of the organiser's; never a participant's.
        spellings: Further texts that render the same; only ever compared with.
        system_turn: Whether it has a place for a system turn. Without one the system text is put before
            the user's, with a blank line between.
        end_token: What `eos_token` stands for. `bos_token` stands for nothing: the encoder puts that token.
    """

    name: str
    text: str
    spellings: tuple[str, ...] = ()
    system_turn: bool = True
    end_token: str = ""

    def render(self, prompt: str, system: str = "") -> str:
        """The text that a model continues; an empty system text is no turn.

        Raises:
            Failure: `REQUEST_INVALID` of the organiser, whose text does not render.
        """
        if system and not self.system_turn:
            return self._rendered(_conversation(f"{system}\n\n{prompt}"))
        return self._rendered(_conversation(prompt, system))

    def shows_system_turn(self, prompt: str, system: str) -> bool:
        """Whether the text itself renders a system turn, instead of refusing it or leaving it out.

        Raises:
            Failure: As `render`.
        """
        try:
            return system in _generate(self.text, _conversation(prompt, system), self.end_token)
        except TurnRefused:
            return False
        except Exception as error:  # the organiser's program may raise anything
            raise self._broken(error) from error

    def with_end_token(self, end_token: str | None) -> ChatTemplate:
        """The same template for a tokenizer with this end token; None keeps the template's own."""
        return self if end_token is None else dataclasses.replace(self, end_token=end_token)

    def _rendered(self, messages: Messages) -> str:
        try:
            return _generate(self.text, messages, self.end_token)
        except Exception as error:  # as above
            raise self._broken(error) from error

    def _broken(self, error: Exception) -> Failure:
        found = f"{type(error).__name__}: {quoted(str(error), 200)}"
        return organizer(
            Reason.REQUEST_INVALID, f"chat template {quoted(self.name)} does not render: {found}; correct it"
        )


class _AnswerTag(Extension):
    """``{% generation %}``, with which texts say what the assistant wrote; what is in it renders as it is."""

    tags = frozenset({"generation"})  # type: ignore[assignment]  # Jinja reads it and wants a set

    @override
    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        inside = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.Scope(inside).set_lineno(line)


def environment() -> ImmutableSandboxedEnvironment:
    """Jinja as transformers sets it up, but for the clock."""
    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _AnswerTag]
    )
    made.filters["tojson"] = _to_json
    made.globals["raise_exception"] = _refuse
    return made


def _conversation(prompt: str, system: str = "") -> Messages:
    user = {"role": "user", "content": prompt}
    return ({"role": "system", "content": system}, user) if system else (user,)


def _generate(text: str, messages: Messages, end_token: str) -> str:
    left = _LARGEST_FRAME + _LARGEST_GROWTH * sum(len(one["content"]) for one in messages)
    parts: list[str] = []
    for part in _compiled(text).generate(
        messages=list(messages),
        add_generation_prompt=True,
        bos_token="",
        eos_token=end_token,
        tools=None,
        documents=None,
    ):
        left -= len(part)
        if left < 0:
            raise ValueError("it renders far more than the conversation")
        parts.append(part)
    return "".join(parts)


# A pure function's results: a round renders one template some thousand times.
@functools.lru_cache(maxsize=16)
def _compiled(text: str) -> Template:
    return environment().from_string(text)


def _refuse(message: object) -> NoReturn:
    raise TurnRefused(str(message))


def _to_json(
    value: Any,  # what the template passes
    ensure_ascii: bool = False,  # noqa: FBT001, FBT002 - transformers' signature
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,  # noqa: FBT001, FBT002 - the same
) -> str:
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )
