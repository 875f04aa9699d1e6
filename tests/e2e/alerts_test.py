"""The alerts, fired by Prometheus' own tool on series that are written down here."""

import subprocess
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.e2e

_RULES = Path(__file__).parents[2] / "helm/podium/files/rules/podium.yaml"
_ALIVE = {"podium_relist_timestamp_seconds": "0+60x1000"}  # read afresh every minute

# Series by name and their values minute by minute, the minute of the question, and the alert if any.
_CASES: dict[str, tuple[dict[str, str], int, str | None]] = {
    "a healthy operator": (
        {
            'podium_reconcile_total{kind="Competition", result="success"}': "0+6x120",
            'podium_rounds_total{competition="a/b", phase="Completed"}': "0+1x120",
            'podium_weight_updates{subnet="a/s", phase="Verified"}': "1+1x120",
            'podium_weight_updates{subnet="a/s", phase="Submitted"}': "1x120",
        },
        60,
        None,
    ),
    "no operator": ({"podium_relist_timestamp_seconds": "_x120"}, 11, "PodiumOperatorAbsent"),
    "an operator that starts": ({"podium_relist_timestamp_seconds": "_x5 300x2"}, 6, None),
    "one that reads nothing afresh": (
        {"podium_relist_timestamp_seconds": "60x120"},
        30,
        "PodiumOperatorBlind",
    ),
    "passes that fail": (
        {
            'podium_reconcile_total{kind="Subnet", result="error"}': "0+6x120",
            'podium_reconcile_total{kind="Subnet", result="success"}': "0+1x120",
        },
        40,
        "PodiumPassesFail",
    ),
    "a round that failed": (
        {'podium_rounds_total{competition="a/b", phase="Failed"}': "0x20 1x100"},
        25,
        "PodiumRoundFailed",
    ),
    "a first round, and it failed": (
        {'podium_rounds_total{competition="a/b", phase="Failed"}': "_x20 1x100"},
        25,
        "PodiumRoundFailed",
    ),
    "a round that failed long ago": (
        {'podium_rounds_total{competition="a/b", phase="Failed"}': "1x1000"},
        500,
        None,
    ),
    "a competition that is not ready": (
        {'podium_competitions{competition="a/b", phase="NotReady"}': "1x120"},
        40,
        "PodiumCompetitionNotReady",
    ),
    "one that is not ready between rounds that are tried": (
        {
            'podium_competitions{competition="a/b", phase="NotReady"}': "1x15 _x4 1x15 _x4 1x15",
            'podium_competitions{competition="a/b", phase="Preparing"}': "_x15 1x4 _x15 1x4 _x15",
        },
        50,
        "PodiumCompetitionNotReady",
    ),
    "one that began": (
        {
            'podium_competitions{competition="a/b", phase="NotReady"}': "1x10",
            'podium_competitions{competition="a/b", phase="Ready"}': "_x10 1x100",
        },
        40,
        None,
    ),
    "a first payment, and it was refused": (
        {'podium_weight_updates{subnet="a/s", phase="Refused"}': "_x20 1x100"},
        25,
        "PodiumWeightsNotPaid",
    ),
    "a refused payment": (
        {'podium_weight_updates{subnet="a/s", phase="Refused"}': "2x20 3x100"},
        25,
        "PodiumWeightsNotPaid",
    ),
    "a refused payment of long ago": (
        {'podium_weight_updates{subnet="a/s", phase="Refused"}': "2x120"},
        100,
        None,
    ),
    "a signer that does not run": (
        {'podium_weight_updates{subnet="a/s", phase="Pending"}': "1x20 2x100"},
        55,
        "PodiumSignerBehind",
    ),
}


def _alerts() -> list[str]:
    (group,) = yaml.safe_load(_RULES.read_text())["groups"]
    return [rule["alert"] for rule in group["rules"]]


@pytest.mark.parametrize(("series", "minute", "fires"), _CASES.values(), ids=_CASES)
def test_an_alert_fires_when_it_should_and_no_other(
    tmp_path: Path, series: dict[str, str], minute: int, fires: str | None
) -> None:
    given = _ALIVE | series
    names = "\n".join(
        f'sum by (alertname) (ALERTS{{alertname="{one}", alertstate="firing"}})' for one in _alerts()
    )
    questions = [
        {
            "expr": name,
            "eval_time": f"{minute}m",
            "exp_samples": [{"labels": f'{{alertname="{one}"}}', "value": 1}] if one == fires else [],
        }
        for one, name in zip(_alerts(), names.splitlines(), strict=True)
    ]
    case = {
        "interval": "1m",
        "input_series": [{"series": name, "values": values} for name, values in given.items()],
        "promql_expr_test": questions,
    }
    file = tmp_path / "case.yaml"
    file.write_text(
        yaml.safe_dump({"rule_files": [str(_RULES)], "evaluation_interval": "1m", "tests": [case]})
    )
    done = subprocess.run(
        ["promtool", "test", "rules", str(file)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_fires_in_some_case() -> None:
    assert {fires for _, _, fires in _CASES.values()} - {None} == set(_alerts())
