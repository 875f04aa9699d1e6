"""The chart as Helm sees it: what it renders, and what it says to values that are wrong."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.cluster.programs import find_program

__all__ = [
    "CHART",
    "MATRIX",
    "NAMESPACE",
    "RELEASE",
    "SIGNER_NAMESPACE",
    "WATCHED",
    "Change",
    "Raw",
    "helm",
    "named",
    "of_kind",
    "refusal",
    "render",
    "values",
    "watched",
]

CHART = Path(__file__).parents[2] / "helm/podium"
RELEASE = "podium"
NAMESPACE = "podium-system"
SIGNER_NAMESPACE = "podium-signer"
WATCHED = "competitions"
DIGEST = "sha256:" + 64 * "d"

Raw = dict[str, Any]  # Any: values and Kubernetes objects are JSON
Change = Mapping[str, Any]  # the same

# Values that differ from the defaults, by what a user has in mind.
MATRIX: Mapping[str, Change] = {
    "the defaults": {},
    "two watched namespaces": {"watchNamespaces": [WATCHED, "practice"], "createWatchNamespaces": True},
    "everything on": {
        "createWatchNamespaces": True,
        "rbac": {"aggregateClusterRoles": True},
        "metrics": {
            "serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}},
            "prometheusRule": {"enabled": True, "labels": {"release": "prometheus"}},
        },
        "grafana": {"dashboards": {"enabled": True, "annotations": {"folder": "Competitions"}}},
        "admissionPolicies": {"exemptGroups": ["backup:restorers"]},
        "networkPolicy": {"metricsFrom": [{"namespaceSelector": {"matchLabels": {"team": "watchers"}}}]},
        "imagePullSecrets": ["registry"],
    },
    "everything off": {
        "crds": {"install": False},
        "signer": {"enabled": False},
        "networkPolicy": {"enabled": False},
        "admissionPolicies": {"enabled": False},
    },
    "the signer beside the operator": {"signer": {"namespace": NAMESPACE}},
    "images by digest, and one of the signer's own": {
        "operator": {"image": {"repository": "127.0.0.1:5000/podium/operator", "digest": DIGEST}},
        "signer": {"image": {"repository": "podium/signer", "tag": "2", "pullPolicy": "Always"}},
    },
    "a place for the pods": {
        "operator": {
            "nodeSelector": {"pool": "system"},
            "tolerations": [{"key": "system", "operator": "Exists"}],
            "affinity": {"nodeAffinity": {}},
            "priorityClassName": "system-cluster-critical",
            "podLabels": {"team": "organisers"},
            "podAnnotations": {"note": "kept"},
        },
        "logging": {"level": "debug", "format": "text"},
    },
    "other names": {"fullnameOverride": "contest", "nameOverride": "judge"},
}


def values(change: Change) -> Raw:
    """Values for Helm: one watched namespace and what the change says."""
    return {"watchNamespaces": [WATCHED], **change}


def watched(change: Change) -> list[str]:
    """The watched namespaces."""
    names: list[str] = values(change)["watchNamespaces"]
    return names


def helm(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Runs Helm to its end."""
    command = [str(find_program("helm")), *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


def render(change: Change) -> list[Raw]:
    """The objects that the chart renders."""
    done = _template(values(change))
    assert done.returncode == 0, done.stderr
    # The pure Python reader takes seconds for the definitions of the kinds.
    return [one for one in yaml.load_all(done.stdout, Loader=yaml.CSafeLoader) if one]


def refusal(change: Change) -> str:
    """What Helm says when it refuses the values."""
    done = _template(values(change))
    assert done.returncode != 0, "the values were accepted"
    return done.stderr


def of_kind(objects: list[Raw], kind: str) -> list[Raw]:
    """The objects of a kind, in the order in which they were rendered."""
    return [one for one in objects if one["kind"] == kind]


def named(objects: list[Raw], kind: str, name: str) -> Raw:
    """The only object of this kind and name."""
    found = [one for one in of_kind(objects, kind) if one["metadata"]["name"] == name]
    assert len(found) == 1, f"{kind} {name}: expected one, found {len(found)}"
    return found[0]


def _template(chosen: Raw) -> subprocess.CompletedProcess[str]:
    arguments = ["template", RELEASE, str(CHART), f"--namespace={NAMESPACE}", "--values=-"]
    return helm(*arguments, stdin=json.dumps(chosen))
