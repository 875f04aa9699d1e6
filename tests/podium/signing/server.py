"""The API server of a simulation: it remembers what was signed, and kills who talks to it."""

from __future__ import annotations

import random

from podium.api.translate.weight_update import update_from_stored
from podium.cluster.resources import SUBNETS, WEIGHT_UPDATES, Raw, Resource
from podium.core.kinds import WeightUpdate
from podium.errors import ClusterError
from tests.podium.reconcile.recording import Recording

__all__ = ["SPACE", "Killed", "Server"]

SPACE = "games"
"""The namespace."""


class Killed(BaseException):
    """The process is gone between two instructions."""


class Server(Recording):
    """An API server that forgets nothing that was ever stored as signed bytes, and kills who talks to it.

    Attributes:
        bytes: Signed bytes and the update that they were stored in.
    """

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self.bytes: dict[str, WeightUpdate] = {}
        self.kills = 0.0
        self._rng = rng

    async def replace_status(self, resource: Resource, observed: Raw, status: Raw) -> Raw:
        self._perhaps()
        written = await super().replace_status(resource, observed, status)
        if resource is WEIGHT_UPDATES:
            update = update_from_stored(written)
            self.bytes.update(dict.fromkeys((one.bytes for one in update.status.attempts), update))
        self._perhaps()
        return written

    def _perhaps(self) -> None:
        if self._rng.random() < self.kills:
            if self._rng.random() < 0.5:  # as likely as not
                raise ClusterError("the connection was lost")
            raise Killed

    def edit(self, name: str, **weights: object) -> None:
        """An organiser changes the Subnet's weights settings."""
        raw = self.objects[SUBNETS.plural, SPACE, name]
        spec = {**raw["spec"], "weights": {**raw["spec"]["weights"], **weights}}
        self.hold(SUBNETS, {**raw, "spec": spec})
