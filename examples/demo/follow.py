"""Following the competition: what changed is printed once, until everything that was promised is there."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from examples.demo.contenders.progress import Progress
from examples.demo.objects import CONTENDERS
from examples.demo.platform import Failed, Platform

__all__ = ["follow"]

_LONGEST: Final = 15 * 60.0
_EVERY: Final = 1.0
_REJECTED: Final = {"eve-copy", "mallory-broken"}

Objects = dict[str, list[dict[str, Any]]]  # Any: the JSON of Kubernetes objects


@dataclass
class _Seen:
    """What has been printed already."""

    phases: dict[str, str] = field(default_factory=dict)


def follow(platform: Platform, progress: Progress, names: Mapping[str, str] = MappingProxyType({})) -> None:
    """Waits until all contenders are ranked in one round and weights were recorded after it.

    Args:
        platform: Where it happens.
        progress: Where it is told.
        names: On a chain, the contenders by their hotkeys: there nobody else gives them names.

    Raises:
        Failed: That took too long; the sentence says what is missing.
    """
    seen, begun = _Seen(), time.monotonic()
    missing: list[str] = []
    while time.monotonic() - begun < _LONGEST:
        objects = _named(_objects(platform), names)
        _tell(objects, seen, progress)
        missing = _missing(objects)
        if not missing:
            return
        if turned_away := _turned_away(objects):
            raise Failed(f"turned away, but expected to take part: {', '.join(turned_away)}")
        time.sleep(_EVERY)
    raise Failed(f"after {_LONGEST:.0f} s: {'; '.join(missing)}. Look at `kubectl get comp,msub,round,wu -A`")


def _objects(platform: Platform) -> Objects:
    text = platform.kubectl("get", "comp,msub,round,wu,jobs", "-n", platform.namespace, "-o", "json")
    found: Objects = {}
    for one in json.loads(text)["items"]:
        found.setdefault(one["kind"], []).append(one)
    return found


def _named(objects: Objects, names: Mapping[str, str]) -> Objects:
    """Submissions of a chain under the names that their contenders have here."""
    known = {
        one["metadata"]["name"]: names[one["spec"]["hotkey"]]
        for one in objects.get("ModelSubmission", ())
        if one["spec"]["hotkey"] in names
    }
    for one in objects.get("ModelSubmission", ()):
        one["metadata"]["name"] = known.get(one["metadata"]["name"], one["metadata"]["name"])
    for round_ in objects.get("Round", ()):
        for line in (round_.get("status") or {}).get("ranking") or ():
            line["submission"] = known.get(line["submission"], line["submission"])
    return objects


def _tell(objects: Objects, seen: _Seen, progress: Progress) -> None:
    for kind in ("Competition", "ModelSubmission", "Round", "WeightUpdate"):
        for one in objects.get(kind, ()):
            name, line = f"{kind} {one['metadata']['name']}", _line(one)
            if line and seen.phases.get(name) != line:
                seen.phases[name] = line
                progress.say(f"{name}: {line}")
    running = sum(bool(job.get("status", {}).get("active")) for job in objects.get("Job", ()))
    if running and seen.phases.get("jobs") != str(running):
        seen.phases["jobs"] = str(running)
        progress.say(f"{running} pods at work")


def _line(one: dict[str, Any]) -> str:  # Any: a Kubernetes object
    status = one.get("status") or {}
    phase = str(status.get("phase") or "")
    if one["kind"] == "ModelSubmission":
        accepted = [one for one in status.get("conditions") or () if one["type"] == "Accepted"]
        told = f" ({accepted[0]['reason']}: {accepted[0]['message']})" if accepted else ""
        reason = told if phase == "Rejected" else ""
        return f"{phase}{reason}" + (f", place {status['place']}" if status.get("place") else "")
    if one["kind"] == "Round":
        summary = status.get("summary") or {}
        return f"{phase}, {summary.get('evaluated', 0)} of {summary.get('contenders', 0)} evaluated"
    return phase


def _turned_away(objects: Objects) -> list[str]:
    """Contenders that will never be ranked, although they should."""
    return [
        one["metadata"]["name"]
        for one in objects.get("ModelSubmission", ())
        if (one.get("status") or {}).get("phase") == "Rejected" and one["metadata"]["name"] not in _REJECTED
    ]


def _missing(objects: Objects) -> list[str]:
    expected = set(CONTENDERS) - _REJECTED
    missing = []
    phases = {
        one["metadata"]["name"]: (one.get("status") or {}).get("phase")
        for one in objects.get("ModelSubmission", ())
    }
    missing += [f"{name} is not rejected" for name in sorted(_REJECTED) if phases.get(name) != "Rejected"]
    whole = [
        one
        for one in objects.get("Round", ())
        if (one.get("status") or {}).get("phase") == "Completed"
        and {line["submission"] for line in one["status"]["ranking"]} == expected
    ]
    if not whole:
        return [*missing, "no round has ranked all contenders"]
    paid = {
        source["round"]["name"]
        for one in objects.get("WeightUpdate", ())
        if (one.get("status") or {}).get("phase") == "Verified"
        for source in one["spec"].get("inputs", ())
        if source.get("round")
    }
    newest = whole[-1]["metadata"]["name"]
    if not paid & {one["metadata"]["name"] for one in whole}:
        missing.append(f"no weights have been recorded after {newest}")
    missing += [f"{name} is not ranked yet" for name in sorted(expected) if phases.get(name) != "Ranked"]
    return missing
