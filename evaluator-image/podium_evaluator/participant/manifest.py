"""One Competition out of a YAML file that somebody else wrote: bounded, strict, as JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml
from pydantic import JsonValue
from typing_extensions import override

from podium_evaluator.errors import quoted

__all__ = ["API_VERSION", "KIND", "ManifestError", "read_competition"]

API_VERSION: Final = "podium.dev/v1alpha1"
KIND: Final = "Competition"

_FILE_BYTES: Final = 256 * 1024
_NODES: Final = 100_000
"""Values of all documents, those that aliases repeat counted again: a few lines can stand for billions."""
_DEEPEST: Final = 32
_MERGE: Final = "tag:yaml.org,2002:merge"


class ManifestError(Exception):
    """A file that holds no Competition that can be evaluated: what was expected, found, and where."""


class _Loader(yaml.SafeLoader):
    """Plain values only; what kubectl would refuse or could read otherwise is refused too."""

    @override
    def compose_mapping_node(self, anchor: dict[object, yaml.Node]) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        known: set[str] = set()
        for key, _ in node.value:
            line = key.start_mark.line + 1
            if key.tag == _MERGE:
                # A few of them that merge each other make a mapping of billions of keys.
                raise ManifestError(f"line {line}: merge keys (<<) are not read: write the values out")
            if not isinstance(key, yaml.ScalarNode):
                raise ManifestError(f"line {line}: expected a key that is a text, found a list or mapping")
            if key.value in known:
                raise ManifestError(f"line {line}: key {quoted(key.value)} is there twice")
            known.add(key.value)
        return node


def read_competition(path: Path) -> dict[str, JsonValue]:
    """The file's one document of kind Competition.

    Raises:
        ManifestError: The file cannot be read, is no YAML of plain values, or has not exactly one.
    """
    documents = list(_documents(_text(path)))
    found = [one for one in documents if isinstance(one, dict) and one.get("kind") == KIND]
    if len(found) != 1:
        kinds = ", ".join(quoted(_kind_of(one)) for one in documents[:10]) or "none"
        raise ManifestError(
            f"expected exactly one document of kind {KIND}, found {len(found)} (kinds in the file: {kinds})"
        )
    (competition,) = found
    if (version := competition.get("apiVersion")) != API_VERSION:
        raise ManifestError(f"apiVersion: expected {API_VERSION}, found {quoted(version)}")
    return competition


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_BYTES + 1)
    except OSError as error:
        raise ManifestError(f"the file cannot be read: {error.strerror}") from error
    if len(data) > _FILE_BYTES:
        raise ManifestError(f"the file has more than {_FILE_BYTES} bytes, which no Competition needs")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ManifestError(f"the file is not UTF-8: byte {error.start} is not") from error


def _documents(text: str) -> Iterator[JsonValue]:
    room = [_NODES]
    try:
        for document in yaml.load_all(text, _Loader):
            if document is not None:
                yield _plain(document, "", room, _DEEPEST)
    # Numbers and dates that Python cannot make are no error of the YAML library's.
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise ManifestError(f"the file is not YAML: {' '.join(str(error).split())[:500]}") from error
    except RecursionError as error:
        raise ManifestError("the file is nested too deeply") from error


def _plain(value: object, path: str, room: list[int], deepest: int) -> JsonValue:
    """The value as JSON has it, counted."""
    room[0] -= 1
    if room[0] < 0 or deepest < 0:
        raise ManifestError(f"{path}: more than {_NODES} values, or nested deeper than {_DEEPEST}")
    match value:
        case dict():
            return {
                _key(key, path): _plain(one, f"{path}.{key}".lstrip("."), room, deepest - 1)
                for key, one in value.items()
            }
        case list():
            return [_plain(one, f"{path}[{number}]", room, deepest - 1) for number, one in enumerate(value)]
        case float() if not math.isfinite(value):
            raise ManifestError(f"{path}: expected a number, found {value}")
        case str() | bool() | int() | float() | None:
            return value
        case _:
            raise ManifestError(
                f"{path}: expected a text, number, list or mapping, found {type(value).__name__}"
                f" {quoted(str(value))}: put it in quotes"
            )


def _key(key: object, path: str) -> str:
    if not isinstance(key, str):
        raise ManifestError(f"{path or 'the document'}: expected keys that are texts, found {quoted(key)}")
    return key


def _kind_of(document: JsonValue) -> object:
    return document.get("kind") if isinstance(document, dict) else type(document).__name__
