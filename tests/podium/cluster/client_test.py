"""The client against a real API server: what it makes of the answers, and that it waits for none forever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from podium.cluster import client as client_module
from podium.cluster.client import Client
from podium.cluster.resources import (
    COMPETITIONS,
    CONFIG_MAPS,
    JOBS,
    MANAGED_BY,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WEIGHT_UPDATES,
    Raw,
    Resource,
)
from podium.cluster.store import Store
from podium.errors import (
    AlreadyExistsError,
    ClusterError,
    ConflictError,
    NotFoundError,
    RefusedError,
)
from podium.manifests import jobs, records
from tests.cluster.access import ClusterAccess
from tests.podium.api.cases.case import ABSENT, changed, valid
from tests.podium.manifests.actions import (
    EVALUATE,
    EVIDENCE,
    FETCH,
    OPEN,
    PREPARE,
    PROBE,
    UPDATE,
    competition,
    round_,
    submission,
)

pytestmark = pytest.mark.cluster


@pytest.fixture
async def client(control_plane: ClusterAccess) -> AsyncIterator[Client]:
    async with await Client.connect(str(control_plane.kubeconfig)) as connected:
        yield connected


def _subnet(name: str = "main") -> Raw:
    return changed(valid("Subnet"), [("metadata/name", name)])


def _config_map(name: str, namespace: str) -> Raw:
    labels = {MANAGED_BY: "podium"}
    head = {"name": name, "namespace": namespace, "labels": labels}
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": head}


async def test_what_the_store_does_not_keep_is_kept_by_the_api_server(client: Client, namespace: str) -> None:
    note = "kubectl.kubernetes.io/last-applied-configuration"
    created = await client.create(
        SUBNETS, namespace, changed(_subnet(), [("metadata/annotations", {note: "{}"})])
    )
    store = Store()
    store.put(SUBNETS, created)
    lean = store.get(SUBNETS, created["metadata"]["uid"])
    assert lean is not None
    written = await client.replace_status(SUBNETS, lean, {"observedGeneration": 1})
    assert written["metadata"]["annotations"] == {note: "{}"}
    assert {one["operation"] for one in written["metadata"]["managedFields"]} == {"Update"}
    assert len(written["metadata"]["managedFields"]) >= len(created["metadata"]["managedFields"])


async def test_what_is_created_is_found(client: Client, namespace: str) -> None:
    created = await client.create(SUBNETS, namespace, _subnet())
    assert await client.get(SUBNETS, namespace, "main") == created
    listed, version = await client.list(SUBNETS, namespace)
    assert [one["metadata"]["uid"] for one in listed] == [created["metadata"]["uid"]]
    assert (listed[0]["kind"], listed[0]["apiVersion"]) == ("Subnet", "podium.dev/v1alpha1")
    assert version >= int(created["metadata"]["resourceVersion"])


async def test_what_is_not_there_is_not_found(client: Client, namespace: str) -> None:
    with pytest.raises(NotFoundError, match="main"):
        await client.get(SUBNETS, namespace, "main")


async def test_a_name_is_taken_once(client: Client, namespace: str) -> None:
    await client.create(SUBNETS, namespace, _subnet())
    with pytest.raises(AlreadyExistsError):
        await client.create(SUBNETS, namespace, _subnet())


async def test_what_breaks_a_rule_is_refused(client: Client, namespace: str) -> None:
    with pytest.raises(RefusedError, match="exactly one of"):
        await client.create(SUBNETS, namespace, changed(_subnet(), [("spec/ledger", ABSENT)]))


async def test_a_status_is_written_over_what_was_observed_only(client: Client, namespace: str) -> None:
    observed = await client.create(SUBNETS, namespace, _subnet())
    written = await client.replace_status(SUBNETS, observed, {"observedGeneration": 1})
    assert written["status"] == {"observedGeneration": 1}
    with pytest.raises(ConflictError):
        await client.replace_status(SUBNETS, observed, {"observedGeneration": 2})


async def test_a_status_of_what_is_gone_is_not_found(client: Client, namespace: str) -> None:
    observed = await client.create(SUBNETS, namespace, _subnet())
    await client.delete(SUBNETS, namespace, "main", observed["metadata"]["uid"])
    with pytest.raises(NotFoundError):
        await client.replace_status(SUBNETS, observed, {"observedGeneration": 1})


async def test_a_status_of_an_object_of_the_same_name_is_a_conflict(client: Client, namespace: str) -> None:
    observed = await client.create(SUBNETS, namespace, _subnet())
    await client.delete(SUBNETS, namespace, "main", observed["metadata"]["uid"])
    await client.create(SUBNETS, namespace, _subnet())
    with pytest.raises(ConflictError):
        await client.replace_status(SUBNETS, observed, {"observedGeneration": 1})


async def test_a_status_that_breaks_a_rule_is_refused(client: Client, namespace: str) -> None:
    observed = await client.create(SUBNETS, namespace, _subnet())
    with pytest.raises(RefusedError):
        await client.replace_status(SUBNETS, observed, {"observedGeneration": -1})


async def test_only_the_object_of_the_uid_is_deleted(client: Client, namespace: str) -> None:
    created = await client.create(SUBNETS, namespace, _subnet())
    await client.delete(SUBNETS, namespace, "main", "another-uid")
    assert await client.get(SUBNETS, namespace, "main") == created
    await client.delete(SUBNETS, namespace, "main", created["metadata"]["uid"])
    with pytest.raises(NotFoundError):
        await client.get(SUBNETS, namespace, "main")
    await client.delete(SUBNETS, namespace, "main", created["metadata"]["uid"])


async def test_a_list_of_many_pages_is_whole(
    client: Client, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_PAGE", 2)
    names = [f"map-{number}" for number in range(5)]
    await asyncio.gather(
        *(client.create(CONFIG_MAPS, namespace, _config_map(name, namespace)) for name in names)
    )
    listed, _ = await client.list(CONFIG_MAPS, namespace)
    assert sorted(one["metadata"]["name"] for one in listed) == names


async def test_a_server_that_does_not_answer_in_time_is_an_error(
    client: Client, namespace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_TIMEOUT", 0.0)
    with pytest.raises(ClusterError, match="Timeout"):
        await client.get(SUBNETS, namespace, "main")


async def test_a_server_that_is_not_there_is_an_error(control_plane: ClusterAccess) -> None:
    async with await Client.connect(str(control_plane.kubeconfig)) as lost:
        lost._api.configuration.host = "https://127.0.0.1:1"
        with pytest.raises(ClusterError):
            await lost.get(SUBNETS, "default", "main")


async def test_the_log_of_a_pod_that_is_gone_is_not_found(client: Client, namespace: str) -> None:
    with pytest.raises(NotFoundError):
        await client.log_tail(namespace, "gone", "evaluator", 20, 1024)


async def _held(client: Client, namespace: str, resource: Resource, kind: str, name: str) -> Raw:
    raw = changed(valid(kind), [("metadata/name", name)])
    return await client.create(resource, namespace, raw)


async def test_the_server_takes_everything_that_the_operator_creates(client: Client, namespace: str) -> None:
    owner = competition()
    shelf = submission(volume={"claimName": "shelf", "path": "models/a"})
    subnet = await _held(client, namespace, SUBNETS, "Subnet", "main")
    made: list[tuple[Resource, Raw]] = [
        (JOBS, jobs.probe_job(owner, PROBE)),
        (JOBS, jobs.fetch_job(owner, shelf, FETCH)),
        (JOBS, jobs.prepare_job(owner, round_(), PREPARE)),
        (JOBS, jobs.evaluate_job(owner, round_(), EVALUATE)),
        (ROUNDS, records.round_object(owner, OPEN)),
        (CONFIG_MAPS, records.evidence_config_map(round_(), EVIDENCE)),
        (WEIGHT_UPDATES, records.weight_update_object(subnet, UPDATE)),
    ]
    for resource, raw in made:
        sent = changed(raw, [("metadata/namespace", namespace)])
        created = await client.create(resource, namespace, sent)
        # Nothing that was sent is unknown to the server: it would have been dropped silently.
        assert _missing(sent.get("spec", {}), created.get("spec", {})) == []


def _missing(sent: object, stored: object, path: str = "spec") -> list[str]:
    """Paths of what was sent and is not stored."""
    if isinstance(sent, dict) and isinstance(stored, dict):
        return [
            found
            for key, value in sent.items()
            for found in (
                _missing(value, stored[key], f"{path}.{key}") if key in stored else _absent(value, path, key)
            )
        ]
    if isinstance(sent, list) and isinstance(stored, list):
        if len(sent) != len(stored):
            return [path]
        pairs = zip(sent, stored, strict=True)
        return [found for one, other in pairs for found in _missing(one, other, f"{path}[]")]
    return []


def _absent(value: object, path: str, key: str) -> list[str]:
    # The server leaves out what is empty or false by default.
    return [f"{path}.{key}"] if value not in (None, False, "", [], {}) else []


@pytest.mark.parametrize(
    ("resource", "kind"),
    [
        (COMPETITIONS, "Competition"),
        (SUBMISSIONS, "ModelSubmission"),
        (ROUNDS, "Round"),
        (WEIGHT_UPDATES, "WeightUpdate"),
    ],
)
async def test_kinds_are_found_under_their_own_paths(
    client: Client, namespace: str, resource: Resource, kind: str
) -> None:
    created = await _held(client, namespace, resource, kind, "case")
    assert (await client.get(resource, namespace, "case"))["metadata"]["uid"] == created["metadata"]["uid"]
