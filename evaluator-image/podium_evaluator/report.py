"""How a run ends: any exception becomes a failure, a failure becomes a summary that fits."""

from __future__ import annotations

import errno
import traceback
from pathlib import Path
from typing import Final

from podium_evaluator.contract import SUMMARY_BYTES, Reason, Summary
from podium_evaluator.errors import Failure, evaluator, infrastructure, organizer

__all__ = ["failed", "failure_of", "fitting", "is_allocation_failure", "traceback_text"]

_MESSAGE_CHARACTERS: Final = 1024
_TASK_MESSAGES: Final = (1024, 256, 64, 0)
"""Characters that tasks keep of their messages, tried in this order; their reasons are never cut."""
_TRACEBACK_CHARACTERS: Final = 16 * 1024
_NO_SPACE: Final = frozenset({errno.ENOSPC, errno.EDQUOT})
_ALLOCATOR_MESSAGES: Final = ("can't allocate memory", "not enough memory", "out of memory")


def failure_of(error: BaseException) -> Failure:
    """The failure that an exception amounts to; what nobody expected is our bug.

    The message of an unexpected exception stays in the log: it may quote a stranger or name paths.
    """
    match error:
        case Failure():
            return error
        case _ if is_allocation_failure(error):
            what = "an allocation of a tensor" if isinstance(error, RuntimeError) else "an allocation"
            return infrastructure(Reason.OUT_OF_MEMORY, f"{what} failed")
        case OSError() if error.errno in _NO_SPACE:
            return infrastructure(Reason.STORE_FULL, "no space left on the store's volume")
        case _:
            return evaluator(Reason.EVALUATOR_BUG, f"unexpected {type(error).__name__} in {_place(error)}")


def is_allocation_failure(error: BaseException) -> bool:
    """Whether memory did not suffice; PyTorch tells of the CPU's only by a text."""
    told = isinstance(error, RuntimeError) and any(text in str(error) for text in _ALLOCATOR_MESSAGES)
    return told or isinstance(error, MemoryError)


def failed(nonce: str, failure: Failure, seconds: float) -> Summary:
    """The summary of a failure."""
    printable = failure.message.encode("ascii", "backslashreplace").decode()
    message = printable[:_MESSAGE_CHARACTERS]
    return Summary(nonce=nonce, fault=failure.fault, reason=failure.reason, message=message, seconds=seconds)


def fitting(summary: Summary) -> Summary:
    """A summary of at most `SUMMARY_BYTES`: messages are cut and a sketch is left out, a result never is.

    A result that does not fit is the organiser's failure: fewer tasks or shorter names are needed.
    """
    if _excess(summary) <= 0:
        return summary
    for limit in _TASK_MESSAGES:
        summary = _with_task_messages(summary, limit)
        if (excess := _excess(summary)) <= len(summary.message):
            kept = len(summary.message) - max(0, excess)
            return summary.model_copy(update={"message": summary.message[:kept]})
    if summary.fetched is not None:
        summary = summary.model_copy(update={"fetched": summary.fetched.model_copy(update={"sketch": None})})
        if _excess(summary) <= 0:
            return summary
    excess = _excess(summary)
    failure = organizer(
        Reason.REQUEST_INVALID,
        f"the result exceeds {SUMMARY_BYTES} bytes by {excess}: use fewer tasks or shorter names",
    )
    return failed(summary.nonce, failure, summary.seconds)


def _excess(summary: Summary) -> int:
    return len(summary.to_json().encode()) - SUMMARY_BYTES


def _with_task_messages(summary: Summary, limit: int) -> Summary:
    scores, prepared = summary.scores, summary.prepared
    if scores is not None:
        scores = tuple(one.model_copy(update={"message": one.message[:limit]}) for one in scores)
    if prepared is not None:
        tasks = tuple(one.model_copy(update={"message": one.message[:limit]}) for one in prepared.tasks)
        prepared = prepared.model_copy(update={"tasks": tasks})
    return summary.model_copy(update={"scores": scores, "prepared": prepared})


def traceback_text(error: BaseException) -> str:
    """The traceback for the log, bounded and printable: its end is the part that explains."""
    text = "".join(traceback.format_exception(error))
    return text.encode("ascii", "backslashreplace").decode()[-_TRACEBACK_CHARACTERS:]


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "native code"
