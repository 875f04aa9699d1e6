"""Images of one static program each, made and pushed to the local registry without a builder."""

import hashlib
import http.client
import io
import json
import platform
import tarfile
from pathlib import Path

from tests.cluster.errors import ClusterError

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
_USER = "65532:65532"  # nobody in particular, but not root


def push_program(program: Path, image: str) -> str:
    """Push an image with this one program as its entry point.

    `image` is ADDRESS/NAME:TAG; returned is ADDRESS/NAME@DIGEST. The same program gives the same digest.
    """
    address, _, rest = image.partition("/")
    name, _, tag = rest.rpartition(":")
    layer = _layer(program)
    config = _encoded(
        {
            "architecture": _ARCHITECTURES.get(platform.machine(), platform.machine()),
            "os": "linux",
            "config": {"Entrypoint": [f"/{program.name}"], "User": _USER},
            "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
        }
    )
    manifest = _encoded(
        {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": _descriptor(_CONFIG, config),
            "layers": [_descriptor(_LAYER, layer)],
        }
    )
    for blob in (layer, config):
        _push_blob(address, name, blob)
    _request(address, "PUT", f"/v2/{name}/manifests/{tag}", manifest, _MANIFEST)
    return f"{address}/{name}@{_digest(manifest)}"


def _layer(program: Path) -> bytes:
    archive = io.BytesIO()
    entry = tarfile.TarInfo(program.name)  # owned by root, of 1970: the same bytes every time
    entry.mode = 0o755
    entry.size = program.stat().st_size
    with tarfile.open(fileobj=archive, mode="w") as tar, program.open("rb") as file:
        tar.addfile(entry, file)
    return archive.getvalue()


def _push_blob(address: str, name: str, blob: bytes) -> None:
    location = _request(address, "POST", f"/v2/{name}/blobs/uploads/", b"", "").removeprefix(
        f"http://{address}"
    )
    separator = "&" if "?" in location else "?"
    _request(address, "PUT", f"{location}{separator}digest={_digest(blob)}", blob, "application/octet-stream")


def _request(address: str, method: str, path: str, body: bytes, kind: str) -> str:
    """The Location header of the answer."""
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request(method, path, body, {"Content-Type": kind} if kind else {})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
    finally:
        connection.close()
    if answer.status not in {http.HTTPStatus.CREATED, http.HTTPStatus.ACCEPTED}:
        raise ClusterError(f"the registry at {address} answered {method} {path} with {answer.status}: {text}")
    return answer.getheader("Location", "")


def _descriptor(kind: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": kind, "digest": _digest(blob), "size": len(blob)}


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _encoded(value: dict[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
