"""What goes wrong between Podium and the cluster."""

from __future__ import annotations

__all__ = [
    "AlreadyExistsError",
    "ClusterError",
    "ConflictError",
    "NotFoundError",
    "PodiumError",
    "RefusedError",
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
