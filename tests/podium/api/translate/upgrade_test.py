"""What an earlier version stored reads well, and asks for no work that it had done."""

from __future__ import annotations

from typing import Any

from podium.api import round as stored
from podium.api.constraints import Constraints, Tokenizer
from podium.api.translate.common import digest_of
from podium.api.translate.round import round_from_stored, round_status_to_stored
from podium.api.translate.submission import submission_from_stored
from podium.core.kinds import PreparedTask, TaskScore
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import DIGEST

_ROUND: dict[str, Any] = {  # Any: the JSON of a Kubernetes object
    "phase": "Evaluating",
    "samples": {
        "digest": DIGEST,
        "attempts": 0,
        "tasks": [{"name": "word-sorting", "samples": 100, "dropped": 0, "digest": DIGEST}],
    },
    "results": [
        {
            "submission": "alice-1",
            "submissionUID": "11aa",
            "outcome": "Scored",
            "score": "0.5",
            "tasks": [{"name": "word-sorting", "score": "0.5"}],
        }
    ],
}


def test_a_round_goes_on() -> None:
    raw = changed(valid("Round"), [("status", _ROUND)])
    found = round_from_stored(raw)
    assert (found.task_postponements, found.when_task_unavailable) == (0, "Postpone")
    assert found.status.samples is not None
    assert found.status.samples.tasks == (PreparedTask("word-sorting", 100, 0, None, DIGEST),)
    assert found.status.results[0].task_scores == (TaskScore("word-sorting", "0.5"),)
    written = round_from_stored({**raw, "status": round_status_to_stored(found.status)})
    assert written.status == found.status
    assert stored.Round.model_validate(raw).spec.window == stored.SamplesWindow()


def test_a_submission_keeps_its_verdict() -> None:
    status = {"phase": "Fetched", "commitBlock": 7, "manifestDigest": DIGEST, "constraintsDigest": DIGEST}
    found = submission_from_stored(changed(valid("ModelSubmission"), [("status", status)])).status
    assert (found.manifest_digest, found.chat_template, found.hashed_files) == (DIGEST, None, ())


def test_a_setting_that_a_later_version_brings_changes_no_digest_until_it_is_used() -> None:
    class LaterTokenizer(Tokenizer):
        normalization: str = "NFC"

    class LaterConstraints(Constraints):
        tokenizer: LaterTokenizer
        licences: tuple[str, ...] = ()

    raw = valid("Competition")["spec"]["constraints"]
    now, later = Constraints.model_validate(raw), LaterConstraints.model_validate(raw)
    assert digest_of(now) == digest_of(later)
    assert digest_of((now,)) == digest_of((later,))
    used = LaterConstraints.model_validate({**raw, "licences": ["MIT"]})
    assert digest_of(now) != digest_of(used)
