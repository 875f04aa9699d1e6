"""What `kubectl get` shows of the five kinds."""

import json

import pytest

from tests.cluster.access import ClusterAccess
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE, BOB

pytestmark = pytest.mark.cluster


def test_a_competition_reads_like_a_dashboard(control_plane: ClusterAccess, namespace: str) -> None:
    leader = {"submission": "alice-1", "hotkey": ALICE, "score": "0.25134871", "share": "0.9"}
    status = {
        "phase": "Ready",
        "currentRound": "small-720",
        "leader": leader,
        "summary": {"score": "0.2513"},
        "submissions": {"total": 17},
        "nextRoundBlock": 1080,
    }
    _store(control_plane, namespace, "Competition", status)
    assert _table(control_plane, namespace, "comp") == {
        "NAME": "case",
        "SUBNET": "main",
        "PHASE": "Ready",
        "ROUND": "small-720",
        "LEADER": "alice-1",
        "SCORE": "0.2513",
        "SUBMISSIONS": "17",
        "NEXT BLOCK": "1080",
    }


def test_a_rejected_submission_says_why(control_plane: ClusterAccess, namespace: str) -> None:
    status = {"phase": "Rejected", "summary": {"reason": "TooLarge"}}
    _store(control_plane, namespace, "ModelSubmission", status)
    assert _table(control_plane, namespace, "msub") == {
        "NAME": "case",
        "COMPETITION": "small",
        "PHASE": "Rejected",
        "PLACE": "",
        "SCORE": "",
        "SHARE": "",
        "REASON": "TooLarge",
    }


def test_a_round_shows_its_progress_and_winner(control_plane: ClusterAccess, namespace: str) -> None:
    summary = {"contenders": 2, "evaluated": 2, "winner": "alice-1"}
    _store(control_plane, namespace, "Round", {"phase": "Completed", "summary": summary})
    assert _table(control_plane, namespace, "round") == {
        "NAME": "case",
        "COMPETITION": "small",
        "BLOCK": "720",
        "PHASE": "Completed",
        "CONTENDERS": "2",
        "EVALUATED": "2",
        "WINNER": "alice-1",
    }


def test_a_weight_update_shows_who_is_paid_most(control_plane: ClusterAccess, namespace: str) -> None:
    _store(control_plane, namespace, "WeightUpdate", {"phase": "Verified"})
    assert _table(control_plane, namespace, "wu") == {
        "NAME": "case",
        "SUBNET": "main",
        "EPOCH": "720",
        "PHASE": "Verified",
        "TOP": ALICE,
    }


def test_a_subnet_shows_whether_it_is_ready_and_why_not(control_plane: ClusterAccess, namespace: str) -> None:
    ready = {
        "type": "Ready",
        "status": "False",
        "reason": "NotConnected",
        "lastTransitionTime": "2026-01-01T00:00:00Z",
    }
    last = {"name": "weights-720", "epochStartBlock": 720, "phase": "Verified"}
    _store(control_plane, namespace, "Subnet", {"conditions": [ready], "lastWeightUpdate": last})
    assert _table(control_plane, namespace, "subnet") == {
        "NAME": "case",
        "NETUID": "",
        "MODE": "Set",
        "READY": "False",
        "REASON": "NotConnected",
        "EPOCH": "720",
        "UPDATE PHASE": "Verified",
    }


def test_one_word_lists_all_kinds(control_plane: ClusterAccess, namespace: str) -> None:
    for kind in ("Competition", "Round"):
        _store(control_plane, namespace, kind, {})
    listed = control_plane.kubectl("--namespace", namespace, "get", "podium", "--output=name").stdout.split()
    assert listed == ["competition.podium.dev/case", "round.podium.dev/case"]


def test_submissions_are_selected_by_hotkey(control_plane: ClusterAccess, namespace: str) -> None:
    for name, hotkey in (("alice-1", ALICE), ("bob-1", BOB)):
        raw = changed(valid("ModelSubmission"), [("metadata/name", name), ("spec/hotkey", hotkey)])
        control_plane.kubectl("--namespace", namespace, "create", "--filename=-", input=json.dumps(raw))
    selector = f"--field-selector=spec.competition=small,spec.hotkey={BOB}"
    listed = control_plane.kubectl("--namespace", namespace, "get", "msub", selector, "--output=name").stdout
    assert listed.split() == ["modelsubmission.podium.dev/bob-1"]


def _store(access: ClusterAccess, namespace: str, kind: str, status: dict[str, object]) -> None:
    access.kubectl("--namespace", namespace, "create", "--filename=-", input=json.dumps(valid(kind)))
    patch = json.dumps({"status": status})
    access.kubectl(
        "--namespace",
        namespace,
        "patch",
        kind,
        "case",
        "--subresource=status",
        "--type=merge",
        f"--patch={patch}",
    )


def _table(access: ClusterAccess, namespace: str, kind: str) -> dict[str, str]:
    """The one row that `kubectl get` prints, by column; without the age, which changes."""
    lines = access.kubectl("--namespace", namespace, "get", kind).stdout.splitlines()
    assert len(lines) == 2, lines
    header, row = lines
    # Columns are three spaces apart or more, their names hold single spaces.
    names = [name for name in header.split("   ") if name.strip()]
    starts = [header.index(name.strip()) for name in names]
    ends = [*starts[1:], None]
    cells = {
        name.strip(): row[start:end].strip() for name, start, end in zip(names, starts, ends, strict=True)
    }
    cells.pop("AGE")
    return cells
