"""`podium leaderboard`: who leads, by how much, and who was turned away."""

from __future__ import annotations

from podium.cluster.client import Client
from podium.cluster.resources import COMPETITIONS, SUBMISSIONS, Raw

__all__ = ["leaderboard", "leaderboard_lines"]

_HEADER = ("PLACE", "SUBMISSION", "SCORE", "SHARE", "ROUND", "STATUS")


async def leaderboard_lines(kubeconfig: str | None, namespace: str, name: str) -> list[str]:
    """The standings of a competition, as lines of a table.

    Raises:
        NotFoundError: There is no such competition.
        ClusterError: The API server did not answer.
    """
    async with await Client.connect(kubeconfig) as client:
        competition = await client.get(COMPETITIONS, namespace, name)
        submissions, _ = await client.list(SUBMISSIONS, namespace)
    mine = [one for one in submissions if one["spec"]["competition"] == name]
    return leaderboard(competition, mine)


def leaderboard(competition: Raw, submissions: list[Raw]) -> list[str]:
    """The table: ranked submissions by round and place, then the others by name."""
    status = competition.get("status") or {}
    last = status.get("lastRound") or {}
    title = (
        f"{competition['metadata']['name']}: {status.get('phase', 'new')}, "
        f"last round {last.get('name', 'none yet')}, next at block {status.get('nextRoundBlock', '?')}"
    )
    rows = [_row(one) for one in sorted(submissions, key=_order)]
    widths = [max(len(row[column]) for row in [_HEADER, *rows]) for column in range(len(_HEADER))]
    table = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [_HEADER, *rows]
    ]
    return [title, "", *table]


def _order(submission: Raw) -> tuple[int, int, str]:
    status = submission.get("status") or {}
    evaluations = status.get("evaluations") or [{}]
    ranked = status.get("place") is not None
    newest = int(evaluations[-1].get("block", 0)) if ranked else 1
    return (-newest, int(status.get("place") or 0), submission["metadata"]["name"])


def _row(submission: Raw) -> tuple[str, ...]:
    status = submission.get("status") or {}
    evaluations = status.get("evaluations") or [{}]
    return (
        str(status.get("place") or "-"),
        submission["metadata"]["name"],
        _rounded(status.get("score")),
        _percent(status.get("share")),
        str(evaluations[-1].get("round", "-")),
        _standing(status),
    )


def _standing(status: Raw) -> str:
    phase = str(status.get("phase") or "Waiting")
    conditions: list[Raw] = status.get("conditions") or []
    ranked = next((one for one in conditions if one["type"] == "Ranked"), {})
    if phase == "Ranked" and ranked.get("reason") == "Stale":
        return "Ranked: Stale"
    if phase not in {"Rejected", "Failed", "Waiting"}:
        return phase
    for kind in ("Accepted", "Fetched", "Evaluated"):
        for condition in conditions:
            if condition["type"] == kind and condition["status"] == "False":
                return f"{phase}: {condition['reason']}"
    return phase


def _rounded(score: str | None) -> str:
    return f"{float(score):.4f}" if score is not None else "-"


def _percent(share: str | None) -> str:
    return f"{float(share):.1%}" if share is not None else "-"
