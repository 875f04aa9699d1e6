"""The operator's image, built for real and pushed to a registry of the test's own."""

import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import yaml

from tests.cluster.errors import ClusterError
from tests.cluster.images import build
from tests.cluster.images.buildah import buildah
from tests.cluster.ports import free_port, is_free
from tests.cluster.waiting import wait_for

WARM_SECONDS = 20
"""What a rebuild may take at most when only code changed, let alone nothing."""

LOOK_INSIDE = """
import json, os, podium, podium_evaluator.contract
print(json.dumps({
    "user": os.getuid(),
    "evaluator": sorted(os.listdir("/app/podium_evaluator")),
    "wheels": os.listdir("/mnt"),
    "settings": os.path.exists("/etc/pip.conf"),
}))
"""


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[str]:
    port = free_port()
    configuration = {
        "version": 0.1,
        "log": {"accesslog": {"disabled": True}},
        "storage": {"filesystem": {"rootdirectory": str(tmp_path / "blobs")}},
        "http": {"addr": f"127.0.0.1:{port}"},
    }
    (tmp_path / "registry.yaml").write_text(yaml.safe_dump(configuration))
    with subprocess.Popen(
        ["docker-registry", "serve", tmp_path / "registry.yaml"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        wait_for(lambda: not is_free("127.0.0.1", port), "the registry listens", 10)
        yield f"127.0.0.1:{port}"
        process.terminate()


@pytest.mark.e2e
def test_the_operators_image_is_pushed_by_digest_and_built_once(registry: str) -> None:
    reference = build("operator", registry)
    repository, _, digest = reference.partition("@")
    assert repository == f"{registry}/podium/operator"
    begun = time.monotonic()
    assert build("operator", registry) == reference
    assert time.monotonic() - begun < WARM_SECONDS
    manifest = httpx2.get(
        f"http://{registry}/v2/podium/operator/manifests/{digest}",
        headers={"Accept": "application/vnd.oci.image.manifest.v1+json"},
    )
    layers = manifest.json()["layers"]
    assert {layer["mediaType"] for layer in layers} == {"application/vnd.oci.image.layer.v1.tar+zstd"}


@pytest.mark.e2e
def test_the_operators_image_holds_the_contract_and_nothing_else_of_the_evaluator(registry: str) -> None:
    build("operator", registry)
    container = buildah("from", "--pull-never", "localhost/podium/operator:latest").strip()
    try:
        inside = buildah("run", "--isolation=chroot", container, "--", "python3", "-c", LOOK_INSIDE)
    finally:
        buildah("rm", container)
    assert json.loads(inside) == {
        "user": 65532,
        "evaluator": ["__init__.py", "contract"],
        "wheels": [],
        "settings": False,
    }


def test_without_a_registry_the_error_says_what_to_start() -> None:
    with pytest.raises(ClusterError, match=r"no image registry answers at 127\.0\.0\.1:1 .* up"):
        build("operator", "127.0.0.1:1")
