"""A participant's template is one of ours if it differs in nothing that shows; it is never run."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podium_evaluator.templates import ChatTemplate, normalised, recognise
from podium_evaluator.templates.named import named_templates
from podium_evaluator.templates.recognition import LONGEST_TEXT

NAMED = named_templates()
TEXTS = [(name, text) for name, one in NAMED.items() for text in (one.text, *one.spellings)]
CHAT_ML = NAMED["ChatML"].spellings[1]


@pytest.mark.parametrize(("name", "text"), TEXTS, ids=[f"{name} {at}" for at, (name, _) in enumerate(TEXTS)])
def test_each_spelling_is_recognised_under_one_name(name: str, text: str) -> None:
    assert recognise(text, NAMED) == name
    assert [one for one in NAMED if recognise(text, {one: NAMED[one]})] == [name]


@pytest.mark.parametrize(
    "text",
    [
        CHAT_ML.removesuffix("\n"),
        CHAT_ML.replace("{%", "{%  ").replace("}}", "\n}}"),
        CHAT_ML.replace("{{'", "{{ '"),
        CHAT_ML.replace(r"\n", "\n"),
        CHAT_ML.replace("'", '"'),
        CHAT_ML.replace("\n", "\r\n"),
        CHAT_ML.replace("{% endfor %}", "{# all turns #}{% endfor %}"),
        CHAT_ML.replace("{% endfor %}", "{% endfor %}\n"),
        CHAT_ML.replace("{% endfor %}", "\n  {%- endfor -%}\n  "),
        "  " + CHAT_ML,
        CHAT_ML + "\n",
        CHAT_ML + "\n \n",
        "\n\t" + CHAT_ML,
    ],
)
def test_layout_that_renders_nothing_does_not_matter_nor_space_at_the_ends(text: str) -> None:
    assert recognise(text, NAMED) == "ChatML"


@pytest.mark.parametrize(
    "text",
    [
        "",
        CHAT_ML.replace(r"\n", r"\n\n", 1),
        CHAT_ML.replace(r"\n", "", 1),
        CHAT_ML.replace(r"\n", " ", 1),
        CHAT_ML.replace("<|im_end|>", "<|im_end|> "),
        CHAT_ML.replace("{% endfor %}", " {{ '' }}{% endfor %}"),
        CHAT_ML.replace("{% endfor %}", "{% endfor %} "),
        CHAT_ML.replace("assistant", "Assistant"),
        CHAT_ML + "{{ ''.__class__ }}",
        CHAT_ML + "{% include 'x' %}",
        CHAT_ML + "{",
        CHAT_ML + "{%",
        CHAT_ML + "{{ '",
        CHAT_ML + "\0",
        CHAT_ML.replace("'", "’"),
        "{% raw %}" + CHAT_ML + "{% endraw %}",
    ],
)
def test_anything_that_may_show_is_another_template(text: str) -> None:
    assert recognise(text, NAMED) is None


@pytest.mark.parametrize(
    "published",
    [
        # Qwen2: a system turn of its own.
        (
            "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
            "{{ '<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n' }}{% endif %}"
            "{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}"
            "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
        ),
        # ChatML that never starts the answer.
        (
            "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content']"
            " + '<|im_end|>' + '\n'}}{% endfor %}"
        ),
    ],
)
def test_a_relative_that_renders_something_else_is_not_taken_for_the_named_one(published: str) -> None:
    assert ChatTemplate("published", published).render("hi") != NAMED["ChatML"].render("hi")
    assert recognise(published, NAMED) is None


@pytest.mark.parametrize(
    "text",
    [
        " " * (LONGEST_TEXT + 1),
        CHAT_ML + " " * 2**20,
        "{{" * 2**19,
        "\0" * 2**20,
    ],
)
def test_a_text_longer_than_any_published_one_is_not_looked_at(text: str) -> None:
    assert normalised(text) is None
    assert recognise(text, NAMED) is None


@pytest.mark.parametrize(
    "piece", ["{", "{%", "{{", "'", "{#", "{% raw %}", "{{(", "\\", "{% x %}", "{{'\\", "9"]
)
def test_garbage_of_the_longest_length_is_read_once(piece: str) -> None:
    assert recognise((piece * LONGEST_TEXT)[:LONGEST_TEXT], NAMED) is None


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_white_space_between_the_tokens_of_a_tag_never_matters(
    text: tuple[str, str], data: st.DataObject
) -> None:
    name, template = text
    space = st.text(" \t\n", max_size=3)

    def spaced(tag: re.Match[str]) -> str:
        begin, inside, end = tag.groups()
        return f"{begin} {data.draw(space)}{inside}{data.draw(space)} {end}"

    assert recognise(re.sub(r"(\{[{%]-?)(.*?)(-?[%}]\})", spaced, template), NAMED) == name


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(TEXTS), st.data())
def test_what_is_recognised_after_any_small_change_renders_the_same(
    text: tuple[str, str], data: st.DataObject
) -> None:
    _, template = text
    at = data.draw(st.integers(0, len(template)))
    cut = data.draw(st.integers(0, 2))
    put = data.draw(st.text(" \n\t\r'\"\\{}%-#|+n", max_size=2))
    changed = template[:at] + put + template[at + cut :]

    name = recognise(changed, NAMED)

    if name is not None:
        found = ChatTemplate("changed", changed.strip(), end_token=NAMED[name].end_token)
        assert found.render(" hi\n") == NAMED[name].render(" hi\n")
