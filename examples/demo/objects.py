"""The demo's objects, from the templates in `manifests/`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Template
from typing import Final

from examples.demo.hotkeys import hotkey_of
from examples.demo.platform import Platform

__all__ = [
    "BLOCK_SECONDS",
    "CONTENDERS",
    "EVERY_BLOCKS",
    "Repository",
    "chain",
    "competition",
    "first_sync",
    "ledger",
    "render",
    "submissions",
]

CONTENDERS: Final = {
    # In the order of their commitment. The copy comes after what it copies.
    "alice-tuned": "tuned",
    "bob-blend": "blend25",
    "carol-base": "base",
    "dave-noisy": "noisy",
    "eve-copy": "copy",
    "mallory-broken": "malformed",
}
"""Submission names and the models that they submit."""

BLOCK_SECONDS: Final = 1
"""As the template says."""
EVERY_BLOCKS: Final = 300
_DELAY_BLOCKS: Final = 30
_FIRST_ROUND: Final = timedelta(seconds=75)
"""Long enough to fetch six small models before the first round."""

_MANIFESTS: Final = Path(__file__).parent / "manifests"


@dataclass(frozen=True)
class Repository:
    """A repository of the hub at one commit."""

    repository: str
    revision: str


def render(name: str, values: Mapping[str, str]) -> str:
    """A template of `manifests/` with its values filled in."""
    return Template((_MANIFESTS / name).read_text()).substitute(values)


def ledger(platform: Platform, now: datetime) -> str:
    """A Subnet whose blocks are the seconds, such that a sync block comes soon after `now`."""
    genesis = now + _FIRST_ROUND - timedelta(seconds=EVERY_BLOCKS * BLOCK_SECONDS)
    begin = genesis.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return render("ledger.yaml", {"namespace": platform.namespace, "genesis_time": begin})


def chain(platform: Platform, endpoint: str, genesis_hash: str, netuid: int, validator: str) -> str:
    """A Subnet of a chain."""
    values = {"endpoint": endpoint, "genesis_hash": genesis_hash, "netuid": str(netuid)}
    return render("chain.yaml", {**values, "namespace": platform.namespace, "validator": validator})


def first_sync(block: int) -> int:
    """The offset of sync blocks with which one comes soon after `block`."""
    return (block + int(_FIRST_ROUND.total_seconds()) // BLOCK_SECONDS) % EVERY_BLOCKS


def competition(
    platform: Platform,
    hub: str,
    repositories: Mapping[str, Repository],
    *,
    subnet: str = "ledger",
    sync_offset: int = 0,
) -> str:
    """The Competition, on a Subnet."""
    values = {
        "namespace": platform.namespace,
        "subnet": subnet,
        "sync_offset": str(sync_offset),
        "hub": hub,
        "every_blocks": str(EVERY_BLOCKS),
        "delay_blocks": str(_DELAY_BLOCKS),
        "evaluator_image": platform.evaluator_image,
        "isolation": platform.isolation,
        "runtime_class": f"runtimeClassName: {platform.runtime_class}" if platform.runtime_class else "",
    }
    for key, name in {
        "tokenizer": "tokenizer",
        "traces": "traces",
        "questions": "mmlu",
        "texts": "texts",
    }.items():
        values[key] = repositories[name].repository
        values[f"{key}_revision"] = repositories[name].revision
    return render("competition.yaml", values)


def submissions(platform: Platform, repositories: Mapping[str, Repository]) -> Sequence[str]:
    """The ModelSubmissions, in the order in which they are committed."""
    return [
        render(
            "submission.yaml",
            {
                "name": name,
                "namespace": platform.namespace,
                "hotkey": hotkey_of(name),
                "repository": repositories[model].repository,
                "revision": repositories[model].revision,
            },
        )
        for name, model in CONTENDERS.items()
    ]
