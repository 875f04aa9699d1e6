"""Objects for commands: from the API server, or from a file that `kubectl get -o yaml` or `-o json` wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from podium.cluster.client import Client
from podium.cluster.resources import CONFIG_MAPS, ROUNDS, Raw, Resource
from podium.errors import NotFoundError, PodiumError

__all__ = ["evidence_maps", "exported", "named", "round_and_evidence"]


def exported(path: Path) -> list[Raw]:
    """The objects of a file, those in lists among them.

    Raises:
        PodiumError: The file cannot be read or holds something else.
    """
    try:
        # JSON is YAML, so one reader reads both; the C reader takes megabytes of evidence in its stride.
        documents = list(
            yaml.load_all(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        )
    except (OSError, yaml.YAMLError) as error:
        raise PodiumError(f"{path}: {error}") from error
    found = list(_flat(documents))
    if not all(isinstance(one, dict) and isinstance(one.get("metadata"), dict) for one in found):
        raise PodiumError(f"{path}: expected Kubernetes objects, as from kubectl get -o yaml")
    return found


def _flat(documents: Iterable[Raw]) -> Iterator[Raw]:
    for one in documents:
        if isinstance(one, dict) and isinstance(one.get("items"), list):
            yield from _flat(one["items"])
        elif one is not None:
            yield one


def named(objects: Iterable[Raw], resource: Resource, namespace: str, name: str) -> Raw:
    """The object of this name.

    Raises:
        NotFoundError: There is none.
    """
    for one in objects:
        metadata = one["metadata"]
        if one.get("kind") == resource.kind and (metadata.get("namespace"), metadata.get("name")) == (
            namespace,
            name,
        ):
            return one
    raise NotFoundError(f"there is no {resource.kind} {name} of namespace {namespace} in the file")


def evidence_maps(objects: Iterable[Raw], round_: Raw) -> list[Raw]:
    """The ConfigMaps among the objects that the results of a round name."""
    names = set(_evidence_names(round_))
    namespace = round_["metadata"].get("namespace")
    return [
        one
        for one in objects
        if one.get("kind") == CONFIG_MAPS.kind
        and one["metadata"].get("namespace") == namespace
        and one["metadata"].get("name") in names
    ]


async def round_and_evidence(
    kubeconfig: str | None, namespace: str, name: str, file: Path | None
) -> tuple[Raw, list[Raw]]:
    """A Round and those ConfigMaps of its evidence that are there.

    Raises:
        NotFoundError: There is no such Round.
        PodiumError: The file or the API server cannot be read.
    """
    if file is not None:
        objects = exported(file)
        round_ = named(objects, ROUNDS, namespace, name)
        return round_, evidence_maps(objects, round_)
    async with await Client.connect(kubeconfig) as client:
        round_ = await client.get(ROUNDS, namespace, name)
        held = await asyncio.gather(*(_find(client, namespace, one) for one in _evidence_names(round_)))
    return round_, [one for one in held if one is not None]


async def _find(client: Client, namespace: str, name: str) -> Raw | None:
    try:
        return await client.get(CONFIG_MAPS, namespace, name)
    except NotFoundError:
        return None


def _evidence_names(round_: Raw) -> list[str]:
    results = (round_.get("status") or {}).get("results") or ()
    return sorted(str(one["evidence"]) for one in results if one.get("evidence"))
