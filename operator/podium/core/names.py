"""Names of the objects that Podium creates. A name is a lock, so it is a function of what it locks."""

from __future__ import annotations

import hashlib
from typing import Final

__all__ = ["digest", "evidence_name", "job_name", "nonce", "round_name", "update_name"]

_HEX: Final = 40
"""160 bits of SHA-256: no two names collide, and a prefix still fits a label's 63 characters."""

_NAME_LENGTH: Final = 63


def digest(*parts: str | int) -> str:
    """SHA-256 of the parts in hex; the parts cannot run into each other."""
    return hashlib.sha256("\n".join(f"{len(str(part))}:{part}" for part in parts).encode()).hexdigest()


def job_name(purpose: str, *parts: str | int) -> str:
    """Name of a Job, from the UIDs and the attempt that it stands for."""
    return f"{purpose.lower()}-{digest(purpose, *parts)[:_HEX]}"


def nonce(name: str, *parts: str | int) -> str:
    """What a Job's result must repeat: 32 hex characters."""
    return digest("nonce", name, *parts)[:32]


def round_name(competition: str, block: int) -> str:
    """Name of the round of a competition at a sync block; the competition's is hashed when long."""
    name = f"{competition}-{block}"
    return name if len(name) <= _NAME_LENGTH else f"{digest(competition)[:_HEX]}-{block}"


def evidence_name(round_uid: str, submission_uid: str, evidence_digest: str) -> str:
    """Name of the ConfigMap with the evidence of one contender of one round.

    It names the content too: evidence whose result was lost before it was recorded must not stand
    in for the evidence of the next attempt.
    """
    return f"evidence-{digest(round_uid, submission_uid, evidence_digest)[:_HEX]}"


def update_name(target_digest: str, epoch_start_block: int) -> str:
    """Name of the weight update of a chain target and epoch, whatever Subnet object asks for it."""
    return f"weights-{epoch_start_block}-{digest(target_digest, epoch_start_block)[:_HEX]}"
