"""The table has the thirteen rules in use, by the former validator's numbers."""

import pytest

from podium_evaluator.datasets.base import Rule, generator
from podium_evaluator.methods.instruction_following.rules.base import RuleId
from podium_evaluator.methods.instruction_following.table import RULES, obeys, rule_prompt

ARGUMENTS = {
    "WordCountAtMost": (30,),
    "WordCountAtLeast": (30,),
    "SentenceCountAtMost": (2,),
    "SentenceCountAtLeast": (2,),
    "AllUpperCase": (),
    "AllLowerCase": (),
    "NoCommas": (),
    "KeywordInclusion": ("fox",),
    "KeywordFrequency": ("fox", 2),
    "KeywordForbidden": ("fox",),
    "BulletCountFrequency": (2,),
    "EndsWith": ("Goodbye.",),
    "Quotation": (),
}


def test_numbers_are_those_of_the_former_validator() -> None:
    assert [(rule.value, rule.in_samples) for rule in RuleId] == [
        (1, "WordCountAtMost"),
        (2, "WordCountAtLeast"),
        (3, "SentenceCountAtMost"),
        (4, "SentenceCountAtLeast"),
        (5, "AllUpperCase"),
        (6, "AllLowerCase"),
        (7, "NoCommas"),
        (8, "KeywordInclusion"),
        (9, "KeywordFrequency"),
        (10, "KeywordForbidden"),
        (11, "BulletCountFrequency"),
        (12, "StartsWith"),
        (13, "EndsWith"),
        (14, "Quotation"),
    ]


def test_every_rule_but_the_reserved_one_is_in_use() -> None:
    assert set(RULES) == set(RuleId) - {RuleId.STARTS_WITH}
    assert {rule.in_samples for rule in RULES} == set(ARGUMENTS)


@pytest.mark.parametrize("name", ["StartsWith", "Rhymes", ""])
def test_a_reserved_or_unknown_rule_is_refused(name: str) -> None:
    rule = Rule(name, ((), ()))

    with pytest.raises(ValueError, match=f"rule '{name}' is .*: one of WordCountAtMost, .* expected"):
        obeys("text", rule, 0)
    with pytest.raises(ValueError, match=r"reserved|unknown"):
        rule_prompt(rule, 0)


@pytest.mark.parametrize(("name", "arguments"), ARGUMENTS.items())
def test_each_answer_is_asked_and_checked_with_its_own_arguments(
    name: str, arguments: tuple[str | int, ...]
) -> None:
    rule = Rule(name, (arguments, ("damaged", "damaged", "damaged")))

    assert rule_prompt(rule, 0).strip()
    assert obeys("", rule, 0) in {True, False}
    with pytest.raises(ValueError, match=f"{name} takes .*, found .*damaged"):
        rule_prompt(rule, 1)
    with pytest.raises(ValueError, match=f"{name} takes .*, found .*damaged"):
        obeys("", rule, 1)


def test_arguments_are_drawn_from_the_final_ranges() -> None:
    def drawn(rule: RuleId) -> set[tuple[str | int, ...]]:
        source = generator("seed", rule.name)
        pairs = [RULES[rule].draw(source, lambda answer: f"word{answer}") for _ in range(200)]
        assert all(first == second for first, second in pairs)
        return {first for first, _ in pairs}

    assert drawn(RuleId.WORD_COUNT_AT_MOST) == {(25,), (30,), (35,), (40,), (45,)}
    assert drawn(RuleId.WORD_COUNT_AT_LEAST) == {(25,), (30,), (35,), (40,), (45,)}
    assert drawn(RuleId.SENTENCE_COUNT_AT_MOST) == {(1,), (2,), (3,)}
    assert drawn(RuleId.SENTENCE_COUNT_AT_LEAST) == {(2,), (3,)}
    assert drawn(RuleId.BULLET_COUNT_FREQUENCY) == {(1,), (2,), (3,)}
    assert drawn(RuleId.NO_COMMAS) == {()}
