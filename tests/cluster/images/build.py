"""From a Dockerfile to a digest in the registry."""

import fcntl
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tests.cluster.errors import ClusterError
from tests.cluster.folders import cache_folder
from tests.cluster.images.base import ensure_base
from tests.cluster.images.buildah import buildah
from tests.cluster.images.progress import stage
from tests.cluster.images.wheels import ensure_wheels
from tests.cluster.settings import REGISTRY

_REPOSITORY = Path(__file__).parents[3]

# A folder that exists in every base: buildah would leave an empty one behind for any other.
_WHEELS = "/mnt"

_ANSWER_SECONDS = 5


@dataclass(frozen=True)
class Image:
    """An image of this project: where its Dockerfile, context and requirements are, from the root."""

    dockerfile: str
    context: str
    requirements: tuple[str, ...]


IMAGES: Mapping[str, Image] = MappingProxyType(
    {
        "operator": Image(
            "operator/Dockerfile", ".", ("operator/requirements.txt", "operator/requirements-chain.txt")
        ),
        "evaluator": Image(
            "evaluator-image/Dockerfile", "evaluator-image", ("evaluator-image/requirements.txt",)
        ),
    }
)


def build(name: str, registry: str = REGISTRY) -> str:
    """Build and push an image; what did not change since the last time is neither built nor pushed.

    Returns:
        Its reference by digest, such as ``127.0.0.1:5577/podium/operator@sha256:...``.

    Raises:
        ClusterError: the registry does not answer, or a step failed.
    """
    image = IMAGES[name]
    _expect(registry)
    with _alone():
        # Both wait for downloads, and for different ones.
        with ThreadPoolExecutor() as threads:
            wheels = threads.submit(ensure_wheels, *(_REPOSITORY / one for one in image.requirements))
            base = ensure_base()
        with stage(f"image {name}: build"):
            _bud(image, f"localhost/podium/{name}:latest", base, wheels.result())
        with stage(f"image {name}: push"):
            digest = _push(f"localhost/podium/{name}:latest", f"{registry}/podium/{name}:latest")
    return f"{registry}/podium/{name}@{digest}"


def _bud(image: Image, tag: str, base: str, wheels: Path) -> None:
    buildah(
        "bud",
        "--layers",
        "--isolation=chroot",
        "--pull-never",
        f"--volume={wheels}:{_WHEELS}:ro",
        f"--build-arg=BASE_IMAGE={base}",
        "--build-arg=PIP_NO_INDEX=1",
        f"--build-arg=PIP_FIND_LINKS={_WHEELS}",
        f"--ignorefile={_ignorefile(image)}",
        f"--file={_REPOSITORY / image.dockerfile}",
        f"--tag={tag}",
        _REPOSITORY / image.context,
    )


def _ignorefile(image: Image) -> Path:
    """What docker would find by itself; this buildah looks only at the context's own."""
    beside = _REPOSITORY / f"{image.dockerfile}.dockerignore"
    return beside if beside.exists() else _REPOSITORY / image.context / ".dockerignore"


def _push(tag: str, destination: str) -> str:
    """Push and return the manifest's digest.

    Level 1 of zstd is as small as gzip's default here and takes a fraction of its time.
    """
    with tempfile.NamedTemporaryFile("r") as digest:
        buildah(
            "push",
            "--quiet",
            "--tls-verify=false",
            "--compression-format=zstd",
            "--compression-level=1",
            f"--digestfile={digest.name}",
            tag,
            f"docker://{destination}",
        )
        return Path(digest.name).read_text(encoding="ascii").strip()


def _expect(registry: str) -> None:
    try:
        with urllib.request.urlopen(f"http://{registry}/v2/", timeout=_ANSWER_SECONDS):
            pass
    except (urllib.error.URLError, OSError) as error:
        raise ClusterError(
            f"no image registry answers at {registry} ({error}): start the cluster with "
            "`python -m tests.cluster up`"
        ) from error


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time on a machine: what a killed one left in the storage is nobody else's then."""
    folder = cache_folder() / "images"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        buildah("rm", "--all")
        yield
        buildah("rmi", "--prune")
