"""Reading evidence back: the end of a round compares the incumbent with its challengers, sample by sample."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from podium.cluster.client import Client
from podium.cluster.evidence import evidence_from_config_map
from podium.cluster.resources import CONFIG_MAPS
from podium.core.evidence import Evidence
from podium.errors import NotFoundError

__all__ = ["read_evidence"]


async def read_evidence(client: Client, namespace: str, names: Sequence[str]) -> Mapping[str, Evidence]:
    """The evidence of these names; what somebody deleted cannot be read, and is said to be so.

    Raises:
        ClusterError: The API server could not be asked; it has to be tried again.
    """
    found = {}
    for name in names:
        try:
            found[name] = evidence_from_config_map(await client.get(CONFIG_MAPS, namespace, name))
        except NotFoundError:
            found[name] = Evidence("", unreadable="there is no such ConfigMap")
    return found
