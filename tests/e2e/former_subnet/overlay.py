"""From an example competition to one that runs here.

Two overlays, each bounded to named fields. `installed` sets what every organiser sets for their own
cluster: image, resources and where pods run, volume, hub. `miniature` sets parameter bounds, repositories
and sample counts, and nothing else.
"""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

__all__ = ["EXAMPLES", "INSTALLATION", "MINIATURE", "example", "installed", "miniature"]

EXAMPLES = Path(__file__).parents[3] / "examples"

INSTALLATION = ("spec.evaluator", "spec.hub", "spec.store")
MINIATURE = (
    "spec.constraints.parameters",
    "spec.constraints.tokenizer.repository",
    "spec.taskSchedule.tasks.dataset.*.repository",
    "spec.taskSchedule.tasks.dataset.*.samples",
    "spec.taskSchedule.tasks.dataset.*.minimumSamples",
)
"""Paths of the fields that the overlays may change; `*` stands for one name."""

Raw = dict[str, Any]  # Any: the JSON of Kubernetes objects

_SAMPLES = 4
_PAIRS = 2
"""A pair under rules is answered with 400 tokens, far more than any other sample."""


def example(folder: str, name: str) -> Raw:
    """An example as it is in the repository."""
    raw: Raw = yaml.safe_load((EXAMPLES / folder / f"{name}.yaml").read_text(encoding="utf-8"))
    return raw


def installed(raw: Raw, image: str, hub: str) -> Raw:
    """A competition on the local cluster: its image and hub, its volume, its fake GPUs."""
    changed = copy.deepcopy(raw)
    changed["spec"] |= {
        "evaluator": {
            "image": image,
            "runtimeClassName": "isolated",
            "resources": {
                "requests": {"cpu": "100m", "memory": "512Mi", "nvidia.com/gpu": "1"},
                "limits": {"cpu": "1", "memory": "2Gi", "nvidia.com/gpu": "1"},
            },
            "timeoutSeconds": 300,
            "pendingSeconds": 900,
            "maxParallel": 2,
        },
        "store": {"claimName": "store", "maxBytes": 30 * 2**30},
        "hub": {"endpoint": hub},
    }
    return changed


def miniature(raw: Raw, repositories: Mapping[str, str]) -> Raw:
    """A competition between models of a few thousand parameters.

    Args:
        raw: The competition.
        repositories: From those of the example to those of the local hub.
    """
    changed = copy.deepcopy(raw)
    constraints = changed["spec"]["constraints"]
    constraints["parameters"] = {"min": 1, "max": 2_000_000}
    if "repository" in constraints["tokenizer"]:
        constraints["tokenizer"]["repository"] = repositories[constraints["tokenizer"]["repository"]]
    for entry in changed["spec"]["taskSchedule"]:
        for task in entry["tasks"]:
            ((kind, dataset),) = task["dataset"].items()
            dataset["samples"] = _PAIRS if kind == "instructionFollowing" else _SAMPLES
            if "minimumSamples" in dataset:
                dataset["minimumSamples"] = 2
            if "repository" in dataset:
                dataset["repository"] = repositories[dataset["repository"]]
    return changed
