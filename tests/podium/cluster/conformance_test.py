"""One suite for two API servers: the real one, and the one in memory that stories are told with.

What a story in memory shows is worth something only if both answer alike.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import cast

import pytest

from podium.cluster.client import Client
from podium.cluster.resources import CONFIG_MAPS, JOBS, ROUNDS, SUBMISSIONS, SUBNETS, WEIGHT_UPDATES, Raw
from podium.errors import AlreadyExistsError, ConflictError, NotFoundError
from podium.manifests import jobs, records
from tests.cluster.access import ClusterAccess
from tests.podium.api.cases.case import changed, valid
from tests.podium.manifests.actions import EVALUATE, EVIDENCE, OPEN, competition, round_
from tests.podium.reconcile.recording import Recording

_SECONDS = 60
"""The garbage collector takes its time."""


@pytest.fixture(params=["memory", pytest.param("real", marks=pytest.mark.cluster)])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[tuple[Client, str]]:
    """A client of each, and a namespace that is empty."""
    if request.param == "memory":
        yield cast("Client", Recording()), "games"
        return
    access: ClusterAccess = request.getfixturevalue("control_plane")
    namespace: str = request.getfixturevalue("namespace")
    async with await Client.connect(str(access.kubeconfig)) as client:
        yield client, namespace


Server = tuple[Client, str]


def _submission(namespace: str, name: str = "alice-1") -> Raw:
    head = {"metadata/name": name, "metadata/namespace": namespace}
    return changed(valid("ModelSubmission"), head.items())


def _status(phase: str) -> Raw:
    return {"phase": phase, "observedGeneration": 1}


async def test_what_is_created_has_an_identity_and_can_be_read(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, _submission(space))
    metadata = created["metadata"]
    assert metadata["uid"]
    assert int(metadata["resourceVersion"]) > 0
    assert metadata["creationTimestamp"].endswith("Z")
    assert metadata["generation"] == 1
    assert await client.get(SUBMISSIONS, space, "alice-1") == created


async def test_a_status_that_comes_with_a_creation_is_dropped(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, {**_submission(space), "status": _status("Ranked")})
    assert "status" not in created


async def test_of_two_creations_under_one_name_the_second_is_told(server: Server) -> None:
    client, space = server
    first = await client.create(SUBMISSIONS, space, _submission(space))
    with pytest.raises(AlreadyExistsError):
        await client.create(SUBMISSIONS, space, _submission(space))
    assert await client.get(SUBMISSIONS, space, "alice-1") == first


async def test_uids_and_versions_are_never_used_twice(server: Server) -> None:
    client, space = server
    first = await client.create(SUBMISSIONS, space, _submission(space))
    await client.delete(SUBMISSIONS, space, "alice-1", first["metadata"]["uid"])
    second = await client.create(SUBMISSIONS, space, _submission(space))
    assert first["metadata"]["uid"] != second["metadata"]["uid"]
    assert int(first["metadata"]["resourceVersion"]) < int(second["metadata"]["resourceVersion"])


async def test_a_status_is_written_and_nothing_else(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, _submission(space))
    meddled = {**created, "spec": {**created["spec"], "competition": "another"}}
    written = await client.replace_status(SUBMISSIONS, meddled, _status("Waiting"))
    assert written["status"] == _status("Waiting")
    assert written["spec"] == created["spec"]
    assert written["metadata"]["generation"] == 1
    assert written["metadata"]["resourceVersion"] != created["metadata"]["resourceVersion"]


async def test_a_status_is_replaced_and_not_merged(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, _submission(space))
    first = await client.replace_status(SUBMISSIONS, created, {**_status("Waiting"), "place": 1})
    second = await client.replace_status(SUBMISSIONS, first, _status("Fetched"))
    assert second["status"] == _status("Fetched")


async def test_a_status_of_an_older_version_is_a_conflict_and_changes_nothing(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, _submission(space))
    written = await client.replace_status(SUBMISSIONS, created, _status("Waiting"))
    with pytest.raises(ConflictError):
        await client.replace_status(SUBMISSIONS, created, _status("Fetched"))
    assert await client.get(SUBMISSIONS, space, "alice-1") == written


async def test_the_same_status_again_is_no_new_version(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, _submission(space))
    first = await client.replace_status(SUBMISSIONS, created, _status("Waiting"))
    again = await client.replace_status(SUBMISSIONS, first, _status("Waiting"))
    assert again["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]


async def test_what_is_gone_has_no_status(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, _submission(space))
    await client.delete(SUBMISSIONS, space, "alice-1", created["metadata"]["uid"])
    with pytest.raises(NotFoundError):
        await client.replace_status(SUBMISSIONS, created, _status("Waiting"))
    with pytest.raises(NotFoundError):
        await client.get(SUBMISSIONS, space, "alice-1")


async def test_a_status_of_a_namesake_is_not_written(server: Server) -> None:
    client, space = server
    first = await client.create(SUBMISSIONS, space, _submission(space))
    await client.delete(SUBMISSIONS, space, "alice-1", first["metadata"]["uid"])
    second = await client.create(SUBMISSIONS, space, _submission(space))
    with pytest.raises(ConflictError):
        await client.replace_status(SUBMISSIONS, first, _status("Waiting"))
    assert await client.get(SUBMISSIONS, space, "alice-1") == second


async def test_a_deletion_is_of_one_uid_and_may_be_repeated(server: Server) -> None:
    client, space = server
    created = await client.create(SUBMISSIONS, space, _submission(space))
    await client.delete(SUBMISSIONS, space, "alice-1", "00000000-0000-0000-0000-000000000000")
    assert await client.get(SUBMISSIONS, space, "alice-1") == created
    for _ in range(2):
        await client.delete(SUBMISSIONS, space, "alice-1", created["metadata"]["uid"])
    assert (await client.list(SUBMISSIONS, space))[0] == []


async def test_an_edited_spec_is_a_new_generation_and_the_status_stays(server: Server) -> None:
    client, space = server
    subnet = changed(valid("Subnet"), {"metadata/name": "main", "metadata/namespace": space}.items())
    created = await client.create(SUBNETS, space, subnet)
    told = await client.replace_status(SUBNETS, created, {"observedGeneration": 1})
    again = await _edited(client, told, told["spec"])
    assert again["metadata"]["generation"] == 1
    edited = await _edited(client, again, {**told["spec"], "schedule": []})
    assert edited["metadata"]["generation"] == 2
    assert edited["metadata"]["resourceVersion"] != told["metadata"]["resourceVersion"]
    assert edited["status"] == {"observedGeneration": 1}
    with pytest.raises(ConflictError):
        await client.replace_status(SUBNETS, told, {"observedGeneration": 2})


async def _edited(client: Client, raw: Raw, spec: Raw) -> Raw:
    """A Subnet after an organiser wrote its spec."""
    metadata = raw["metadata"]
    if isinstance(client, Recording):
        client.edit(SUBNETS, metadata["namespace"], metadata["name"], spec)
    else:
        path = SUBNETS.path(metadata["namespace"], metadata["name"])
        await client._json("PUT", path, body={**raw, "spec": spec})
    return await client.get(SUBNETS, metadata["namespace"], metadata["name"])


async def test_what_a_deleted_object_owned_is_collected_and_what_that_owned(server: Server) -> None:
    client, space = server
    owner = await client.create(SUBMISSIONS, space, _submission(space, "owner"))
    first = await client.create(SUBMISSIONS, space, _owned(space, "first", owner))
    await client.create(SUBMISSIONS, space, _owned(space, "second", first))
    await client.create(SUBMISSIONS, space, _submission(space, "alone"))
    await client.delete(SUBMISSIONS, space, "owner", owner["metadata"]["uid"])
    async with asyncio.timeout(_SECONDS):
        while len(left := (await client.list(SUBMISSIONS, space))[0]) > 1:  # noqa: ASYNC110  # it tells nobody
            await asyncio.sleep(0.1)
    assert [one["metadata"]["name"] for one in left] == ["alone"]


def _owned(namespace: str, name: str, owner: Raw) -> Raw:
    body = _submission(namespace, name)
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"]}
    reference |= {key: owner["metadata"][key] for key in ("name", "uid")}
    return {**body, "metadata": {**body["metadata"], "ownerReferences": [reference]}}


async def test_a_list_is_as_new_as_what_it_contains(server: Server) -> None:
    client, space = server
    made = [await client.create(SUBMISSIONS, space, _submission(space, name)) for name in ("a", "b")]
    listed, version = await client.list(SUBMISSIONS, space)
    assert sorted(one["metadata"]["name"] for one in listed) == ["a", "b"]
    assert version >= max(int(one["metadata"]["resourceVersion"]) for one in made)


async def test_every_kind_of_ours_is_created_and_read(server: Server) -> None:
    client, space = server
    subnet = changed(valid("Subnet"), {"metadata/name": "main", "metadata/namespace": space}.items())
    for resource, body in (
        (SUBNETS, subnet),
        (ROUNDS, records.round_object(competition(), OPEN)),
        (JOBS, jobs.evaluate_job(competition(), round_(), EVALUATE)),
        (CONFIG_MAPS, records.evidence_config_map(round_(), EVIDENCE)),
        (WEIGHT_UPDATES, changed(valid("WeightUpdate"), {"metadata/name": "weights-1"}.items())),
    ):
        # Without its owner, which does not exist: the garbage collector may be quick.
        alone = {key: value for key, value in body["metadata"].items() if key != "ownerReferences"}
        placed = {**body, "metadata": {**alone, "namespace": space}}
        created = await client.create(resource, space, placed)
        found = await client.get(resource, space, created["metadata"]["name"])
        assert found["metadata"]["uid"] == created["metadata"]["uid"]
