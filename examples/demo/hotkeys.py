"""Hotkeys for made-up participants."""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["hotkey_of"]

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SUBSTRATE: Final = bytes([42])
"""The generic SS58 prefix."""


def hotkey_of(name: str) -> str:
    """The SS58 address of a public key that nobody has the secret of: the hash of a name.

    Source: https://docs.substrate.io/reference/address-formats/
    """
    payload = _SUBSTRATE + hashlib.sha256(name.encode()).digest()
    checksum = hashlib.blake2b(b"SS58PRE" + payload).digest()[:2]
    number = int.from_bytes(payload + checksum, "big")
    digits = ""
    while number:
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return digits
