"""A dataset repository that tests fill, on a hub or in its place a folder, and draws from it."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typing_extensions import override

from podium_evaluator.contract import Method, Task, Window
from podium_evaluator.datasets.base import Drawn, Sample
from podium_evaluator.datasets.draw import draw
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub, HubError, HubProblem
from tests.hub import Hub as Server
from tests.hub import hub_in_thread
from tests.podium_evaluator.tiny import SEED

COMMIT = "c" * 40
REPOSITORY = "org/data"
ANY_TIME = Window()


def anything(_: Sample) -> bool:
    """Every sample fits."""
    return True


@dataclass(frozen=True)
class FolderHub(Hub):
    """Reads the one repository from its folder: quicker than a server where the protocol does not matter."""

    folder: Path = Path()
    parts: list[tuple[str, range]] = field(default_factory=list)

    @property
    def bytes_sent(self) -> int:
        """Of files, so far."""
        return sum(len(part) for _, part in self.parts)

    @override
    def files(self, repository: str, revision: str, kind: str) -> dict[str, int]:
        if (repository, revision) != (REPOSITORY, COMMIT):
            problem = HubProblem.REVISION if repository == REPOSITORY else HubProblem.REPOSITORY
            raise HubError(problem, "status 404")
        paths = (path for path in self.folder.rglob("*") if path.is_file() and path.name != ".hub.json")
        return {path.relative_to(self.folder).as_posix(): path.stat().st_size for path in paths}

    @override
    def download(
        self,
        repository: str,
        revision: str,
        kind: str,
        name: str,
        target: BinaryIO,
        limit: int,
        **_: Any,
    ) -> None:
        target.write((self.folder / name).read_bytes())

    @override
    def read_range(self, repository: str, revision: str, kind: str, name: str, part: range) -> bytes:
        self.parts.append((name, part))
        return (self.folder / name).read_bytes()[part.start : part.stop]


@dataclass
class Corpus:
    """The repository's folder and a client of the hub that has it."""

    folder: Path
    hub: Any

    def write(self, path: str, columns: dict[str, Any] | pa.Table, **options: Any) -> Path:
        """Write a parquet file from columns of values."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(columns if isinstance(columns, pa.Table) else pa.table(columns), target, **options)
        return target

    def draw(
        self,
        kind: str,
        method: Method = Method.REFERENCE_LOSS,
        *,
        seed: str = SEED,
        name: str = "task",
        freshness: str = "None",
        answer_by: str = "Likelihood",
        window: Window = ANY_TIME,
        fits: Callable[[Sample], bool] = anything,
        **dataset: Any,
    ) -> Drawn:
        """The samples of a task on the repository; 20 are wanted and one is enough unless said otherwise."""
        document = {
            "name": name,
            "method": method,
            "freshness": freshness,
            "answer_by": answer_by,
            "dataset": {
                "kind": kind,
                "repository": REPOSITORY,
                "revision": COMMIT,
                "samples": 20,
                "minimum_samples": 1,
                **dataset,
            },
        }
        return draw(Task.model_validate(document), seed, self.hub, window, fits)

    def failure(self, kind: str, method: Method = Method.REFERENCE_LOSS, **changes: Any) -> Failure:
        """How such a draw fails."""
        with pytest.raises(Failure) as caught:
            self.draw(kind, method, **changes)
        return caught.value


@dataclass
class ServedCorpus(Corpus):
    """The same with the server, and the waits that the client would have made."""

    server: Server
    waits: list[float]


def folder_corpus(root: Path) -> Corpus:
    """An empty repository under `root`."""
    folder = root / "datasets" / REPOSITORY
    folder.mkdir(parents=True)
    (folder / ".hub.json").write_text(json.dumps({"commit": COMMIT}), encoding="utf-8")
    return Corpus(folder, FolderHub(None, folder=folder))


@contextmanager
def served(root: Path) -> Iterator[ServedCorpus]:
    """The same, on a hub that speaks the protocol."""
    folder, waits = folder_corpus(root).folder, list[float]()
    with hub_in_thread(root) as server:
        yield ServedCorpus(folder, Hub(server.endpoint, None, waits.append), server, waits)


def messages(prompt: str, answer: str) -> list[dict[str, str]]:
    """A conversation of two turns."""
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": answer}]


def ids(drawn: Drawn) -> list[str]:
    """Ids of the samples, in order."""
    return [sample.id for sample in drawn.samples]
