"""Which environment's scores count."""

import pytest

from podium.core.environments import MOST_ENVIRONMENTS, agreed_environment, environment_of, known_with
from podium.core.kinds import Environment

A, B, C = (environment_of((("gpu", name), ("torch", "2"))) for name in "ABC")


def test_an_environment_is_named_by_its_values_whatever_their_order() -> None:
    assert environment_of((("torch", "2"), ("gpu", "A"))) == A
    assert A.name != B.name


def test_long_values_are_cut_and_still_differ() -> None:
    one, other = (environment_of((("build", 1000 * "x" + end),)) for end in "ab")
    assert one.name != other.name
    assert all(len(value) <= 128 for made in (one, other) for _, value in made.values)
    assert environment_of(one.values) == one


@pytest.mark.parametrize(
    ("gpus", "evaluated", "complete", "expected"),
    [
        ("", 3, True, None),
        ("A", 3, False, None),
        ("AA", 3, False, A),
        ("AB", 4, False, None),
        ("AA", 4, False, None),
        ("AA", 4, True, A),
        ("BBA", 4, True, B),
        ("BA", 4, True, A),
        ("CB", 2, True, B),
    ],
    ids=[
        "nothing yet",
        "one of three",
        "two of three",
        "split",
        "half is not most",
        "nobody else comes",
        "most",
        "a tie goes to the first text",
        "another tie",
    ],
)
def test_most_contenders_decide(
    gpus: str, evaluated: int, expected: Environment | None, *, complete: bool
) -> None:
    names = [{"A": A, "B": B, "C": C}[gpu].name for gpu in gpus]
    assert agreed_environment((C, B, A), names, evaluated, complete=complete) == expected


def test_a_round_has_room_for_few_environments() -> None:
    known = tuple(environment_of((("gpu", str(number)),)) for number in range(MOST_ENVIRONMENTS))
    assert known_with(known, known[3]) == known
    assert known_with(known, A) is None
    assert known_with(known[1:], A) == (*known[1:], A)
