"""A hub in trouble is asked again as it wishes, but neither often nor for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.hub.patience import Patience, asked_wait


def waits(asked: list[float | None]) -> list[float]:
    patience, found = Patience(), []
    for one in asked:
        left = patience.after_failure(one)
        if left is None:
            break
        wait, patience = left
        found.append(wait)
    return found


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ([None] * 9, [1, 2, 4]),
        ([3.0, 3.0], [3, 3]),
        ([0.0] * 3, [1, 1, 1]),
        ([None, None, None, 7.0, None], [1, 2, 4, 8]),
        ([1e9] * 9, [60] * 5),
        ([59.0] * 9, [59] * 5),
    ],
)
def test_waits_follow_advice_and_grow_without_it(asked: list[float | None], expected: list[float]) -> None:
    assert waits(asked) == expected


def test_progress_gives_new_tries() -> None:
    exhausted = Patience(failures=3, waited=7.0)

    assert exhausted.after_failure(None) is None
    assert exhausted.after_progress().after_failure(None) == (1.0, Patience(1, 8.0))


@given(st.lists(st.none() | st.floats(0, 1e12), max_size=80))
def test_every_wait_and_all_of_them_are_bounded(asked: list[float | None]) -> None:
    found = waits(asked)

    assert sum(found) <= 300
    assert all(1 <= wait <= 60 for wait in found)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 120 "}, 120.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-3"}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:27:00 GMT", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 0.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:30 -0000", "Date": "Wed, 21 Oct 2026 07:28:00 GMT"}, 30.0),
        ({"RateLimit": '"api";r=0;t=55'}, 55.0),
        ({"RateLimit": '"api";r=12;t=55'}, None),
        ({"Retry-After": "5", "RateLimit": '"api";r=0;t=55'}, 5.0),
    ],
)
def test_an_answer_may_ask_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert asked_wait(headers) == seconds
