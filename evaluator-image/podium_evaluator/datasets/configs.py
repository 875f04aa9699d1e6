"""Configs of a dataset repository: which files belong together, by its card or by its folders."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import yaml
from typing_extensions import override

from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.datasets.corpus import Corpus
from podium_evaluator.datasets.paths import matching
from podium_evaluator.errors import Failure, quoted

__all__ = ["card_configs", "folder_configs", "read_configs"]

_CARD: Final = "README.md"
_CARD_BYTES: Final = 4 * 1024 * 1024
_CONFIGS_CHARACTERS: Final = 512 * 1024
"""A config takes about a hundred."""
_DEFAULT: Final = "default"
_TRAIN: Final = "train"
_TEXT: Final = "tag:yaml.org,2002:str"


class _Loader(yaml.SafeLoader):
    """YAML whose plain values are all texts: the configs ``no`` and ``2025-03-06`` are named so.

    There are no aliases, which could make a small text an enormous document.
    """

    @override
    def compose_node(self, parent: Any, index: Any) -> Any:  # PyYAML's own types
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias")
        node = super().compose_node(parent, index)
        if isinstance(node, yaml.ScalarNode):
            node.tag = _TEXT
        return node


def read_configs(corpus: Corpus) -> dict[str, tuple[str, ...]]:
    """The parquet files of each config, by name.

    Configs are those that the card's head lists, else the folders with parquet files. A config named
    "default" counts only where it is the only one: otherwise it repeats the others.

    Raises:
        HubError: The card cannot be had.
        DatasetError: Its head is malformed, or no config has a parquet file.
    """
    paths = corpus.parquet_files()
    configs = card_configs(_card(corpus), paths) or folder_configs(paths)
    filled = {name: files for name, files in sorted(configs.items()) if files}
    if len(filled) > 1:
        filled.pop(_DEFAULT, None)
    if not filled:
        raise DatasetError("no config of its card has a parquet file")
    return filled


def card_configs(card: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The files of the configs in a card's head; of a config that has a split "train", only that one.

    Raises:
        DatasetError: The head is no YAML of the form that the hub publishes.
    """
    text = _configs_block(card)
    if len(text) > _CONFIGS_CHARACTERS:
        raise DatasetError(f"{_CARD}: its configs have {len(text)} characters, at most {_CONFIGS_CHARACTERS}")
    try:
        # The loader is PyYAML's safe one, less its aliases.
        document = yaml.load(text, _Loader)  # noqa: S506
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DatasetError(f"{_CARD}: its head is no plain YAML: {quoted(str(error), 200)}") from error
    match document:
        case None | {"configs": ""}:
            return {}
        case {"configs": list(entries)}:
            return dict(_config(entry, paths) for entry in entries)
        case _:
            raise _malformed(document)


def folder_configs(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The files of each folder."""
    found: dict[str, list[str]] = {}
    for path in paths:
        found.setdefault(path.rpartition("/")[0] or _DEFAULT, []).append(path)
    return {name: tuple(files) for name, files in found.items()}


def _card(corpus: Corpus) -> str:
    if not corpus.sizes.get(_CARD):
        return ""
    target = io.BytesIO()
    try:
        corpus.hub.download(corpus.dataset.repository, corpus.commit, "dataset", _CARD, target, _CARD_BYTES)
    except Failure as failure:
        raise DatasetError(failure.message) from failure
    return target.getvalue().decode(errors="replace")


def _configs_block(card: str) -> str:
    """The lines of the head's key `configs`: the rest of it may be long, and is not ours."""
    lines = card.splitlines()
    if not lines or lines[0].strip() != "---":
        return ""
    found: list[str] = []
    for line in lines[1:]:
        if line.strip() == "---":
            break
        starts_key = line[:1] not in {"", " ", "\t", "-", "#"}
        if line.startswith("configs:") or (found and not starts_key):
            found.append(line)
        elif found:
            break
    return "\n".join(found)


def _config(entry: object, paths: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    match entry:
        case {"config_name": str(name)}:
            described = cast("Mapping[str, object]", entry)
        case _:
            raise _malformed(entry)
    folder = described.get("data_dir")
    prefix = f"{_plain(folder)}/" if isinstance(folder, str) and _plain(folder) else ""
    splits = list(_splits(described.get("data_files", "**")))
    trained = [one for one in splits if one[0] == _TRAIN] or splits
    named: set[str] = set()
    for _, pattern in trained:
        whole = f"{prefix}{_plain(pattern)}"
        named.update(matching(paths, whole))
        named.update(path for path in paths if path.startswith(f"{whole}/"))
    return name, tuple(path for path in paths if path in named)


def _splits(data_files: object) -> Iterator[tuple[str, str]]:
    """Split and glob of everything that the key `data_files` of a config may hold."""
    match data_files:
        case str(pattern):
            yield "", pattern
        case {"split": str(split), "path": str(pattern)}:
            yield split, pattern
        case {"split": str(split), "path": list(patterns)} if all(isinstance(one, str) for one in patterns):
            yield from ((split, pattern) for pattern in patterns)
        case list(entries):
            for entry in entries:
                if isinstance(entry, list):
                    raise _malformed(data_files)
                yield from _splits(entry)
        case _:
            raise _malformed(data_files)


def _plain(path: str) -> str:
    return path.removeprefix("./").strip("/")


def _malformed(value: object) -> DatasetError:
    return DatasetError(f"{_CARD}: configs with names and data_files expected, found {quoted(value, 120)}")
