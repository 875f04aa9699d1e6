"""Tiers: a test that names neither `cluster` nor `e2e` is a unit test."""

import pytest
from hypothesis import settings

pytest_plugins = ["tests.cluster.fixtures"]

# A busy machine is slow, not wrong: the timeout of a test bounds it, not one of each example.
settings.register_profile("podium", max_examples=50, deadline=None)
settings.load_profile("podium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not any(item.get_closest_marker(tier) for tier in ("cluster", "e2e")):
            item.add_marker(pytest.mark.unit)
