"""What a real API server says to objects of the five kinds: every rule, case by case."""

from collections.abc import Iterator

import pytest
from kubernetes import client, config

from podium.api.kinds import KINDS, Kind
from tests.cluster.access import ClusterAccess
from tests.podium.api.cases import CASES
from tests.podium.api.cases.case import Case, changed, valid
from tests.podium.api.objects import DIGEST
from tests.podium.api.server import Server

pytestmark = pytest.mark.cluster

_NAMESPACE = "admission"


@pytest.fixture(scope="module")
def server(control_plane: ClusterAccess) -> Iterator[Server]:
    control_plane.kubectl("create", "namespace", _NAMESPACE)
    with config.new_client_from_config(str(control_plane.kubeconfig)) as connection:
        yield Server(client.CustomObjectsApi(connection), _NAMESPACE)
    control_plane.kubectl("delete", "namespace", _NAMESPACE, "--wait=false")


@pytest.mark.parametrize("case", CASES, ids=Case.sentence)
def test_server(server: Server, case: Case) -> None:
    if case.first is None:
        found = server.refusals_of_creation(case.after())
    else:
        found = server.refusals_of_update(case.before(), case.after(), status=case.status)
    # The server reports everything that is wrong at once, in no particular order.
    assert sorted(field for field, _ in found) == sorted(case.refusals), found
    for field, said in found:
        assert case.refusals[field] in said


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_the_server_fills_in_what_the_models_would(server: Server, kind: Kind) -> None:
    raw = valid(kind.name)
    stored = server.create(raw, dry_run="All")
    sent, kept = kind.model.model_validate(raw), kind.model.model_validate(stored)
    assert kept.stored()["spec"] == sent.stored()["spec"]
    assert _paths(stored["spec"]) == _paths(kept.stored()["spec"])


def test_a_status_is_stored_as_it_was_written(server: Server) -> None:
    written = {"phase": "Ready", "isolation": {"digest": DIGEST}}
    stored = server.create(changed(valid("Competition"), [("metadata/name", "status")]))
    assert server.replace({**stored, "status": written}, status=True)["status"] == written


def test_a_misspelt_field_is_refused_where_the_client_asks_for_it(server: Server) -> None:
    raw = changed(valid("Competition"), [("spec/ranking/epsilom", {})])
    with pytest.raises(client.ApiException, match=r"unknown field .*spec\.ranking\.epsilom"):
        server.create(raw, dry_run="All", field_validation="Strict")


def _paths(value: object, path: str = "") -> set[str]:
    """Paths of everything that says something; an empty list is the same as none."""
    if isinstance(value, dict):
        return {deeper for key, item in value.items() for deeper in _paths(item, f"{path}/{key}")}
    if isinstance(value, list):
        return {deeper for index, item in enumerate(value) for deeper in _paths(item, f"{path}/{index}")}
    return {path}
