"""Failures that are somebody's fault, and the exit code that each becomes."""

from __future__ import annotations

from typing import Final

from podium_evaluator.contract import ExitCode, Fault, Reason

__all__ = ["Failure", "evaluator", "exit_code", "infrastructure", "organizer", "quoted", "submission"]

_HUB_REASONS: Final = frozenset({Reason.HUB_UNAVAILABLE, Reason.DATASET_UNAVAILABLE})


class Failure(Exception):  # noqa: N818 - "failure" is the contract's word; it carries a verdict
    """A subcommand ends without a result.

    Attributes:
        fault: Who is to blame; decides the consequences.
        reason: Which of the closed set of reasons.
        message: What was expected, what was found and what to do; shown to users.
    """

    def __init__(self, fault: Fault, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.fault = fault
        self.reason = reason
        self.message = message


def submission(reason: Reason, message: str) -> Failure:
    """The submission's bytes are at fault."""
    return Failure(Fault.SUBMISSION, reason, message)


def infrastructure(reason: Reason, message: str) -> Failure:
    """Nobody's fault: worth another attempt."""
    return Failure(Fault.INFRASTRUCTURE, reason, message)


def organizer(reason: Reason, message: str) -> Failure:
    """The competition asks for something that cannot be had."""
    return Failure(Fault.ORGANIZER, reason, message)


def evaluator(reason: Reason, message: str) -> Failure:
    """The operator or this image is wrong."""
    return Failure(Fault.EVALUATOR, reason, message)


def exit_code(fault: Fault, reason: Reason) -> ExitCode:
    """The published exit status of a failure."""
    match fault:
        case Fault.SUBMISSION:
            return ExitCode.SUBMISSION_AT_FAULT
        case Fault.ORGANIZER:
            return ExitCode.REQUEST_INVALID
        case Fault.EVALUATOR:
            invalid = reason is Reason.REQUEST_INVALID
            return ExitCode.REQUEST_INVALID if invalid else ExitCode.EVALUATOR_BUG
        case Fault.INFRASTRUCTURE:
            return ExitCode.HUB_UNAVAILABLE if reason in _HUB_REASONS else ExitCode.TRY_AGAIN


def quoted(value: object, limit: int = 80) -> str:
    """A stranger's value for a message: printable ASCII in quotes, cut to `limit` characters."""
    text = ascii(value)
    return text if len(text) <= limit else f"{text[: limit - 4]}...'"
