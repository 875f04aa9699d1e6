"""What goes wrong between Podium and the cluster or a chain."""

from __future__ import annotations

__all__ = [
    "AlreadyExistsError",
    "ChainError",
    "ChainUnavailableError",
    "ClusterError",
    "ConflictError",
    "ExtrinsicRefusedError",
    "KeyUnusableError",
    "NotFoundError",
    "PodiumError",
    "RefusedError",
    "WrongChainError",
]


class PodiumError(Exception):
    """Base of everything that Podium raises on purpose."""


class ClusterError(PodiumError):
    """The API server did not do what it was asked, and may do it later."""


class NotFoundError(ClusterError):
    """The object is not there, or the one that is there has another UID."""


class AlreadyExistsError(ClusterError):
    """An object of this name is there already."""


class ConflictError(ClusterError):
    """The object changed since it was read."""


class RefusedError(ClusterError):
    """The API server refuses the request whatever the time: it is invalid or forbidden."""


class ChainError(PodiumError):
    """A chain did not do what it was asked."""


class ChainUnavailableError(ChainError):
    """No node answered in time, or not in full; it may later."""


class WrongChainError(ChainError):
    """The node is of another chain than the one that was meant, or that has no such subnet."""


class ExtrinsicRefusedError(ChainError):
    """A node does not take an extrinsic now.

    Attributes:
        reason: One word, as of a condition.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class KeyUnusableError(PodiumError):
    """The signer's key cannot be read, or is not the one that is meant. The message never holds any of it."""
