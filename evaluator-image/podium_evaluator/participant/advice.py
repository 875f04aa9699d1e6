"""What to do about a failure here, at the participant's own machine."""

from __future__ import annotations

from typing import Final

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure

__all__ = ["advice"]

_ORGANISER: Final = "this is the organiser's: a round would be postponed, or go on without the task"

_ADVICE: Final = {
    Reason.OUT_OF_MEMORY: (
        "close other programs, use a machine or GPU with more memory, or --device cpu; --tasks leaves out"
        " tasks with long samples"
    ),
    Reason.HUB_UNAVAILABLE: "look at the network and at --hub-endpoint and run again: what arrived is kept",
    Reason.DATASET_UNAVAILABLE: "look at the network and run again; in a round this is tried again too",
    Reason.DATASET_INVALID: _ORGANISER,
    Reason.TOO_FEW_SAMPLES: _ORGANISER,
    Reason.STORE_FULL: "make room, or name a folder on another disk with --cache",
    Reason.STORED_BYTES_CHANGED: "run again: what is stored is made anew",
    Reason.NOT_YET_PUBLISHED: "a repository that is still private can be read here with HF_TOKEN set",
    Reason.FILE_NOT_ALLOWED: "a folder of the hub's own cache holds links: copy it with cp -rL",
    Reason.EVALUATOR_BUG: "this is a bug of the evaluator: report it with the lines above",
}


def advice(failure: Failure) -> str | None:
    """A sentence, or None where the failure's message says it all."""
    return _ADVICE.get(failure.reason)
