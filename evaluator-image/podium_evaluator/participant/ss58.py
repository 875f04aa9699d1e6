"""Addresses of hotkeys: base58 of a prefix, a public key and a checksum."""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["is_address"]

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_LENGTHS: Final = (47, 48)
_KEY_BYTES: Final = 32
_CHECKSUM_BYTES: Final = 2
_CONTEXT: Final = b"SS58PRE"


def is_address(text: str) -> bool:
    """Whether a text is the SS58 address of a 32-byte key with a prefix of one byte.

    A mistyped address gives a secure hash that nobody can commit to. The checksum is the start of the
    BLAKE2b-512 digest of the context, the prefix and the key.
    """
    if len(text) not in _LENGTHS or any(letter not in _ALPHABET for letter in text):
        return False
    number = 0
    for letter in text:
        number = number * len(_ALPHABET) + _ALPHABET.index(letter)
    length = 1 + _KEY_BYTES + _CHECKSUM_BYTES
    if number >= 1 << 8 * length:
        return False
    data = number.to_bytes(length, "big")
    body, checksum = data[:-_CHECKSUM_BYTES], data[-_CHECKSUM_BYTES:]
    return hashlib.blake2b(_CONTEXT + body).digest()[:_CHECKSUM_BYTES] == checksum
