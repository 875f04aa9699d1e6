"""A competition accepts our templates and those that it lists."""

from typing import Any

import pytest

from podium_evaluator.contract import ChatTemplate, Fault, Reason, Tokenizer
from podium_evaluator.errors import Failure
from podium_evaluator.templates import accepted_templates, recognise

NAMES = ["ChatML", "Llama-2", "Llama-3", "Mistral", "Gemma", "Phi-3", "Zephyr"]
SWAPPED = "{% for m in messages %}({{ m.role }}){{ m.content }}{% endfor %}(model)"


def asked(*templates: tuple[str, str], **changes: Any) -> Tokenizer:
    listed = tuple(ChatTemplate(name=name, text=text) for name, text in templates)
    return Tokenizer(policy="Own", templates=listed, **changes)


def test_ours_are_always_there() -> None:
    assert list(accepted_templates(asked())) == NAMES


def test_an_organisers_template_is_accepted_beside_ours_and_may_be_the_default() -> None:
    accepted = accepted_templates(asked(("Mine", SWAPPED), chat_template="Mine"))

    assert list(accepted) == [*NAMES, "Mine"]
    assert accepted["Mine"].render("hi", "be brief") == "(system)be brief(user)hi(model)"
    assert recognise(SWAPPED.replace("{% for", "{%  for"), accepted) == "Mine"


@pytest.mark.parametrize(
    "text",
    [
        "{{ messages[-1].content }}",
        "{% if messages[0].role == 'system' %}{{ raise_exception('') }}{% endif %}{{ messages[0].content }}",
    ],
)
def test_a_system_turn_that_a_template_drops_or_refuses_goes_before_the_users_text(text: str) -> None:
    accepted = accepted_templates(asked(("Mine", text)))

    assert accepted["Mine"].render("hi", "be brief") == "be brief\n\nhi"


def test_a_listed_text_that_is_one_of_ours_goes_by_our_name() -> None:
    ours = accepted_templates(asked())["Llama-3"]

    accepted = accepted_templates(asked(("Mine", ours.spellings[0])))

    assert recognise(ours.spellings[0], accepted) == "Llama-3"


@pytest.mark.parametrize(
    ("tokenizer", "says"),
    [
        (asked(chat_template="Alpaca"), f"accepted are {', '.join(NAMES)}"),
        (asked(("Mine", SWAPPED), chat_template="mine"), f"accepted are {', '.join([*NAMES, 'Mine'])}"),
        (asked(("ChatML", SWAPPED)), "'ChatML' is there already"),
        (asked(("Mine", SWAPPED), ("Mine", SWAPPED)), "'Mine' is there already"),
        (asked(("Mine", "{% for m in messages %}")), "'Mine' does not render"),
        (asked(("Mine", "{{ prompt }}")), "'Mine' leaves the user's turn out"),
        (asked(("Mine", "{{ messages[0].content }}{{ messages[1].content + 1 }}")), "'Mine' does not render"),
        (
            asked(
                (
                    "Mine",
                    "{% if messages[0].role == 'system' %}{{ 1 // 0 }}{% endif %}{{ messages[0].content }}",
                )
            ),
            "'Mine' does not render: ZeroDivisionError",
        ),
    ],
)
def test_a_mistake_in_the_competition_is_the_organisers_before_anyone_is_evaluated(
    tokenizer: Tokenizer, says: str
) -> None:
    with pytest.raises(Failure) as caught:
        accepted_templates(tokenizer)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.REQUEST_INVALID)
    assert says in caught.value.message
