"""The most similar earlier model: found, told once, and without consequences."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from podium.core.jobs import Ending, Purpose
from podium.core.kinds import Similar
from podium.core.similarity import nearest, slots_of
from tests.podium.core.objects import a_submission, fetched
from tests.podium.core.worlds import World


def _sketch(*values: int) -> str:
    padded = [*values, *[0xFFFF] * (64 - len(values))]
    return base64.b64encode(b"".join(one.to_bytes(2, "big") for one in padded)).decode()


_BASE = _sketch(*range(64))


@pytest.mark.parametrize(
    ("earlier", "expected"),
    [
        ([], None),
        ([("alice", _BASE)], Similar("alice", 64, 64)),
        ([("alice", _sketch(*range(7)))], None),
        ([("alice", _sketch(*range(9))), ("bob", _sketch(*range(30)))], Similar("bob", 30, 64)),
        ([("alice", _sketch(*range(30))), ("bob", _sketch(*range(30)))], Similar("alice", 30, 64)),
        ([("alice", _sketch())], None),
        ([("alice", "no sketch!"), ("bob", "AAA=")], None),
    ],
    ids=["alone", "equal", "too little", "the most alike", "the first of equals", "empty slots", "garbage"],
)
def test_the_most_alike_is_found(earlier: list[tuple[str, str]], expected: Similar | None) -> None:
    assert nearest(_BASE, [(name, slots_of(sketch)) for name, sketch in earlier]) == expected


def _fetched(name: str, sketch: str) -> Ending:
    ending = fetched(name)
    assert ending.fetched is not None
    return replace(ending, fetched=replace(ending.fetched, sketch=sketch))


def test_a_submission_is_told_of_an_earlier_one_and_takes_part_all_the_same() -> None:
    world = World(scores={"alice": "0.5", "bob": "0.4"})
    world.add(a_submission("alice", 1), a_submission("bob", 2))
    world.script[Purpose.FETCH, "alice"] = [_fetched("alice", _BASE)]
    world.script[Purpose.FETCH, "bob"] = [_fetched("bob", _sketch(*range(40)))]
    world.run_to(190)
    assert world.submission("alice").status.similar is None
    assert world.submission("bob").status.similar == Similar("alice", 40, 40)
    assert [line.submission for line in world.round(100).status.ranking] == ["bob", "alice"]


def test_what_was_told_stays_when_the_other_one_goes() -> None:
    world = World()
    world.add(a_submission("alice", 1), a_submission("bob", 2))
    for name in ("alice", "bob"):
        world.script[Purpose.FETCH, name] = [_fetched(name, _BASE)]
    world.run_to(50)
    world.delete("alice")
    world.run_to(60)
    assert world.submission("bob").status.similar == Similar("alice", 64, 64)
