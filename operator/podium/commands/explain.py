"""`podium explain`: the chain of reasons behind an object, from objects alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Final

from podium.cluster.client import Client
from podium.cluster.resources import (
    COMPETITIONS,
    ROUNDS,
    SUBMISSIONS,
    SUBNETS,
    WEIGHT_UPDATES,
    Raw,
    Resource,
)
from podium.commands.queue import QueuePlace, place_in_queue, world_of
from podium.errors import PodiumError, RefusedError

__all__ = ["Explanation", "explain", "explained"]

_KINDS: Final = {"msub": SUBMISSIONS, "comp": COMPETITIONS, "round": ROUNDS, "wu": WEIGHT_UPDATES}


@dataclass(frozen=True)
class Explanation:
    """Why an object is as it is; its text and its JSON say the same.

    Attributes:
        reasons: Sentences, the first causes first; an indented one belongs to the one before it.
        queue: Where a submission waits for its first evaluation.
        conditions: As they are stored.
    """

    kind: str
    name: str
    phase: str | None
    reasons: tuple[str, ...]
    queue: QueuePlace | None
    conditions: tuple[Raw, ...]

    def lines(self) -> list[str]:
        """As people read it."""
        conditions = [
            f"  {one['type']} is {one['status']} ({one['reason']}): {one.get('message', '')}"
            for one in self.conditions
        ]
        return [
            f"{self.kind} {self.name}: {self.phase or 'not looked at yet'}",
            *(f"  {one}" for one in self.reasons),
            "conditions:",
            *(conditions or ["  none yet"]),
        ]

    def document(self) -> str:
        """As programs read it: one JSON object with sorted keys."""
        return json.dumps(asdict(self), sort_keys=True, indent=2, ensure_ascii=False)


async def explained(kubeconfig: str | None, namespace: str, target: str) -> Explanation:
    """What is known of `target`, such as ``msub/alice``.

    Raises:
        PodiumError: The target is no kind and name, or there is no such object.
    """
    kind, _, name = target.partition("/")
    resource = _KINDS.get(kind)
    if resource is None or not name:
        raise PodiumError(f"expected {'/NAME, '.join(_KINDS)}/NAME, found {target!r}")
    async with await Client.connect(kubeconfig) as client:
        raw = await client.get(resource, namespace, name)
        if resource is not SUBMISSIONS:
            return explain(resource, raw)
        listed, _ = await client.list(COMPETITIONS, namespace)
        named = raw["spec"]["competition"]
        competition = next((one for one in listed if one["metadata"]["name"] == named), None)
        if competition is None:
            return explain(resource, raw)
        return explain(resource, raw, competition, await _queue(client, namespace, competition, name))


async def _queue(client: Client, namespace: str, competition: Raw, name: str) -> QueuePlace | None:
    try:
        subnets, _ = await client.list(SUBNETS, namespace)
        submissions, _ = await client.list(SUBMISSIONS, namespace)
        rounds, _ = await client.list(ROUNDS, namespace)
    except RefusedError:
        # Who may not see the others is still told everything about their own.
        return None
    world = world_of(competition, subnets, submissions, rounds, datetime.now(UTC))
    return place_in_queue(world, name) if world is not None else None


def explain(
    resource: Resource, raw: Raw, competition: Raw | None = None, queue: QueuePlace | None = None
) -> Explanation:
    """What is known of one object; of a submission also from its competition and the queue."""
    detail: dict[Resource, Callable[[], list[str]]] = {
        SUBMISSIONS: lambda: _submission(raw, competition, queue),
        COMPETITIONS: lambda: _competition(raw),
        ROUNDS: lambda: _round(raw),
        WEIGHT_UPDATES: lambda: _weight_update(raw),
    }
    status = raw.get("status") or {}
    return Explanation(
        kind=resource.kind,
        name=raw["metadata"]["name"],
        phase=status.get("phase"),
        reasons=tuple(line.removeprefix("  ") for line in detail[resource]()),
        queue=queue,
        conditions=tuple(status.get("conditions") or ()),
    )


def _submission(raw: Raw, competition: Raw | None, queue: QueuePlace | None) -> list[str]:
    status = raw.get("status") or {}
    lines = [f"  committed at block {status.get('commitBlock', '?')} by {raw['spec']['hotkey']}"]
    if status.get("manifestDigest"):
        lines.append(
            f"  {status.get('architecture')} of {status.get('parameters'):,} parameters, "
            f"{status.get('bytes'):,} bytes, stored as {status['manifestDigest']}"
        )
    lines += _similar(status)
    lines += [
        f"  round {one['round']} at block {one['block']}: {one['outcome']}, score {one.get('score', '-')}, "
        f"the winner had {one.get('winnerScore', '-')}"
        for one in status.get("evaluations") or ()
    ]
    if status.get("place"):
        lines.append(f"  place {status['place']}; share of the moving average {status.get('share', '0')}")
    if competition is not None and not status.get("evaluations") and status.get("phase") != "Rejected":
        delay = competition["spec"]["rounds"].get("submissionDelayBlocks", 0)
        following = (competition.get("status") or {}).get("nextRoundBlock", "?")
        lines.append(
            f"  takes part in rounds from block {status.get('commitBlock', 0) + delay} on; "
            f"the next one is at block {following}"
        )
    if queue is not None:
        lines.append(f"  {queue.position} of {queue.length} in the queue for a first evaluation")
    return lines


def _similar(status: Raw) -> list[str]:
    found = status.get("similar")
    if not found:
        return []
    equal = f"{found['equal']} of {found['of']} sampled parts are the same to the bit"
    return [f"  most like the earlier {found['submission']}: {equal}; nothing follows from that"]


def _competition(raw: Raw) -> list[str]:
    status = raw.get("status") or {}
    counts, leader = status.get("submissions") or {}, status.get("leader")
    lines = [
        f"  submissions: {counts.get('total', 0)}, of which {counts.get('fetched', 0)} take part",
        f"  waiting: {counts.get('waiting', 0)}; rejected: {counts.get('rejected', 0)}",
        f"  open round: {status.get('currentRound', 'none')}",
        f"  next round at block {status.get('nextRoundBlock', '?')}",
    ]
    if leader:
        lines.append(f"  {leader['submission']} leads with {leader['share']} of the moving average")
    return lines


def _round(raw: Raw) -> list[str]:
    status = raw.get("status") or {}
    since = raw["spec"].get("tasksStartBlock")
    lines = [f"  tasks of the schedule's entry from block {since} on"] if since is not None else []
    lines += [_samples(one) for one in (status.get("samples") or {}).get("tasks") or ()]
    for one in status.get("results") or ():
        lines.append(
            f"  {one['submission']}: {one.get('outcome', 'being evaluated')}, score {one.get('score', '-')}"
            + (f" ({one['reason']}: {one.get('message', '')})" if one.get("reason") else "")
        )
        lines += [f"    {_task_score(task)}" for task in one.get("tasks") or ()]
    lines += [
        f"  place {one['place']}: {one['submission']} beat {one['wins']}, share {one['share']}"
        for one in status.get("ranking") or ()
    ]
    lines += [_audit(one) for one in status.get("audits") or ()]
    return [*lines, *(_comparison(one) for one in status.get("comparison") or ())]


def _audit(one: Raw) -> str:
    text = f"  {one['submission']} would take the lead; a second evaluation"
    match one.get("outcome"):
        case None:
            return f"{text} is awaited"
        case "Scored":
            return f"{text} gave the same scores"
        case _:
            return f"{text} did not confirm it ({one.get('reason')}: {one.get('message', '')})"


def _comparison(one: Raw) -> str:
    text = f"  {one['submission']} against {one['incumbent']}, the leader before: {one['verdict']}"
    if one.get("difference") is None:
        return f"{text} ({one.get('reason', 'their samples cannot be compared')})"
    return f"{text}, better by {one['difference']} in [{one['low']}, {one['high']}] at level {one['level']}"


def _samples(task: Raw) -> str:
    if task.get("reason"):
        return f"  task {task['name']} is left out ({task['reason']}: {task.get('message', '')})"
    commit = f" of commit {task['revision']}" if task.get("revision") else ""
    return f"  task {task['name']}: {task['samples']} samples{commit}, {task.get('dropped', 0)} dropped"


def _task_score(task: Raw) -> str:
    if task.get("score") is not None:
        return f"{task['name']}: {task['score']}"
    return f"{task['name']}: the worst there is ({task.get('reason')}: {task.get('message', '')})"


def _weight_update(raw: Raw) -> list[str]:
    spec = raw["spec"]
    lines = [f"  weights of epoch {spec['epoch']['startBlock']} to {spec['epoch']['endBlock']}:"]
    lines += [f"    {one['hotkey']}: {one['share']}" for one in spec.get("weights") or ()]
    for one in spec.get("inputs") or ():
        source = (one.get("round") or {}).get("name", "no round yet")
        lines.append(f"  {one['competition']} gives {one['percent']} %, from the average after {source}")
        lines += _payable(one)
    return [*lines, *_on_chain(raw.get("status") or {})]


def _on_chain(status: Raw) -> list[str]:
    """What was signed, what became of it, and what the chain holds."""
    lines = []
    if status.get("uids"):
        uids = ", ".join(f"{one['hotkey'][:8]}… is uid {one['uid']}" for one in status["uids"])
        lines.append(f"  at block {status.get('uidsBlock')}: {uids}")
    spent = {one["nonce"]: one for one in status.get("spentNonces") or ()}
    for number, one in enumerate(status.get("attempts") or (), 1):
        era = one["era"]
        blocks = f"for blocks {era['birthBlock']} to {era['deathBlock'] - 1}"
        given_up = spent.get(one["nonce"])
        end = f"; without effect: {given_up['reason']} at block {given_up['block']}" if given_up else ""
        lines.append(f"  attempt {number}: nonce {one['nonce']}, {blocks}, {one['hash']}{end}")
    if status.get("includedBlock") is not None:
        lines.append(f"  included in block {status['includedBlock']}")
    if status.get("revealRound") is not None:
        lines.append(f"  committed; revealed at round {status['revealRound']} of the public randomness")
    checked = status.get("verification")
    if checked:
        lines.append(f"  at block {checked['block']}: {checked.get('message', '')}")
    return lines


def _payable(part: Raw) -> list[str]:
    """Whom a competition pays, and what of its average that follows from."""
    held = {one["hotkey"]: one["share"] for one in part.get("average") or ()}
    paid = part.get("payable") or ()
    lines = [
        f"    {one['hotkey']}: {held.get(one['hotkey'], '0')} of the average, {one['share']} of the part"
        for one in paid
    ]
    below = len(held) - len(paid)
    return [*lines, f"    {below} below the threshold get nothing"] if below > 0 else lines
