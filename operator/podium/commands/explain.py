"""`podium explain`: the chain of reasons behind an object, from objects alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from podium.cluster.client import Client
from podium.cluster.resources import COMPETITIONS, ROUNDS, SUBMISSIONS, WEIGHT_UPDATES, Raw, Resource
from podium.errors import PodiumError

__all__ = ["explain", "explain_lines"]

_KINDS: Final = {"msub": SUBMISSIONS, "comp": COMPETITIONS, "round": ROUNDS, "wu": WEIGHT_UPDATES}


async def explain_lines(kubeconfig: str | None, namespace: str, target: str) -> list[str]:
    """What is known of `target`, such as ``msub/alice``, as sentences.

    Raises:
        PodiumError: The target is no kind and name, or there is no such object.
    """
    kind, _, name = target.partition("/")
    resource = _KINDS.get(kind)
    if resource is None or not name:
        raise PodiumError(f"expected {'/NAME, '.join(_KINDS)}/NAME, found {target!r}")
    async with await Client.connect(kubeconfig) as client:
        raw = await client.get(resource, namespace, name)
        competition = None
        if resource is SUBMISSIONS:
            listed, _ = await client.list(COMPETITIONS, namespace)
            named = raw["spec"]["competition"]
            competition = next((one for one in listed if one["metadata"]["name"] == named), None)
    return explain(resource, raw, competition)


def explain(resource: Resource, raw: Raw, competition: Raw | None = None) -> list[str]:
    """Sentences about one object."""
    detail: dict[Resource, Callable[[], list[str]]] = {
        SUBMISSIONS: lambda: _submission(raw, competition),
        COMPETITIONS: lambda: _competition(raw),
        ROUNDS: lambda: _round(raw),
        WEIGHT_UPDATES: lambda: _weight_update(raw),
    }
    status = raw.get("status") or {}
    title = f"{resource.kind} {raw['metadata']['name']}: {status.get('phase') or 'not looked at yet'}"
    conditions = [
        f"  {one['type']} is {one['status']} ({one['reason']}): {one.get('message', '')}"
        for one in status.get("conditions") or ()
    ]
    return [title, *detail[resource](), "conditions:", *(conditions or ["  none yet"])]


def _submission(raw: Raw, competition: Raw | None) -> list[str]:
    status = raw.get("status") or {}
    lines = [f"  committed at block {status.get('commitBlock', '?')} by {raw['spec']['hotkey']}"]
    if status.get("manifestDigest"):
        lines.append(
            f"  {status.get('architecture')} of {status.get('parameters'):,} parameters, "
            f"{status.get('bytes'):,} bytes, stored as {status['manifestDigest']}"
        )
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
    return lines


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
    lines = [_samples(one) for one in (status.get("samples") or {}).get("tasks") or ()]
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
    return lines


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
    return lines
