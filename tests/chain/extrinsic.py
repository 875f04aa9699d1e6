"""Extrinsics as a node takes them apart: signature, era, nonce, call."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bittensor_core as core
from bittensor._transport.codec import RuntimeCodec

from tests.chain.scale import from_hex, read_compact, to_hex

__all__ = ["Extrinsic", "hash_of", "parse"]

_SIGNED_V4 = 0x84
_HASHED_ABOVE = 256
"""Payloads longer than this are signed by their hash."""


def hash_of(data: bytes) -> str:
    """Hash of an extrinsic or a header."""
    return to_hex(hashlib.blake2b(data, digest_size=32).digest())


@dataclass(frozen=True)
class Extrinsic:
    """One signed call.

    Attributes:
        birth: First block that may include it.
        death: First block that may not; None for an immortal one.
        arguments: Of the call, by name. Any: as their types in the metadata say.
    """

    raw: bytes
    signer: str
    nonce: int
    birth: int
    death: int | None
    signature_valid: bool
    pallet: str
    function: str
    arguments: dict[str, Any]

    @property
    def hash(self) -> str:
        """Hash of the bytes."""
        return hash_of(self.raw)

    def alive(self, block: int) -> bool:
        """Whether a block of this number may include it."""
        return self.birth <= block and (self.death is None or block < self.death)


def parse(
    raw: bytes, codec: RuntimeCodec, head: int, genesis: str, block_hash: Callable[[int], str | None]
) -> Extrinsic:
    """Takes bytes apart.

    Args:
        raw: Length, version, address, signature, extensions, call.
        codec: Of the runtime.
        head: Number of the best block, from which an era's birth is counted.
        genesis: Hash of block 0.
        block_hash: Hash of a block, None where there is none.

    Raises:
        ValueError: They are no signed extrinsic.
    """
    length, at = read_compact(raw, 0)
    if length != len(raw) - at or raw[at] != _SIGNED_V4 or raw[at + 1] != 0:
        raise ValueError("expected a signed extrinsic of version 4 with its length in front")
    public, scheme, signature = raw[at + 2 : at + 34], raw[at + 34], raw[at + 35 : at + 99]
    extensions = at = at + 99
    era, nonce, at = _read_extensions(raw, at)
    checks_metadata = "CheckMetadataHash" in codec.signed_extension_identifiers()
    at += checks_metadata
    birth, death = _era(era, head)
    payload = raw[at:] + raw[extensions:at]
    payload += codec.spec_version.to_bytes(4, "little") + codec.transaction_version.to_bytes(4, "little")
    payload += from_hex(genesis) + from_hex(block_hash(birth) or genesis) + b"\x00" * checks_metadata
    signer = core.ss58_encode(public, 42)
    call = codec.decode_call(raw[at:])
    return Extrinsic(
        raw=raw,
        signer=signer,
        nonce=nonce,
        birth=birth,
        death=death,
        signature_valid=bool(core.verify(_hashed(payload), signature, signer, scheme)),
        pallet=call["call_module"],
        function=call["call_function"],
        arguments={one["name"]: one["value"] for one in call["call_args"]},
    )


def _read_extensions(raw: bytes, at: int) -> tuple[int | None, int, int]:
    """The era, None where it never ends, the nonce, and where the next one begins."""
    era = None if raw[at] == 0 else int.from_bytes(raw[at : at + 2], "little")
    nonce, at = read_compact(raw, at + (1 if era is None else 2))
    _, at = read_compact(raw, at)  # the tip
    return era, nonce, at


def _hashed(payload: bytes) -> bytes:
    """What is signed: a long payload's hash stands for it."""
    return hashlib.blake2b(payload, digest_size=32).digest() if len(payload) > _HASHED_ABOVE else payload


def _era(era: int | None, head: int) -> tuple[int, int | None]:
    """First block, and first block too late. Source: `sp_runtime::generic::Era`."""
    if era is None:
        return 0, None
    period = 2 << (era % 16)
    phase = (era >> 4) * max(1, period >> 12)
    birth = (max(head, phase) - phase) // period * period + phase
    return birth, birth + period
