"""The competition's constraints in the order in which they are checked, and how far a model came."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Final

from podium_evaluator.contract import Fault, FetchRequest, Reason
from podium_evaluator.participant.verdict import Step, Verdict
from podium_evaluator.quantities import engineering

__all__ = ["Check", "CheckOutcome", "checks_of"]


class CheckOutcome(enum.StrEnum):
    """What became of a check."""

    PASSED = "Passed"
    REJECTED = "Rejected"
    NOT_REACHED = "NotReached"


@dataclass(frozen=True, slots=True)
class Check:
    """One constraint.

    Attributes:
        name: A word for it.
        rule: What is asked.
        outcome: Whether the model meets it.
    """

    name: str
    rule: str
    outcome: CheckOutcome


_REASONS: Final[dict[str, frozenset[Reason]]] = {
    "source": frozenset(
        {
            Reason.NOT_YET_PUBLISHED,
            Reason.REVISION_NOT_FOUND,
            Reason.VOLUME_PATH_NOT_FOUND,
            Reason.FILE_NOT_ALLOWED,
        }
    ),
    "size": frozenset({Reason.TOO_LARGE}),
    "configuration": frozenset(
        {Reason.CONFIG_MALFORMED, Reason.CONFIG_KEY_NOT_HONOURED, Reason.ARCHITECTURE_NOT_ALLOWED}
    ),
    "parameters": frozenset({Reason.PARAMETERS_OUT_OF_RANGE}),
    "positions": frozenset({Reason.SEQUENCE_TOO_SHORT}),
    "weight files": frozenset(
        {Reason.NO_SAFETENSORS, Reason.SAFETENSORS_MALFORMED, Reason.SAFETENSORS_TRUNCATED}
    ),
    "tokenizer": frozenset(
        {
            Reason.TOKENIZER_MALFORMED,
            Reason.TOKENIZER_NOT_SUPPORTED,
            Reason.CHAT_TEMPLATE_UNKNOWN,
            Reason.VOCABULARY_TOO_SMALL,
        }
    ),
    "tensors": frozenset({Reason.TENSORS_MISMATCH, Reason.DTYPE_NOT_ALLOWED}),
    "values": frozenset({Reason.NON_FINITE_WEIGHTS}),
    "norms": frozenset({Reason.NORMS_OUT_OF_RANGE}),
}
"""Reasons by the first check that can give them, checks in the order of the fetch command."""


def checks_of(request: FetchRequest, verdict: Verdict) -> tuple[Check, ...]:
    """Every constraint of a competition, with what is known of the model.

    A check that fails ends the fetch, so those after it are not reached.

    Args:
        request: The competition's constraints.
        verdict: How far the model came.
    """
    rules = _rules(request)
    names = [name for name in _REASONS if name in rules]
    if verdict.fetched is not None:
        return tuple(Check(name, rules[name], CheckOutcome.PASSED) for name in names)
    stopped = _stopped_at(names, verdict)
    return tuple(Check(name, rules[name], _outcome(number, stopped)) for number, name in enumerate(names))


def _stopped_at(names: list[str], verdict: Verdict) -> int | None:
    """The number of the check that rejected the model, if one did."""
    failure = verdict.failure
    if failure is None or verdict.stopped_in is not Step.FETCH or failure.fault is not Fault.SUBMISSION:
        return None
    return next((number for number, name in enumerate(names) if failure.reason in _REASONS[name]), None)


def _outcome(number: int, stopped: int | None) -> CheckOutcome:
    if stopped is None or number > stopped:
        return CheckOutcome.NOT_REACHED
    return CheckOutcome.REJECTED if number == stopped else CheckOutcome.PASSED


def _rules(request: FetchRequest) -> dict[str, str]:
    limits, tokenizer, norms = request.limits, request.tokenizer, request.norms
    fixed = f"the embedding covers {tokenizer.repository} at {tokenizer.revision}"
    rules = {
        "source": "its files can be listed and read; those that are needed are no links",
        "size": f"all files together have at most {engineering(request.maximum_bytes)} bytes",
        "configuration": f"config.json is understood, one of {', '.join(limits.architectures)}",
        "parameters": (
            f"from {engineering(limits.minimum_parameters)} to {engineering(limits.maximum_parameters)},"
            " tied weights once"
        ),
        "positions": f"where they are learned, at least {limits.sequence_length}",
        "weight files": "safetensors, whole and well-formed",
        "tokenizer": fixed
        if tokenizer.policy == "Fixed"
        else "tokenizer.json is understood, the embedding covers it, its chat template is accepted",
        "tensors": "exactly those of the architecture, in F32, F16 or BF16",
        "values": "all weights are finite",
    }
    if norms is not None:
        often = f"at most {norms.soft_fraction:g} of the projections above {norms.soft:g}"
        rules["norms"] = f"none above {norms.hard:g}, {often}"
    return rules
