"""A competition of one test: its Subnet, its submissions, and rounds that open when the test says so."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from examples.demo.hotkeys import hotkey_of
from tests.cluster.waiting import wait_for
from tests.e2e.installation import Installation, Raw
from tests.e2e.models import DATASET, MAX_BYTES, TOKENIZER

__all__ = [
    "FETCH_SECONDS",
    "ROUND_SECONDS",
    "Contest",
    "competition_of",
    "condition",
    "hold",
    "is_over",
    "phase_of",
]

FETCH_SECONDS = 300.0
ROUND_SECONDS = 480.0
"""Seconds are enough for these models; a machine that does much else takes minutes."""

_NEVER = 100_000
_API = "podium.dev/v1alpha1"


@dataclass(frozen=True)
class Contest:
    """A Competition and the Subnet of the same name. A block is a second.

    Attributes:
        genesis: When block 0 began.
        commits: The commit of each repository of the hub.
    """

    podium: Installation
    name: str
    genesis: datetime
    commits: dict[str, str] = field(repr=False)

    @property
    def block(self) -> int:
        """The block of this moment."""
        return int((datetime.now(UTC) - self.genesis).total_seconds())

    def submit(self, name: str, repository: str, revision: str | None = None) -> None:
        """Submits a repository at its commit, or at a revision that is given."""
        pinned = {"repository": repository, "revision": revision or self.commits[f"models/{repository}"]}
        spec = {"competition": self.name, "hotkey": hotkey_of(name), "source": {"huggingFace": pinned}}
        self.podium.apply(
            {"apiVersion": _API, "kind": "ModelSubmission", "metadata": {"name": name}, "spec": spec}
        )

    def wait_for_next_block(self) -> None:
        """What is submitted after it is committed later than what was submitted before it."""
        block = self.block
        wait_for(lambda: self.block > block, "the next block", 5.0, every=0.05)

    def end(self) -> None:
        """Deletes the Competition, its Subnet and its submissions; what they own goes with them."""
        quietly = ("--ignore-not-found", "--wait=false")
        self.podium.kubectl("delete", "comp,subnet", self.name, *quietly)
        self.podium.kubectl("delete", "msub", *self.submissions(), *quietly)

    def open_round(self) -> str:
        """Lets a round begin with the next block; returns its name.

        An organiser moves the cadence the same way.
        """
        block = self.block + 1
        patch = {"spec": {"rounds": {"syncOffsetBlock": block}}}
        self.podium.kubectl("patch", "comp", self.name, "--type=merge", f"--patch={json.dumps(patch)}")
        return f"{self.name}-{block}"

    def submission(self, name: str) -> Raw:
        """A submission as it is now."""
        return self.podium.get("msub", name)

    def submissions(self) -> dict[str, Raw]:
        """All submissions of this competition by name."""
        found = self.podium.all("msub", f"--field-selector=spec.competition={self.name}")
        return {one["metadata"]["name"]: one for one in found}

    def rounds(self) -> list[Raw]:
        """Its Rounds, by block."""
        found = self.podium.all("round", f"--field-selector=spec.competition.name={self.name}")
        return sorted(found, key=lambda one: int(one["spec"]["block"]))

    def objects(self, kind: str, component: str | None = None) -> list[Raw]:
        """Its Jobs or pods, all or those of one purpose."""
        chosen = f"podium.dev/competition={self.name}"
        part = f",app.kubernetes.io/component={component}" if component else ""
        return self.podium.all(kind, f"--selector={chosen}{part}")

    def stored(self, kind: str) -> dict[str, Path]:
        """What the store has of this competition, models or samples, by digest; the node is this machine."""
        claim = json.loads(self.podium.kubectl("get", "pvc", "store", "--output=json"))
        volume = json.loads(self.podium.kubectl("get", "pv", claim["spec"]["volumeName"], "--output=json"))
        folder = Path(volume["spec"]["hostPath"]["path"]) / self.name / kind
        return {path.name.replace("-", ":"): path for path in folder.iterdir()}

    def wait_for_verdicts(self, *names: str) -> dict[str, Raw]:
        """Waits until each submission is fetched or rejected."""

        def decided() -> dict[str, Raw] | None:
            found = self.submissions()
            phases = [phase_of(found[name]) for name in names]
            return found if all(phase not in {"", "Waiting", "Fetching"} for phase in phases) else None

        return self.wait(decided, f"a verdict on {', '.join(names)}", FETCH_SECONDS)

    def wait_for_round(self, name: str, reached: Callable[[Raw], bool]) -> Raw:
        """Waits until a round has come so far."""

        def far_enough() -> Raw | None:
            found = self.podium.get("round", name)
            return found if found and reached(found) else None

        return self.wait(far_enough, f"round {name}", ROUND_SECONDS)

    def wait_for_payment(self, round_name: str, *, after: int = -1) -> Raw:
        """Waits for verified weights, of an epoch after a block, that follow from a round's average."""

        def paid() -> Raw | None:
            for one in self.podium.all("wu", f"--field-selector=spec.subnet.name={self.name}"):
                sources = [part.get("round", {}).get("name") for part in one["spec"]["inputs"]]
                late_enough = one["spec"]["epoch"]["startBlock"] > after
                if phase_of(one) == "Verified" and round_name in sources and late_enough:
                    return one
            return None

        return self.wait(paid, f"weights after {round_name}", ROUND_SECONDS)

    def wait(self, look: Callable[[], Raw | None], what: str, seconds: float) -> Raw:
        """Waits with a deadline; what there was instead is part of the failure."""
        kinds = "comp,msub,round,wu,jobs,pods"
        return wait_for(
            look, what, seconds, every=0.4, explain=lambda: f"\n{self.podium.kubectl('get', kinds)}"
        )


