"""Models of the benchmarks' tests are not kept."""

import tempfile
from collections.abc import Iterator

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def model_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One for all tests of a process."""
    before = tempfile.tempdir
    tempfile.tempdir = str(tmp_path_factory.mktemp("cache"))
    yield
    tempfile.tempdir = before


@pytest.fixture(autouse=True)
def own_threads() -> Iterator[None]:
    """The command sets them for the whole process."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
