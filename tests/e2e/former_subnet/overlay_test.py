"""The overlays change what their names say."""

import re
from collections.abc import Iterator, Sequence

import pytest

from tests.e2e.former_subnet.overlay import INSTALLATION, MINIATURE, example, installed, miniature
from tests.e2e.former_subnet.repositories import REPOSITORIES
from tests.examples.former_subnet import COMPETITIONS


@pytest.mark.parametrize("name", COMPETITIONS)
def test_the_installation_is_image_hub_and_volume(name: str) -> None:
    raw = example("competitions", name)
    _assert_allowed(raw, installed(raw, "image", "http://hub"), INSTALLATION)


@pytest.mark.parametrize("name", COMPETITIONS)
def test_the_miniature_is_parameter_bounds_repositories_and_sample_counts(name: str) -> None:
    raw = example("competitions", name)
    _assert_allowed(raw, miniature(raw, REPOSITORIES), MINIATURE)


def _assert_allowed(before: object, after: object, allowed: Sequence[str]) -> None:
    patterns = [re.escape(one).replace(r"\*", "[A-Za-z0-9]+") for one in allowed]
    different = list(_differences("", before, after))
    assert different
    for path in different:
        assert any(re.fullmatch(rf"{pattern}(\..*)?", path) for pattern in patterns), path


def _differences(path: str, before: object, after: object) -> Iterator[str]:
    match before, after:
        case dict(), dict():
            for key in sorted(before.keys() | after.keys()):
                place = f"{path}.{key}".removeprefix(".")
                yield from _differences(place, before.get(key), after.get(key))
        case list(), list() if len(before) == len(after):
            for one, other in zip(before, after, strict=True):
                yield from _differences(path, one, other)
        case _ if before != after:
            yield path
