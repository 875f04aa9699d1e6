"""Commitments become submissions, once each; what is no commitment is said and becomes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium.core.discovery import Committed, discover, parse_commitment
from podium.core.kinds import ChainView, Commitment, Neuron
from tests.podium.core.objects import GENESIS, a_competition

_REVISION = 40 * "a"
_HASH = 43 * "b" + "="
_GOOD = f"org:model:{_REVISION}:{_HASH}:1"


def test_five_parts_are_a_model_and_its_competition() -> None:
    assert parse_commitment(_GOOD) == Committed("org/model", _REVISION, _HASH, 1)


def test_four_parts_are_of_competition_0_and_have_no_hash_that_is_bound_to_a_hotkey() -> None:
    assert parse_commitment(f"org:model:{_REVISION}:{64 * '0'}") == Committed("org/model", _REVISION, None, 0)


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("", "1 parts"),
        ("a:b:c", "3 parts"),
        (f"{_GOOD}:more", "6 parts"),
        (f"../..:model:{_REVISION}:{_HASH}:1", "namespace of a repository"),
        (f"org::{_REVISION}:{_HASH}:1", "name of a repository"),
        (f"org:model:main:{_HASH}:1", "40 hexadecimal digits"),
        (f"org:model:{_REVISION}:short:1", "secure hash"),
        (f"org:model:{_REVISION}:{_HASH}:one", "number of a competition"),
        (f"org:model:{_REVISION}:{_HASH}:-1", "number of a competition"),
        (f"org:model:{_REVISION}:{_HASH}:٣", "number of a competition"),
    ],
)
def test_what_is_no_commitment_says_what_was_expected(value: str, problem: str) -> None:
    said = parse_commitment(value)
    assert isinstance(said, str)
    assert problem in said


@given(st.text(max_size=200))
def test_any_text_is_a_commitment_or_a_short_sentence(value: str) -> None:
    said = parse_commitment(value)
    assert isinstance(said, Committed) or len(said) < 600


_VIEW = ChainView(50, "0x", GENESIS, 0, (Neuron(0, "alice", 1), Neuron(1, "bob", 45)))
_ONE = Commitment("alice", 40, _GOOD)
_COMPETITIONS = (a_competition(),)


def test_a_commitment_is_recorded_once() -> None:
    first = discover("target", _VIEW, (_ONE,), _COMPETITIONS, frozenset())
    assert [(one.hotkey, one.block, one.competition) for one in first.found] == [("alice", 40, "small")]
    again = discover("target", _VIEW, (_ONE,), _COMPETITIONS, frozenset(one.name for one in first.found))
    assert again.found == ()


def test_another_commitment_of_a_hotkey_is_another_submission() -> None:
    later = replace(_ONE, block=44, value=_GOOD.replace("model", "better"))
    names = {
        found.name
        for one in (_ONE, later)
        for found in discover("target", _VIEW, (one,), _COMPETITIONS, frozenset()).found
    }
    assert len(names) == 2
    assert all(len(name) <= 63 and "." not in name for name in names)


@pytest.mark.parametrize("hotkey", ["bob", "nobody"])
def test_who_is_not_registered_since_before_the_commitment_has_none(hotkey: str) -> None:
    found = discover("target", _VIEW, (replace(_ONE, hotkey=hotkey),), _COMPETITIONS, frozenset())
    assert (found.found, found.unusable) == ((), {})


@pytest.mark.parametrize("value", ["garbage", _GOOD[:-1] + "9"])
def test_what_cannot_be_used_is_told_with_its_hotkey(value: str) -> None:
    found = discover("target", _VIEW, (replace(_ONE, value=value),), _COMPETITIONS, frozenset())
    assert found.found == ()
    assert "alice at block 40" in found.unusable["alice", 40]
