"""An API server in a dictionary that records every call, and refuses what it is told to."""

from __future__ import annotations

import copy
from collections import Counter

from podium.cluster.resources import Raw, Resource
from podium.errors import AlreadyExistsError, ClusterError, ConflictError, NotFoundError

__all__ = ["Recording"]


class Recording:
    """Takes the place of `podium.cluster.client.Client`.

    Attributes:
        calls: Verb, kind and name of every call but reads.
        lost_at: The number of the call that fails once, and of which nobody learns the outcome.
        reaches: Whether that call was carried out before its answer was lost.
        created: The time that creations get.
    """

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str, str], Raw] = {}
        self.calls: list[tuple[str, str, str]] = []
        self._refusal: tuple[Exception, dict[str, str]] | None = None
        self._version = 100
        self._uids: set[str] = set()
        self._made: Counter[tuple[str, str, str]] = Counter()
        self.lost_at = -1
        self.reaches = True
        self.created = "2026-01-01T00:00:00Z"

    def hold(self, resource: Resource, raw: Raw) -> Raw:
        """An object that is there already."""
        metadata = raw["metadata"]
        self._version += 1
        stored = copy.deepcopy(raw)
        stored["metadata"].setdefault("uid", f"uid-{metadata['name']}")
        stored["metadata"]["resourceVersion"] = str(self._version)
        self._uids.add(stored["metadata"]["uid"])
        stored["metadata"].setdefault("creationTimestamp", self.created)
        self.objects[resource.plural, metadata["namespace"], metadata["name"]] = stored
        return copy.deepcopy(stored)

    def refuse(self, error: Exception, **call: str) -> None:
        """Answers calls that agree with all of `verb`, `kind` and `name` with an error."""
        self._refusal = (error, call)

    def _called(self, verb: str, resource: Resource, name: str) -> None:
        self.calls.append((verb, resource.kind, name))
        if len(self.calls) == self.lost_at and not self.reaches:
            raise ClusterError("the connection was lost before the call arrived")
        call = {"verb": verb, "kind": resource.kind, "name": name}
        if self._refusal is not None and self._refusal[1].items() <= call.items():
            raise self._refusal[0]

    async def get(self, resource: Resource, namespace: str, name: str) -> Raw:
        """One object."""
        found = self.objects.get((resource.plural, namespace, name))
        if found is None:
            raise NotFoundError(name)
        return copy.deepcopy(found)

    async def list(
        self, resource: Resource, namespace: str, selector: str | None = None
    ) -> tuple[list[Raw], int]:
        """Everything in a namespace; not copied, since nothing that was read is ever changed."""
        assert selector is None
        found = [
            raw
            for (plural, place, _), raw in self.objects.items()
            if (plural, place) == (resource.plural, namespace)
        ]
        return found, self._version

    async def create(self, resource: Resource, namespace: str, body: Raw) -> Raw:
        """A new object."""
        name = body["metadata"]["name"]
        self._called("create", resource, name)
        key = (resource.plural, namespace, name)
        if key in self.objects:
            raise AlreadyExistsError(name)
        uid = f"uid-{name}"
        while uid in self._uids:
            self._made[key] += 1
            uid = f"uid-{name}-{self._made[key] + 1}"
        # A status that comes with a creation is dropped, as of every kind with a status subresource.
        new = {part: value for part, value in body.items() if part != "status"}
        new["metadata"] = {**body["metadata"], "uid": uid, "generation": 1}
        return self._answered(self.hold(resource, new))

    async def replace_status(self, resource: Resource, observed: Raw, status: Raw) -> Raw:
        """A new status of the version that was observed."""
        metadata = observed["metadata"]
        self._called("status", resource, metadata["name"])
        current = await self.get(resource, metadata["namespace"], metadata["name"])
        if current["metadata"]["resourceVersion"] != metadata["resourceVersion"]:
            raise ConflictError(metadata["name"])
        if current.get("status") == status:
            return self._answered(current)
        return self._answered(self.hold(resource, {**current, "status": status}))

    def _answered(self, raw: Raw) -> Raw:
        if len(self.calls) == self.lost_at and self.reaches:
            raise ClusterError("the connection was lost before the answer arrived")
        return raw

    async def delete(self, resource: Resource, namespace: str, name: str, uid: str) -> None:
        """Removes the object of this UID, if it is there."""
        self._called("delete", resource, name)
        found = self.objects.get((resource.plural, namespace, name))
        if found is not None and found["metadata"]["uid"] == uid:
            self.remove(resource, namespace, name)

    # --- what users and controllers do, which is not recorded -------------------------------------

    def edit(self, resource: Resource, namespace: str, name: str, spec: Raw) -> None:
        """Another spec: a new generation, unless it says the same."""
        raw = self.objects[resource.plural, namespace, name]
        if raw["spec"] == spec:
            return
        metadata = {**raw["metadata"], "generation": raw["metadata"]["generation"] + 1}
        self.hold(resource, {**raw, "metadata": metadata, "spec": spec})

    def remove(self, resource: Resource, namespace: str, name: str) -> None:
        """Deletes an object."""
        del self.objects[resource.plural, namespace, name]
        self._collect_garbage()

    def _collect_garbage(self) -> None:
        """Deletes everything whose owners are all gone, and what that owned."""
        while True:
            alive = {raw["metadata"]["uid"] for raw in self.objects.values()}
            owners = {
                key: {one["uid"] for one in raw["metadata"].get("ownerReferences", ())}
                for key, raw in self.objects.items()
            }
            orphaned = [key for key, uids in owners.items() if uids and not uids & alive]
            if not orphaned:
                return
            for key in orphaned:
                del self.objects[key]
