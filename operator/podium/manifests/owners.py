"""Owner references: children go when their owner goes, without finalizers of ours."""

from __future__ import annotations

from podium.api.base import GROUP, VERSION, Metadata

__all__ = ["owner_reference"]


def owner_reference(kind: str, owner: Metadata) -> dict[str, str | bool]:
    """The reference of a controlled child to its owner, one of our kinds."""
    return {
        "apiVersion": f"{GROUP}/{VERSION}",
        "kind": kind,
        "name": owner.name,
        "uid": owner.uid,
        "controller": True,
        "blockOwnerDeletion": False,
    }
