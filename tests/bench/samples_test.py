"""Samples are the same each time, and models made of them."""

from pathlib import Path

import pytest

from podium_evaluator.sequences import TokenSequence
from tests.bench.gpu import loss_operations
from tests.bench.growth import fit
from tests.bench.models import Recipe, cached_model
from tests.bench.samples import evenly, questions, references, zero_shot_questions
from tests.bench.shapes import LETTERS, Shape


def test_references_have_the_asked_lengths() -> None:
    found = references(50, 500, 40, 128)

    assert found == references(50, 500, 40, 128)
    assert {len(one.ids) for one in found} <= set(range(40, 129))
    assert all(0.05 < len(one.prompt) / len(one.ids) < 0.4 for one in found)
    assert all(len(one.prompt) == 1 for one in references(50, 500, 40, 128, whole=True))


def test_questions_share_a_header_and_letters_are_single_tokens() -> None:
    found = questions(20, 500, 30, letters=True)

    assert len({one.prompt[:30] for one in found}) == 1
    assert {one.options for one in found} == {tuple((letter,) for letter in LETTERS)}
    assert {len(option) for one in questions(20, 500, 30, letters=False) for option in one.options} <= {
        *range(4, 17)
    }


def test_zero_shot_questions_share_nothing_and_show_the_letters() -> None:
    found = zero_shot_questions(20, 500)

    assert len({one.prompt[:3] for one in found}) == 20
    assert all([token for token in one.prompt if token in LETTERS] == list(LETTERS) for one in found)


def test_parts_are_at_equal_distances() -> None:
    assert evenly(10, 4) == [0, 2, 5, 7]
    assert evenly(3, 9) == [0, 1, 2]


def test_a_model_is_made_once(tmp_path: Path) -> None:
    folder = cached_model(Recipe("tiny", "tiny"), tmp_path)
    written = (folder / "model.safetensors").stat().st_mtime_ns

    assert cached_model(Recipe("tiny", "tiny"), tmp_path) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == written
    assert cached_model(Recipe("tiny", "tiny", eloquence=2.0), tmp_path) != folder
    assert {path.name for path in tmp_path.iterdir() if path.suffix} == set()


def test_growth_is_fitted() -> None:
    points = [(10, 4), (20, 2), (40, 1), (10, 1)]
    seconds = [3 * length * count + 0.5 * length**2 * count for length, count in points]

    linear, quadratic, explained = fit(points, seconds)

    assert (linear, quadratic, explained) == pytest.approx((3, 0.5, 1))


def test_operations_are_of_distinct_prefixes_and_scored_tokens() -> None:
    """Two continuations of (1, 2): four tokens are read, pairs are 1 + 2 + 3 + 3, three rows are scored."""
    shape = Shape(hidden=8, layers=1, heads=2, groups=1, intermediate=16)
    asked = [TokenSequence((1, 2, 3, 9), 2), TokenSequence((1, 2, 4, 9), 2)]

    weights = 2 * 8 * 8 + 2 * 8 * 4 * 1 + 3 * 8 * 16
    assert loss_operations(shape, 100, asked) == 2 * weights * 4 + 2 * 8 * 100 * 3 + 4 * 8 * 9
