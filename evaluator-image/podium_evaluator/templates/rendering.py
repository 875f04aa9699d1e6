"""A chat template and how it is rendered: one optional system turn, one user turn, then the answer's start.

The Jinja environment is that of transformers (`trim_blocks`, `lstrip_blocks`, `raise_exception`, `tojson`,
loop controls), so that a published text renders here as it does there, with two differences. There is no
clock: `strftime_now` is not defined. And a name that is not defined may be tested but not printed: in an
organiser's text it is a misspelling, which transformers would render as nothing.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from jinja2 import Template, TemplateError, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment

from podium_evaluator.contract import Reason
from podium_evaluator.errors import organizer, quoted

__all__ = ["ChatTemplate", "SystemTurnRefused", "environment"]

_LARGEST_GROWTH: Final = 4
_LARGEST_FRAME: Final = 64 * 1024
"""Characters of a rendering: four times the conversation and this much around it. The text of every known
template, default system prompts included, is a tenth of it."""


class SystemTurnRefused(TemplateError):  # noqa: N818 - a refusal is the template's answer, not an error of ours
    """The template called `raise_exception`."""


class _Unknown(Undefined):
    """A name that is not defined: false where tested, an error where printed."""

    __str__ = Undefined._fail_with_undefined_error  # noqa: SLF001 - Jinja's own way to derive one
    __iter__ = __str__


@dataclass(frozen=True, slots=True)
class ChatTemplate:
    """How a conversation becomes text.

    Attributes:
        name: What competitions and verdicts call it.
        text: Jinja, of ours or of the organiser's.
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
        """The text that a model continues; a system text that is empty is no turn.

        Raises:
            Failure: `REQUEST_INVALID` of the organiser, whose text does not render.
        """
        try:
            return self._rendered(prompt, system)
        except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, AttributeError) as error:
            message = f"chat template {quoted(self.name)} does not render: {quoted(str(error), 200)}"
            raise organizer(Reason.REQUEST_INVALID, message) from error

    def with_end_token(self, end_token: str | None) -> ChatTemplate:
        """The same template for a tokenizer with this end token; None keeps what it has."""
        return self if end_token is None else dataclasses.replace(self, end_token=end_token)

    def _rendered(self, prompt: str, system: str) -> str:
        limit = _LARGEST_GROWTH * (len(prompt) + len(system)) + _LARGEST_FRAME
        parts: list[str] = []
        for part in _compiled(self.text).generate(
            messages=_messages(prompt, system, system_turn=self.system_turn),
            add_generation_prompt=True,
            bos_token="",
            eos_token=self.end_token,
            tools=None,
            documents=None,
        ):
            limit -= len(part)
            if limit < 0:
                raise ValueError("it renders far more than the conversation")
            parts.append(part)
        return "".join(parts)


def environment() -> ImmutableSandboxedEnvironment:
    """Jinja as transformers sets it up, without loaders and without a clock."""
    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, undefined=_Unknown, extensions=["jinja2.ext.loopcontrols"]
    )
    made.filters["tojson"] = _to_json
    made.globals["raise_exception"] = _refuse
    return made


@functools.lru_cache(maxsize=16)  # of a pure function: a round renders one template thousands of times
def _compiled(text: str) -> Template:
    return environment().from_string(text)


def _messages(prompt: str, system: str, *, system_turn: bool) -> Sequence[dict[str, str]]:
    if not system:
        return [{"role": "user", "content": prompt}]
    if not system_turn:
        return [{"role": "user", "content": f"{system}\n\n{prompt}"}]
    return [{"role": "system", "content": system}, {"role": "user", "content": prompt}]


def _refuse(message: object) -> NoReturn:
    raise SystemTurnRefused(str(message))


def _to_json(value: Any, indent: int | None = None) -> str:  # whatever the template's author passes
    return json.dumps(value, ensure_ascii=False, indent=indent)
