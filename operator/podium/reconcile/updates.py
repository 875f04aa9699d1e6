"""Weight updates out of the store, each version parsed once: they are kept for ever, and looked at often."""

from __future__ import annotations

import structlog

from podium.api.translate.weight_update import update_from_stored
from podium.cluster.resources import WEIGHT_UPDATES, Raw
from podium.cluster.store import Store
from podium.core.kinds import WeightUpdate

__all__ = ["Updates"]

_log = structlog.get_logger(__name__)


class Updates:
    """What the store holds, as decisions see it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parsed: dict[str, dict[str, tuple[str, WeightUpdate | None]]] = {}

    def all(self, namespace: str) -> list[WeightUpdate]:
        """All of a namespace that can be read, oldest epoch first."""
        raws = list(self._store.all(WEIGHT_UPDATES, namespace))
        read = [one for one in map(self._one, raws) if one is not None]
        known, there = self._parsed.get(namespace, {}), {raw["metadata"]["uid"] for raw in raws}
        self._parsed[namespace] = {uid: parsed for uid, parsed in known.items() if uid in there}
        return sorted(read, key=lambda one: (one.epoch_start_block, one.name))

    def newest(self, uid: str) -> tuple[Raw, WeightUpdate] | None:
        """The object of this UID and what it says; None when it is gone or cannot be read."""
        raw = self._store.get(WEIGHT_UPDATES, uid)
        update = self._one(raw) if raw is not None else None
        return (raw, update) if raw is not None and update is not None else None

    def _one(self, raw: Raw) -> WeightUpdate | None:
        uid, version = raw["metadata"]["uid"], str(raw["metadata"].get("resourceVersion"))
        parsed = self._parsed.setdefault(raw["metadata"].get("namespace", ""), {})
        known = parsed.get(uid)
        if known is not None and known[0] == version:
            return known[1]
        try:
            update: WeightUpdate | None = update_from_stored(raw)
        except ValueError as error:  # pydantic's ValidationError is one
            name = f"{raw['metadata'].get('namespace')}/{raw['metadata'].get('name')}"
            _log.error("weight update cannot be read", object=name, error=str(error)[:512])
            update = None
        parsed[uid] = (version, update)
        return update
