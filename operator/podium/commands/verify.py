"""`podium verify`: a completed round computed anew from what is stored of it, and compared."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from podium.api.translate.round import round_from_stored
from podium.cluster.evidence import evidence_from_config_map
from podium.cluster.resources import Raw
from podium.commands.objects import round_and_evidence
from podium.core.verification import Difference, verify_round
from podium.errors import PodiumError

__all__ = ["differences", "verification"]


async def verification(
    kubeconfig: str | None, namespace: str, target: str, file: Path | None
) -> tuple[Difference, ...]:
    """How the status of `target`, such as ``round/small-720``, differs from what follows from its evidence.

    Raises:
        PodiumError: The target is no round, or it cannot be read.
    """
    kind, _, name = target.rpartition("/")
    if kind not in {"", "round"} or not name:
        raise PodiumError(f"expected round/NAME, found {target!r}")
    round_, held = await round_and_evidence(kubeconfig, namespace, name, file)
    return differences(round_, held)


def differences(round_: Raw, config_maps: Iterable[Raw]) -> tuple[Difference, ...]:
    """How a Round differs from what follows from the ConfigMaps of its evidence.

    Raises:
        PodiumError: The Round does not fit the schema.
    """
    try:
        current = round_from_stored(round_)
    except ValidationError as error:
        raise PodiumError(f"Round {round_['metadata'].get('name')} is malformed: {error}") from error
    return verify_round(
        current, {str(one["metadata"]["name"]): evidence_from_config_map(one) for one in config_maps}
    )
