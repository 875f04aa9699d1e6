"""A real runtime's metadata, out of the SDK's own source distribution, made to fit the SDK that reads it."""

import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

from bittensor._transport.codec import RuntimeCodec

from tests.chain.scale import compact, from_hex, read_compact, text

__all__ = ["SPEC_VERSION", "runtime_metadata"]

SPEC_VERSION: Final = 475
"""The first that has `SubnetEpochConsensus`, which is spliced in: the metadata in the archive is of 461."""

_VERSION: Final = "11.3.0"
_MEMBER: Final = f"bittensor-{_VERSION}/tests/fixtures/golden.json"
_SHA256: Final = "0d812a16"
"""How the digest of the metadata begins."""


def runtime_metadata(slot_milliseconds: int = 12_000) -> bytes:
    """Metadata (V15) of a subtensor runtime; fetched once and then read from the user's cache.

    Raises:
        RuntimeError: The package index could not be reached, or gave something else.
    """
    cached = _cache() / f"metadata-{_VERSION}.scale"
    if not cached.exists():
        blob = _unwrapped(_golden()["metadata"]["v15_hex"])
        cached.parent.mkdir(parents=True, exist_ok=True)
        partial = cached.with_suffix(f".{os.getpid()}")
        partial.write_bytes(blob)
        partial.replace(cached)
    blob = cached.read_bytes()
    codec = RuntimeCodec(blob, spec_version=SPEC_VERSION, transaction_version=1)
    blob = _with_consensus_mode(blob, codec)
    return blob.replace(_slot(250), _slot(slot_milliseconds))


def _cache() -> Path:
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(root) / "podium-tests"


# Any: JSON of many kinds.
def _golden() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--no-binary", ":all:", "--dest", folder, f"bittensor=={_VERSION}"),
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        archives = list(Path(folder).glob("*.tar.gz"))
        if done.returncode or not archives:
            raise RuntimeError(
                f"the source distribution of bittensor {_VERSION} is needed for the chain's metadata; "
                f"pip could not download it: {done.stderr[-500:]}"
            )
        with tarfile.open(archives[0]) as archive:
            member = archive.extractfile(_MEMBER)
            if member is None:
                raise RuntimeError(f"{archives[0].name} has no {_MEMBER}")
            golden: dict[str, Any] = json.load(member)
            return golden


def _unwrapped(hexadecimal: str) -> bytes:
    """What `Metadata_metadata_at_version` answered, without its Option and length."""
    data = from_hex(hexadecimal)
    length, start = read_compact(data, 1)
    blob = data[start:]
    found = hashlib.sha256(blob).hexdigest()
    if length != len(blob) or not found.startswith(_SHA256):
        raise RuntimeError(f"metadata of SHA-256 {_SHA256}… expected, found {found}")
    return blob


def _with_consensus_mode(blob: bytes, codec: RuntimeCodec) -> bytes:
    """One more storage item of the main pallet: a map from netuid to u8, zero by default."""
    start = _once(blob, text("SubtensorModule") + b"\x01" + text("SubtensorModule"))
    count, after = read_compact(blob, start)
    identity, default, is_map = b"\x06", b"\x01", b"\x01"
    netuid, mode = (int(str(one).split("::")[-1]) for one in ("scale_info::41", codec.type_id_of("u8")))
    entry = text("SubnetEpochConsensus") + default + is_map + compact(1) + identity
    entry += compact(netuid) + compact(mode) + compact(1) + b"\x00" + compact(0)
    return blob[:start] + compact(count + 1) + entry + blob[after:]


def _once(blob: bytes, pattern: bytes) -> int:
    """The position after the only occurrence of a pattern."""
    at = blob.find(pattern)
    if at < 0 or blob.find(pattern, at + 1) >= 0:
        raise RuntimeError("the metadata's layout is not the one that is known")
    return at + len(pattern)


def _slot(milliseconds: int) -> bytes:
    """The constant `Aura.SlotDuration`: name, type of u64, value."""
    u64 = compact(7)
    return text("SlotDuration") + u64 + compact(8) + milliseconds.to_bytes(8, "little")
