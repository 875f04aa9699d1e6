"""The place of a submission among those that wait for their first evaluation; computed, never stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from pydantic import ValidationError

from podium.api.translate.competition import competition_from_stored
from podium.api.translate.round import round_from_stored
from podium.api.translate.submission import submission_from_stored
from podium.api.translate.subnet import subnet_from_stored
from podium.cluster.resources import Raw
from podium.core.intake import take_in
from podium.core.memo import Memo
from podium.core.world import CompetitionWorld

__all__ = ["QueuePlace", "place_in_queue", "world_of"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class QueuePlace:
    """Where a submission waits.

    Attributes:
        position: From 1, in the order of commitment.
        length: How many wait.
    """

    position: int
    length: int


def place_in_queue(world: CompetitionWorld, name: str) -> QueuePlace | None:
    """The place of a submission; None when it waits for nothing: it was evaluated, is now, or is refused."""
    current = world.open_round
    seated = {one.submission_uid for one in current.contenders} if current is not None else set()
    waiting = [
        entry.submission.name
        for entry in take_in(world, Memo(), (), may_create=False).entries
        if not entry.rejected and not entry.status.evaluations and entry.submission.uid not in seated
    ]
    return QueuePlace(waiting.index(name) + 1, len(waiting)) if name in waiting else None


def world_of(
    competition: Raw, subnets: Iterable[Raw], submissions: Iterable[Raw], rounds: Iterable[Raw], now: datetime
) -> CompetitionWorld | None:
    """The world of a competition from the objects of its namespace, without Jobs.

    None when the competition does not fit the schema.
    """
    parsed = _readable([competition], competition_from_stored)
    if not parsed:
        return None
    (mine,) = parsed
    named = (one for one in subnets if one["metadata"]["name"] == mine.subnet)
    return CompetitionWorld(
        competition=mine,
        subnet=next(iter(_readable(named, subnet_from_stored)), None),
        same_id=(),
        submissions=_readable(
            (one for one in submissions if one["spec"]["competition"] == mine.name), submission_from_stored
        ),
        rounds=_readable(
            (one for one in rounds if one["spec"]["competition"]["uid"] == mine.uid), round_from_stored
        ),
        jobs={},
        now=now,
        entropy=b"",
    )


def _readable(raws: Iterable[Raw], parse: Callable[[Raw], _T]) -> tuple[_T, ...]:
    """Those that fit the schema, as the operator sees them: others must not hide the rest."""
    found = []
    for raw in raws:
        try:
            found.append(parse(raw))
        except (ValidationError, ValueError, KeyError, TypeError):
            continue
    return tuple(found)
