"""Submissions that name no competition: they are told so, by their namespace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from podium.core.conditions import Condition, with_condition
from podium.core.kinds import Submission
from podium.core.plan import Plan, SetSubmissionStatus, in_stages

__all__ = ["decide_orphans"]


def decide_orphans(orphans: Sequence[Submission], now: datetime) -> Plan:
    """What is written on submissions whose competition does not exist."""
    actions = []
    for one in orphans:
        text = f"there is no Competition {one.competition!r} in this namespace: create it"
        conditions = one.status.conditions
        for kind in ("Accepted", "Ready"):
            new = Condition(kind, False, "CompetitionNotFound", text, now, one.generation)
            conditions = with_condition(conditions, new)
        status = replace(
            one.status, observed_generation=one.generation, phase="Waiting", conditions=conditions
        )
        if status != one.status:
            actions.append(SetSubmissionStatus(one.name, one.uid, status))
    return in_stages(actions, None)
