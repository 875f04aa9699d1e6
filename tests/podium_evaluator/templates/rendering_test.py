"""An organiser's text renders in a sandbox; what it cannot do is the organiser's failure."""

import pytest

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.errors import Failure
from podium_evaluator.templates import ChatTemplate


def render(text: str, prompt: str = "hi", system: str = "", *, system_turn: bool = True) -> str:
    return ChatTemplate("Mine", text, system_turn=system_turn).render(prompt, system)


TURNS = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}"


def test_the_conversation_is_at_most_one_system_turn_and_one_user_turn() -> None:
    assert render(TURNS) == "<user>hi"
    assert render(TURNS, system="be brief") == "<system>be brief<user>hi"
    assert render("{{ messages | length }}{{ add_generation_prompt }}") == "1True"


def test_without_a_place_for_a_system_turn_its_text_stands_before_the_users_with_a_blank_line() -> None:
    assert render(TURNS, system="be brief", system_turn=False) == "<user>be brief\n\nhi"
    assert render(TURNS, system_turn=False) == "<user>hi"


def test_a_conversations_text_is_never_read_as_a_template() -> None:
    prompt = "{{ 7 * 7 }}{% if %}{# x #}"

    assert render(TURNS, prompt=prompt) == f"<user>{prompt}"


def test_the_begin_token_is_nothing_and_the_end_token_what_the_tokenizer_says() -> None:
    template = ChatTemplate("Mine", "[{{ bos_token }}|{{ eos_token }}]")

    assert template.render("hi") == "[|]"
    assert template.with_end_token("</s>").render("hi") == "[|</s>]"
    assert template.with_end_token("").render("hi") == "[|]"


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("{% for m in messages %}\n  {% if true %}\nx\n  {% endif %}\n{% endfor %}\n", "x\n"),
        ("{% for i in [1, 2, 3] %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "1"),
        ("{{ {'b': 'é<', 'a': none} | tojson }}", '{"b": "é<", "a": null}'),
        ("{{ [1] | tojson(indent=1) }}", "[\n 1\n]"),
        ("{{ 'tools' if tools }}{{ 'documents' if documents }}{{ nothing_known }}", ""),
        ("{{ strftime_now('%Y') if strftime_now is defined else '26 Jul 2024' }}", "26 Jul 2024"),
        ("{% generation %}\na{% set b = 1 %}{% endgeneration %}{{ b }}c", "ac"),
        ("{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = 1 %}{% endfor %}{{ ns.n }}", "1"),
    ],
)
def test_the_language_is_that_of_transformers_without_its_clock(text: str, rendered: str) -> None:
    assert render(text) == rendered


@pytest.mark.parametrize(
    "text",
    [
        "{% for m in messages %}",
        "{% generation %}",
        "{{ messages | no_such_filter }}",
        "{{ messages[1].content }}",
        "{{ strftime_now('%Y') }}",
        "{{ raise_exception('only tools') }}",
        "{% include 'other' %}",
        "{{ messages.append(1) }}",
        "{{ ''.__class__.__mro__ }}{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ 1 // 0 }}",
        "{{ 'a' + 1 }}",
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for i in range(99999) %}{{ messages[0].content }}{% endfor %}",
        "{{ range(10 ** 9) }}",
    ],
)
def test_a_text_that_does_not_render_is_the_organisers_failure(text: str) -> None:
    with pytest.raises(Failure) as caught:
        render(text)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.REQUEST_INVALID)
    assert "'Mine'" in caught.value.message


def test_a_long_prompt_is_no_runaway() -> None:
    assert render(TURNS, prompt="a" * 10**6) == "<user>" + "a" * 10**6