def hold(
    podium: Installation,
    hub: str,
    commits: dict[str, str],
    name: str,
    *,
    every_blocks: int = _NEVER,
    reference: str | None = None,
) -> Contest:
    """Creates a Subnet and a Competition that is ready for submissions.

    Without `every_blocks` no round begins by itself. `reference` is the organiser's own model.
    """
    genesis = datetime.now(UTC).replace(microsecond=0) - timedelta(seconds=1)
    contest = Contest(podium, name, genesis, commits)
    competition = competition_of(contest, hub, every_blocks)
    if reference is not None:
        pinned = {"repository": reference, "revision": commits[f"models/{reference}"]}
        competition["spec"]["reference"] = {"source": {"huggingFace": pinned}}
    podium.apply(_subnet(contest), competition)

    def ready() -> Raw | None:
        found = podium.get("comp", name)
        return found if condition(found, "Ready").get("status") == "True" else None

    contest.wait(ready, f"competition {name} is ready", FETCH_SECONDS)
    return contest


def condition(raw: Raw, kind: str) -> Raw:
    """A condition of an object; empty when it has none of that type."""
    conditions: Sequence[Raw] = (raw.get("status") or {}).get("conditions") or ()
    return next((one for one in conditions if one["type"] == kind), {})


def phase_of(raw: Raw) -> str:
    """The phase, empty while there is none."""
    return str((raw.get("status") or {}).get("phase") or "")


def is_over(round_: Raw) -> bool:
    """Whether a round has come to its end, whichever it is."""
    return phase_of(round_) in {"Completed", "Abandoned", "Failed"}


def _subnet(contest: Contest) -> Raw:
    shares = [{"competition": contest.name, "percent": 100}]
    spec = {
        "ledger": {"genesisTime": contest.genesis.strftime("%Y-%m-%dT%H:%M:%SZ"), "blockSeconds": 1},
        "schedule": [{"startBlock": 0, "shares": shares}],
        "weights": {"everyBlocks": 15},
    }
    return {"apiVersion": _API, "kind": "Subnet", "metadata": {"name": contest.name}, "spec": spec}


def competition_of(contest: Contest, hub: str, every_blocks: int) -> Raw:
    """A Competition of two small tasks, on the Subnet of its name."""
    tokenizer = {
        "policy": "Fixed",
        "repository": TOKENIZER,
        "revision": contest.commits[f"models/{TOKENIZER}"],
    }
    spec = {
        "subnet": contest.name,
        "competitionId": 1,
        "constraints": {
            "parameters": {"min": 10_000, "max": 100_000},
            "sequenceLength": 512,
            "architectures": ["LlamaForCausalLM"],
            "maxBytes": MAX_BYTES,
            "tokenizer": tokenizer,
        },
        "hub": {"endpoint": hub},
        "store": {"claimName": "store", "maxBytes": 1_000_000_000},
        "rounds": {
            "everyBlocks": every_blocks,
            "deadlineBlocks": min(every_blocks, 3600),
            # With rounds that begin by themselves the first one is a third of a period away.
            "syncOffsetBlock": every_blocks - 1 if every_blocks == _NEVER else every_blocks // 3,
            "keepTop": 4,
            "maxContenders": 8,
        },
        "taskSchedule": [{"startBlock": 0, "tasks": _tasks(contest)}],
        "ranking": {
            "epsilon": {"kind": "Fixed", "start": "0.005"},
            "movingAverage": {"alpha": "0.5", "threshold": "0.1"},
        },
        "evaluator": _evaluator(contest.podium.evaluator_image),
        "isolation": "Required",
    }
    return {"apiVersion": _API, "kind": "Competition", "metadata": {"name": contest.name}, "spec": spec}


def _evaluator(image: str) -> Raw:
    return {
        "image": image,
        "runtimeClassName": "isolated",
        "resources": {
            "requests": {"cpu": "100m", "memory": "512Mi", "nvidia.com/gpu": "1"},
            "limits": {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1"},
        },
        "timeoutSeconds": 300,
        "pendingSeconds": 600,
        "maxParallel": 2,
    }


def _tasks(contest: Contest) -> list[Raw]:
    capitals = {
        "samples": 4,
        "repository": DATASET,
        "revision": contest.commits[f"datasets/{DATASET}"],
        "promptColumn": "prompt",
        "referenceColumn": "reference",
    }
    return [
        {
            "name": "sorting",
            "weight": "0.5",
            "method": "ReferenceLoss",
            "dataset": {"wordSorting": {"samples": 4, "minimumWords": 2, "maximumWords": 5}},
        },
        {
            "name": "capitals",
            "weight": "0.5",
            "method": "ReferenceLoss",
            "dataset": {"huggingFace": capitals},
        },
    ]
