"""The contenders and datasets as repositories, in the layout that `tests.hub` serves."""

from collections.abc import Mapping
from pathlib import Path

from examples.demo.contenders.corpus import DATASETS
from examples.demo.contenders.workshop import link
from tests.hub import Repositories

OWNER = "demo"
TOKENIZER = "tokenizer"


def write_repositories(models: Mapping[str, Path], base: Path, corpus: Path, target: Path) -> None:
    """Link every model, the datasets and the tokenizer under `target`."""
    for name, model in models.items():
        link(model, target / "models" / OWNER / name)
    link(base / "tokenizer.json", target / "models" / OWNER / TOKENIZER / "tokenizer.json")
    for dataset in sorted((corpus / DATASETS).iterdir()):
        link(dataset, target / "datasets" / OWNER / dataset.name)


def describe_repositories(root: Path) -> list[dict[str, str]]:
    """Name, kind, repository and revision of everything under `root`."""
    return [
        {
            "name": repository.name.partition("/")[2],
            "kind": repository.kind,
            "repository": repository.name,
            "revision": repository.commit,
        }
        for repository in Repositories(root).all()
    ]
