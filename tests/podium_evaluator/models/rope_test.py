"""Older and newer spellings of rotary embeddings mean the same."""

from typing import Any

import pytest

from podium_evaluator.models.rope import Rope, rotated

_LLAMA3 = {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ({}, {"rope_type": "default", "rope_theta": 10000.0}),
        ({"rope_theta": 500000}, {"rope_type": "default", "rope_theta": 500000.0}),
        (
            {"rope_scaling": {"type": "linear", "factor": 4}},
            {"rope_type": "linear", "factor": 4.0, "rope_theta": 10000.0},
        ),
        (
            {"rope_scaling": _LLAMA3, "rope_theta": 500000.0},
            {**_LLAMA3, "rope_theta": 500000.0, "original_max_position_embeddings": 2048},
        ),
    ],
)
def test_both_spellings_are_one(older: dict[str, Any], newer: dict[str, Any]) -> None:
    rope = Rope()

    assert rope.read(older, 2048) == rope.read({"rope_parameters": newer}, 2048)


def test_two_objects_must_agree() -> None:
    scaling = {"type": "linear", "factor": 2.0}

    assert Rope().read({"rope_scaling": scaling, "rope_parameters": scaling}, 64)["factor"] == 2.0
    with pytest.raises(ValueError, match="differ"):
        Rope().read({"rope_scaling": scaling, "rope_parameters": {"rope_type": "default"}}, 64)


def test_a_share_of_each_head_may_be_turned_where_the_architecture_knows_it() -> None:
    rope = Rope(base_key="rotary_emb_base", share_key="rotary_pct", share=0.25)

    assert rope.read({"rotary_pct": 0.5, "rotary_emb_base": 5000}, 64) == {
        "rope_type": "default",
        "rope_theta": 5000.0,
        "partial_rotary_factor": 0.5,
    }
    with pytest.raises(ValueError, match="partial_rotary_factor"):
        Rope().read({"rope_parameters": {"rope_type": "default", "partial_rotary_factor": 0.5}}, 64)


def test_a_key_that_is_only_written_beside_must_repeat_the_value_in_effect() -> None:
    rope = Rope(base_key="rotary_emb_base", repeats=(("rope_theta", "rope_theta"),))

    assert "rope_theta" in rope.keys
    assert rope.read({"rope_theta": 10_000}, 64) == rope.read({}, 64)
    with pytest.raises(ValueError, match=r"rope_theta is 5 and .* 10000"):
        rope.read({"rope_theta": 5}, 64)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"rotary_emb_base": 1e308}, "rotary_emb_base: a number from 1 to 1e"),
        ({"rope_parameters": {"rope_theta": "x"}}, "rope_theta: a number"),
        ({"rotary_pct": 2.0}, "rotary_pct: a number"),
        ({"rope_scaling": {"type": "linear", "factor": 0.5}}, "factor: a number"),
        ({"rope_scaling": {"type": "yarn", "factor": 2.0, "truncate": 1}}, "truncate: true or false"),
    ],
)
def test_a_value_that_cannot_be_read_is_told_with_its_key(raw: dict[str, Any], told: str) -> None:
    with pytest.raises(ValueError, match=f"^{told}"):
        Rope(base_key="rotary_emb_base", share_key="rotary_pct", share=0.25).read(raw, 64)


def test_a_class_may_know_fewer_scalings() -> None:
    with pytest.raises(ValueError, match="one of default, found 'linear'"):
        Rope(types=("default",)).read({"rope_scaling": {"type": "linear", "factor": 2.0}}, 64)


@pytest.mark.parametrize(("share", "turned"), [(1.0, 16), (0.4, 6), (0.25, 4)])
def test_the_rotated_part_of_a_head_is_whole_pairs(share: float, turned: int) -> None:
    assert rotated({"rope_parameters": {"partial_rotary_factor": share}}, 16) == turned


@pytest.mark.parametrize(("share", "head"), [(0.45, 16), (0.05, 16), (1.0, 15)])
def test_half_pairs_and_none_at_all_cannot_be_turned(share: float, head: int) -> None:
    with pytest.raises(ValueError, match="pairs"):
        rotated({"rope_parameters": {"partial_rotary_factor": share}}, head)
