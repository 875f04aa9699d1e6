"""One dataset repository: in a folder, and on a hub."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from podium_evaluator.datasets import parquet
from tests.podium_evaluator.datasets.corpora import Corpus, ServedCorpus, folder_corpus, served


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    return folder_corpus(tmp_path)


@pytest.fixture
def served_corpus(tmp_path: Path) -> Iterator[ServedCorpus]:
    with served(tmp_path) as found:
        yield found


@pytest.fixture(autouse=True)
def trusted_footers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Footers are not tried in other processes first: hundreds of them are read, and ours are sound."""
    monkeypatch.setattr(parquet, "survives", lambda _trial: True)
