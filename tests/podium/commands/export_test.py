"""`podium export`: rounds as JSON lines."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from podium.cli import app
from podium.commands.export import export, export_lines
from podium.errors import PodiumError
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import DIGEST
from tests.podium.commands.verify_test import completed

# The digest of real evidence depends on the library that packed it.
_ROUND = changed(
    completed()[0],
    [("status/results/0/evidence", "evidence-1"), ("status/results/0/evidenceDigest", DIGEST)],
)
_GOLDEN = Path(__file__).parents[2] / "data" / "export" / "round.json"


def test_a_round_is_the_golden_line() -> None:
    (line,) = export_lines([_ROUND])
    assert line == _GOLDEN.read_text().rstrip("\n")


def test_the_order_in_which_rounds_are_listed_changes_nothing() -> None:
    rounds = [
        changed(_ROUND, [("spec/block", block), ("metadata/name", f"small-{block}")])
        for block in (720, 1080, 360)
    ]
    lines = export_lines(rounds)
    assert [json.loads(line)["block"] for line in lines] == [360, 720, 1080]
    assert export_lines(reversed(rounds)) == lines


def test_a_round_that_is_still_open_has_no_places_yet() -> None:
    head = {"metadata/name": "small-720", "metadata/namespace": "games"}
    (line,) = export_lines([changed(valid("Round"), head.items())])
    exported = json.loads(line)
    assert (exported["phase"], exported["completionTime"], exported["seconds"]) == ("Preparing", None, None)
    assert [one["place"] for one in exported["contenders"]] == [None, None]


def test_only_the_rounds_of_the_competition_and_namespace_are_exported(tmp_path: Path) -> None:
    mine, config_map = _ROUND, completed()[1]
    others = [
        changed(mine, [("spec/competition/name", "large")]),
        changed(mine, [("metadata/namespace", "elsewhere")]),
    ]
    path = tmp_path / "objects"
    path.write_text(json.dumps({"kind": "List", "items": [*others, config_map, mine]}))
    result = CliRunner().invoke(app, ["export", "comp/small", "-n", "games", "--file", str(path)])
    assert (result.exit_code, result.stdout) == (0, _GOLDEN.read_text())


def test_a_malformed_round_is_named_as_such() -> None:
    with pytest.raises(PodiumError, match="malformed"):
        export_lines([changed(_ROUND, [("spec/seed", "short")])])


async def test_only_competitions_are_exported() -> None:
    with pytest.raises(PodiumError, match="expected comp/NAME"):
        await export(None, "games", "round/small-720", None)
