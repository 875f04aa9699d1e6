"""What the store keeps: once a round all else goes that was there a day before.

Models that make way for others are another matter (`eviction`). These are bytes that no object names any
more: of deleted submissions, of models that other constraints turned away, of forgotten rounds, of verdicts
that were lost.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from podium.core.entries import Entry
from podium.core.jobs import StoreSweep
from podium.core.kinds import ReferenceStatus
from podium.core.plan import Action, CreatePrepareJob
from podium.core.world import CompetitionWorld

__all__ = ["with_sweep"]

_MOST_MODELS: Final = 512
"""That one sweep names, and as many as fit into its request."""

_MOST_SAMPLES: Final = 128

_MARGIN: Final = timedelta(days=1)
"""For clocks that differ, and for what is stored while the decision is on its way to the store."""

_SHA256: Final = "sha256:"


def with_sweep(
    actions: Sequence[Action],
    world: CompetitionWorld,
    entries: Sequence[Entry],
    reference: ReferenceStatus | None,
) -> list[Action]:
    """The actions; a Job that draws samples also removes what nothing names.

    Nothing goes while a submission cannot be read: its model is named, only not for this version.

    Args:
        actions: For the open round.
        world: What was observed.
        entries: What is concluded of all submissions.
        reference: What is concluded of the organiser's own model.
    """
    if world.unreadable_submissions:
        return list(actions)
    return [
        replace(one, sweep=_store_sweep(world, entries, reference))
        if isinstance(one, CreatePrepareJob)
        else one
        for one in actions
    ]


def _store_sweep(
    world: CompetitionWorld, entries: Sequence[Entry], reference: ReferenceStatus | None
) -> StoreSweep:
    stored = {entry.status.manifest_digest for entry in entries if entry.stored}
    running = [one for one in world.rounds if not one.status.phase.terminal]
    needed = {held.manifest_digest for one in running for held in (*one.contenders, one.reference) if held}
    ours = reference.manifest_digest if reference is not None else None
    kept = sorted(one for one in {*stored, *needed, ours} if one is not None)
    # Where there are many, every round looks at another part of them.
    turn = max((one.block for one in running), default=0) // world.competition.every_blocks
    beginning = _beginning(kept, turn)
    newest_first = sorted(world.rounds, key=lambda one: (one.created, one.block), reverse=True)
    samples = dict.fromkeys(one.status.samples.digest for one in newest_first if one.status.samples)
    return StoreSweep(
        world.now - _MARGIN,
        beginning,
        tuple(digest for digest in kept if digest.startswith(_SHA256 + beginning)),
        tuple(samples)[:_MOST_SAMPLES],
    )


def _beginning(kept: Collection[str], turn: int) -> str:
    """The shortest beginning that leaves no more than fit, whichever it is; each has its turn."""
    length = 0
    while max(Counter(one.removeprefix(_SHA256)[:length] for one in kept).values(), default=0) > _MOST_MODELS:
        length += 1
    return f"{turn % 16**length:0{length}x}" if length else ""
