"""Tiers: a test that names neither `cluster` nor `e2e` is a unit test."""

import pytest

pytest_plugins = ["tests.cluster.fixtures"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not any(item.get_closest_marker(tier) for tier in ("cluster", "e2e")):
            item.add_marker(pytest.mark.unit)
