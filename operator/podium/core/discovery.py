"""Submissions out of what hotkeys have committed on a chain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from podium.core.kinds import ChainView, Commitment, Competition
from podium.core.names import digest

__all__ = ["Committed", "Discovered", "Found", "discover", "parse_commitment"]

_PLAIN: Final = 4
_SECURE: Final = 5
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
"""As a ModelSubmission takes it: what it would refuse must not be tried with every pass."""

_HASH: Final = re.compile(r"[A-Za-z0-9+/]{43}=")
_PATTERNS: Final = (
    _NAME,
    _NAME,
    re.compile(r"[0-9a-f]{40}"),
    re.compile(r".{1,128}"),
    re.compile(r"[0-9]{1,4}"),
)
_MEANT: Final = (
    "the namespace of a repository",
    "the name of a repository",
    "a commit of 40 hexadecimal digits",
    "a hash",
    "the number of a competition",
)
_SHOWN: Final = 160


@dataclass(frozen=True)
class Committed:
    """What one commitment says.

    Attributes:
        secure_hash: Of the files and the hotkey; None in the former form, whose hash is not bound to one.
    """

    repository: str
    revision: str
    secure_hash: str | None
    competition_id: int


@dataclass(frozen=True)
class Found:
    """A submission that is to be recorded."""

    name: str
    competition: str
    hotkey: str
    block: int
    committed: Committed


@dataclass(frozen=True)
class Discovered:
    """What a pass over all commitments comes to.

    Attributes:
        found: Those that are not recorded yet, by commit block.
        unusable: Hotkey and block of what cannot be a submission, and why.
    """

    found: tuple[Found, ...]
    unusable: Mapping[tuple[str, int], str]


def parse_commitment(value: str) -> Committed | str:
    """What a commitment says, or why it says nothing.

    Five parts: ``namespace:name:commit:hash:competition``. The former form has four, without the
    competition, which is then 0, and with a hash that anybody could copy.
    """
    parts = value.split(":")
    if len(parts) not in {_PLAIN, _SECURE}:
        shown = value[:_SHOWN]
        return f"expected namespace:name:commit:hash:competition, found {len(parts)} parts in {shown!r}"
    for pattern, part, meant in zip(_PATTERNS, parts, _MEANT, strict=False):
        if not pattern.fullmatch(part):
            return f"expected {meant}, found {part[:96]!r}"
    namespace, name, revision, hashed, number = (*parts, "0")[:_SECURE]
    secure = hashed if len(parts) == _SECURE else None
    if secure is not None and not _HASH.fullmatch(secure):
        return f"expected the base64 of 32 bytes as secure hash, found {secure[:96]!r}"
    return Committed(f"{namespace}/{name}", revision, secure, int(number))


def submission_name(target_digest: str, commitment: Commitment) -> str:
    """A name that stands for one commitment of one hotkey at one block."""
    short = re.sub(r"[^a-z0-9]", "", commitment.hotkey.lower())[:12]
    return f"m{short}-{commitment.block}-{digest(target_digest, commitment.hotkey, commitment.value)[:16]}"


def discover(
    target_digest: str,
    view: ChainView,
    commitments: tuple[Commitment, ...],
    competitions: tuple[Competition, ...],
    recorded: frozenset[str],
) -> Discovered:
    """What is not recorded yet.

    Args:
        target_digest: Names the chain and subnet.
        view: Who is registered: the commitments of others cannot take part.
        commitments: As of the view's block.
        competitions: Of the subnet.
        recorded: Names of all ModelSubmissions that exist.
    """
    by_id = {one.competition_id: one.name for one in competitions}
    found: list[Found] = []
    unusable: dict[tuple[str, int], str] = {}
    for one in commitments:
        neuron = view.by_hotkey.get(one.hotkey)
        if neuron is None or neuron.registered_block > one.block:
            continue
        said = parse_commitment(one.value)
        if isinstance(said, str):
            unusable[one.hotkey, one.block] = f"{one.hotkey} at block {one.block}: {said}"
            continue
        competition = by_id.get(said.competition_id)
        if competition is None:
            text = f"no Competition of this Subnet has the id {said.competition_id}"
            unusable[one.hotkey, one.block] = f"{one.hotkey} at block {one.block}: {text}"
            continue
        name = submission_name(target_digest, one)
        if name not in recorded:
            found.append(Found(name, competition, one.hotkey, one.block, said))
    return Discovered(tuple(sorted(found, key=lambda one: (one.block, one.hotkey))), unusable)
