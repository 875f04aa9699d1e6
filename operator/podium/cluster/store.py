"""The operator's view of the cluster in memory: what watches and our own writes have told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from podium.cluster.resources import Raw, Resource

__all__ = ["Store"]

_LAST_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"


class Store:
    """Objects by UID, grouped by what they belong to.

    Events may come late, twice or not at all: an older version never replaces a newer one, an
    object that was deleted never comes back by a late event, and a re-list drops what is gone.
    """

    def __init__(self) -> None:
        self._objects: dict[Resource, dict[str, Raw]] = {}
        self._groups: dict[Resource, dict[tuple[str, str], dict[str, Raw]]] = {}
        self._deleted: dict[Resource, dict[str, int]] = {}

    def put(self, resource: Resource, raw: Raw) -> bool:
        """Takes in a version of an object; says whether it told anything new."""
        uid, version = _identity(raw)
        known = self._objects.setdefault(resource, {}).get(uid)
        buried = self._deleted.get(resource, {}).get(uid, -1)
        if buried >= version or (known is not None and _identity(known)[1] >= version):
            return False
        self._drop(resource, uid)
        lean = _lean(raw)
        self._objects[resource][uid] = lean
        self._groups.setdefault(resource, {}).setdefault(_group(resource, lean), {})[uid] = lean
        return True

    def remove(self, resource: Resource, raw: Raw) -> bool:
        """Takes in the deletion of an object; says whether it was known."""
        uid, version = _identity(raw)
        buried = self._deleted.setdefault(resource, {})
        buried[uid] = max(version, buried.get(uid, -1))
        return self._drop(resource, uid)

    def replace_all(
        self, resource: Resource, namespace: str, listed: Iterable[Raw], version: int
    ) -> list[Raw]:
        """Takes in a fresh list of a namespace; returns the objects that are new, changed or gone.

        Deletions that happened while a watch was broken are never delivered: this finds them.

        Args:
            resource: What was listed.
            namespace: Where.
            listed: All objects there.
            version: The resource version of the list; what is known to be newer stays.
        """
        fresh = {_identity(raw)[0]: raw for raw in listed}
        gone = [
            raw
            for uid, raw in self._objects.get(resource, {}).items()
            if raw["metadata"].get("namespace") == namespace
            and uid not in fresh
            and _identity(raw)[1] <= version
        ]
        for raw in gone:
            self._drop(resource, _identity(raw)[0])
        changed = [raw for raw in fresh.values() if self.put(resource, raw)]
        # A tombstone guards against late events only; a later list is later than they are.
        buried = self._deleted.pop(resource, {})
        later = {uid: deleted for uid, deleted in buried.items() if deleted > version}
        if later:
            self._deleted[resource] = later
        return [*gone, *changed]

    def get(self, resource: Resource, uid: str) -> Raw | None:
        """The object of this UID."""
        return self._objects.get(resource, {}).get(uid)

    def find(self, resource: Resource, namespace: str, name: str) -> Raw | None:
        """The object of this name."""
        for raw in self.all(resource, namespace):
            if raw["metadata"]["name"] == name:
                return raw
        return None

    def group(self, resource: Resource, namespace: str, key: str) -> list[Raw]:
        """The objects that belong to `key`."""
        return list(self._groups.get(resource, {}).get((namespace, key), {}).values())

    def all(self, resource: Resource, namespace: str | None = None) -> Iterator[Raw]:
        """All objects of a namespace, or of all namespaces."""
        for raw in list(self._objects.get(resource, {}).values()):
            if namespace is None or raw["metadata"].get("namespace") == namespace:
                yield raw

    def count(self, resource: Resource) -> int:
        """How many objects are known."""
        return len(self._objects.get(resource, {}))

    def _drop(self, resource: Resource, uid: str) -> bool:
        raw = self._objects.get(resource, {}).pop(uid, None)
        if raw is None:
            return False
        groups, key = self._groups[resource], _group(resource, raw)
        del groups[key][uid]
        if not groups[key]:
            del groups[key]
        return True


def _group(resource: Resource, raw: Raw) -> tuple[str, str]:
    return raw["metadata"].get("namespace", ""), resource.group_by(raw)


def _identity(raw: Raw) -> tuple[str, int]:
    """UID and version. Versions of one object are comparable numbers since Kubernetes 1.35."""
    metadata = raw["metadata"]
    version = str(metadata.get("resourceVersion", "0"))
    return str(metadata["uid"]), int(version) if version.isdigit() else 0


def _lean(raw: Raw) -> Raw:
    """An object without who wrote which of its fields, which is half of it and read by nobody here.

    The API server keeps what a write leaves out of these two.
    """
    metadata = {key: value for key, value in raw["metadata"].items() if key != "managedFields"}
    notes = metadata.get("annotations")
    if notes and _LAST_APPLIED in notes:
        metadata["annotations"] = {key: value for key, value in notes.items() if key != _LAST_APPLIED}
    return {**raw, "metadata": metadata}
