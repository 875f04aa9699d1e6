"""A repository on the hub double, and a client of it that records waits instead of waiting."""

import hashlib
import io
from pathlib import Path

from podium_evaluator.hub.client import Hub, HubFile
from tests.hub import Hub as Server

REPOSITORY = "alice/tuned"
COMMIT = "c" * 40
WEIGHTS = bytes(range(256)) * 4096
FILE = HubFile(len(WEIGHTS), sha256=hashlib.sha256(WEIGHTS).hexdigest())
ON_WEIGHTS = "models/alice/tuned/model.safetensors"


class Waits(list[float]):
    """Records waits instead of waiting."""


def client(server: Server, waits: Waits | None = None, token: str | None = None) -> Hub:
    return Hub(server.endpoint, token, (Waits() if waits is None else waits).append)


def download(
    server: Server, name: str = "model.safetensors", limit: int = 2**30, token: str | None = None
) -> bytes:
    target = io.BytesIO()
    client(server, token=token).download(REPOSITORY, COMMIT, "model", name, target, limit)
    return target.getvalue()


def take_up(server: Server, held: bytes, file: HubFile | None = FILE, waits: Waits | None = None) -> bytes:
    target = io.BytesIO(held)
    hub = client(server, waits)
    hub.download(REPOSITORY, COMMIT, "model", "model.safetensors", target, 2**30, file=file)
    return target.getvalue()


def downloads(server: Server) -> int:
    return sum(path.startswith("/content/") for _, path in server.requests)


def restrict(server_root: Path, access: str) -> None:
    sidecar = server_root / "models" / REPOSITORY / ".hub.json"
    sidecar.write_text(f'{{"commit": "{COMMIT}", "access": "{access}"}}', encoding="utf-8")
