"""Whether a commitment can take part at all, whatever the model is: recorded facts alone decide."""

from __future__ import annotations

from podium.core.kinds import Submission
from podium.core.weights import active_entry
from podium.core.world import CompetitionWorld

__all__ = ["ineligibility"]


def ineligibility(
    submission: Submission, committed: int | None, world: CompetitionWorld
) -> tuple[str, str] | None:
    """Reason and sentence, or None for a commitment that may take part.

    Args:
        submission: What was committed.
        committed: Its commit block.
        world: With the Subnet's schedule and, on a chain, the hotkeys that are registered.
    """
    if committed is None:
        return None
    subnet = world.subnet
    if subnet is not None and subnet.schedule:
        entry = active_entry(subnet.schedule, committed)
        if entry is None or world.competition.name not in {name for name, _ in entry.percents}:
            text = f"not in the Subnet's schedule at block {committed}, when it was committed"
            return "NotScheduled", f"the competition was {text}: commit again when it is"
    if world.registered is None:
        return None
    since = world.registered.get(submission.hotkey)
    if since is None:
        return "HotkeyNotRegistered", "the hotkey is not registered on the subnet: register it"
    if since > committed:
        text = f"the hotkey was registered at block {since}, after this commitment: commit again"
        return "RegisteredLater", text
    return None
