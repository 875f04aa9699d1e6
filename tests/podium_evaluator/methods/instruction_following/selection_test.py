"""A sample's rules are drawn from its set, fit together, and share no keyword."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.datasets.base import Rule, generator
from podium_evaluator.methods.instruction_following.compatibility import INCOMPATIBLE
from podium_evaluator.methods.instruction_following.rules.base import RuleId
from podium_evaluator.methods.instruction_following.rules.edges import CLOSING_SENTENCES
from podium_evaluator.methods.instruction_following.selection import (
    RULE_COUNTS,
    RULE_SETS,
    RuleSet,
    draw_rules,
)

BY_NAME = {rule.in_samples: rule for rule in RuleId}

# Few, so that keywords would meet if nothing kept them apart.
WORDS = ("Please", "fox", "FOX", "river", "Tree", "cloud", "stone", "bird", "wind")


def drawn(seed: str, rules: RuleSet) -> tuple[Rule, ...]:
    source = generator(seed, rules)

    def keyword(taken: frozenset[str], _answer: int) -> str:
        return source.choice([word for word in WORDS if word.lower() not in taken])

    return draw_rules(rules, source, keyword)


def keywords(rule: Rule) -> set[str]:
    return {str(one[0]).lower() for one in rule.arguments if rule.name.startswith("Keyword")}


def test_the_first_set_has_seven_rules_and_the_second_six_more() -> None:
    assert [int(rule) for rule in RULE_SETS["V1"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [int(rule) for rule in RULE_SETS["V2"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14]
    assert RULE_COUNTS == {"V1": (1, 4), "V2": (2, 5)}


@given(st.text(), st.sampled_from(["V1", "V2"]))
def test_whatever_the_seed_incompatible_rules_never_meet(seed: str, rules: RuleSet) -> None:
    ids = [BY_NAME[rule.name] for rule in drawn(seed, rules)]

    assert not {frozenset(pair) for pair in combinations(ids, 2)} & INCOMPATIBLE
    assert len(set(ids)) == len(ids)


@given(st.text(), st.sampled_from(["V1", "V2"]))
def test_there_are_as_many_as_the_set_asks_for(seed: str, rules: RuleSet) -> None:
    fewest, most = RULE_COUNTS[rules]

    assert fewest <= len(drawn(seed, rules)) <= most


@given(st.text(), st.sampled_from(["V1", "V2"]))
def test_all_are_of_the_set_and_none_is_the_reserved_one(seed: str, rules: RuleSet) -> None:
    ids = {BY_NAME[rule.name] for rule in drawn(seed, rules)}

    assert ids <= set(RULE_SETS[rules])
    assert RuleId.STARTS_WITH not in ids


@given(st.text())
def test_no_keyword_serves_two_rules_of_a_sample(seed: str) -> None:
    for first, second in combinations(drawn(seed, "V2"), 2):
        assert not keywords(first) & keywords(second)


@given(st.text())
def test_no_keyword_is_a_word_of_a_closing_sentence(seed: str) -> None:
    closing = " ".join(CLOSING_SENTENCES).lower().replace(".", "").split()

    assert all(not keywords(rule) & set(closing) for rule in drawn(seed, "V2"))


@given(st.text())
def test_the_same_generator_draws_the_same_rules(seed: str) -> None:
    assert drawn(seed, "V2") == drawn(seed, "V2")


def test_every_rule_and_every_number_of_rules_comes_up() -> None:
    for rules in ("V1", "V2"):
        samples = [drawn(str(seed), rules) for seed in range(300)]

        assert {BY_NAME[rule.name] for sample in samples for rule in sample} == set(RULE_SETS[rules])
        fewest, most = RULE_COUNTS[rules]
        assert {len(sample) for sample in samples} >= set(range(fewest, most))
