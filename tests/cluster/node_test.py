"""What pods of the local cluster can do, and what isolated ones cannot."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster import local_cluster
from tests.cluster.access import ClusterAccess
from tests.cluster.folders import state_folder
from tests.cluster.probe_pods import ProbePods
from tests.cluster.program_image import push_program
from tests.cluster.programs import find_program
from tests.cluster.settings import NODE_ADDRESS, REGISTRY, SERVICE_ADDRESS
from tests.cluster.waiting import wait_for

pytestmark = pytest.mark.e2e

_API_SERVER = (f"{SERVICE_ADDRESS}:443", f"{NODE_ADDRESS}:6443")


@pytest.fixture
def pods(cluster: ClusterAccess) -> Iterator[ProbePods]:
    namespace = f"test-{secrets.token_hex(4)}"
    cluster.kubectl("create", "namespace", namespace)
    account = ("--namespace", namespace, "get", "serviceaccount", "default")
    wait_for(lambda: cluster.kubectl(*account, check=False).returncode == 0, "pods may be created", 30.0)
    yield ProbePods(cluster, namespace)
    cluster.kubectl("delete", "namespace", namespace, "--wait=false")


def test_a_pod_runs_and_its_log_is_read(pods: ProbePods) -> None:
    pods.create("greeting", "say", "hello")
    assert pods.finish("greeting") == "hello\n"


def test_commands_run_in_a_pod(pods: ProbePods) -> None:
    pods.create("waiting", "pause")
    pods.wait("waiting")
    assert pods.kubectl("exec", "waiting", "--", "/probe", "say", "inside") == "inside\n"


def test_a_pod_calls_the_api_server_as_its_service_account(pods: ProbePods) -> None:
    pods.create("caller", "whoami")
    answer = json.loads(pods.finish("caller"))
    assert answer["status"]["userInfo"]["username"].endswith(":default")


def test_a_pod_reaches_the_api_server_and_an_isolated_one_reaches_nothing(pods: ProbePods) -> None:
    pods.create("neighbour", "pause", runtimeClassName="isolated")
    pods.wait("neighbour")
    neighbour = pods.kubectl("get", "pod", "neighbour", "--output=jsonpath={.status.podIP}")
    pods.create("default", "dial", *_API_SERVER)
    targets = (*_API_SERVER, "192.0.2.1:80", f"{neighbour}:80")
    pods.create("isolated", "dial", *targets, runtimeClassName="isolated")
    assert pods.finish("default").splitlines() == [f"{address}: reached" for address in _API_SERVER]
    reasons = [line.partition(": not reached: ")[2] for line in pods.finish("isolated").splitlines()]
    *elsewhere, beside = reasons
    assert len(elsewhere) == 3
    assert all("network is unreachable" in reason for reason in elsewhere)
    # The neighbour's address is in the pod's own network, but no frame arrives there.
    assert "no route to host" in beside or "timeout" in beside


def test_an_image_of_the_local_registry_runs_by_digest(pods: ProbePods) -> None:
    image = push_program(find_program("probe"), f"{REGISTRY}/podium/pushed:1")
    pods.create("by-digest", "say", "pulled", container={"image": image})
    assert pods.finish("by-digest") == "pulled\n"
    status = pods.kubectl(
        "get", "pod", "by-digest", "--output=jsonpath={.status.containerStatuses[0].imageID}"
    )
    # The same image under two names is one to containerd, and it may say either name.
    assert status.partition("@")[2] == image.partition("@")[2]


def test_any_user_writes_to_a_volume_and_the_next_claim_gets_it_empty(pods: ProbePods) -> None:
    _claim(pods, "results")
    volume = {"name": "results", "persistentVolumeClaim": {"claimName": "results"}}
    container = {"volumeMounts": [{"name": "results", "mountPath": "/results"}]}
    pods.create("writer", "write", "/results/file", "text", volumes=[volume], container=container)
    pods.finish("writer")
    name = pods.kubectl("get", "pvc", "results", "--output=jsonpath={.spec.volumeName}")
    folder = Path(pods.kubectl("get", "pv", name, "--output=jsonpath={.spec.hostPath.path}"))
    assert (folder / "file").read_text() == "text"

    pods.kubectl("delete", "pod", "writer", "--grace-period=1")
    pods.kubectl("delete", "pvc", "results")
    pods.kubectl("wait", f"pv/{name}", "--for=jsonpath={.status.phase}=Released", "--timeout=60s")
    local_cluster.up(state_folder())
    pods.kubectl("wait", f"pv/{name}", "--for=jsonpath={.status.phase}=Available", "--timeout=60s")
    assert list(folder.iterdir()) == []


def test_two_pods_get_a_gpu_and_a_third_waits(pods: ProbePods) -> None:
    container = {"resources": {"limits": {"nvidia.com/gpu": "1"}}}
    for name in ("first", "second"):
        pods.create(name, "pause", container=container)
        pods.wait(name)
    pods.create("third", "say", "at last", container=container)
    pods.wait("third", "jsonpath={.status.conditions[?(@.type=='PodScheduled')].reason}=Unschedulable")
    pods.kubectl("delete", "pod", "first", "--grace-period=1")
    assert pods.finish("third") == "at last\n"


def _claim(pods: ProbePods, name: str) -> None:
    claim = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}},
    }
    pods.access.kubectl("--namespace", pods.namespace, "create", "--filename=-", input=json.dumps(claim))
