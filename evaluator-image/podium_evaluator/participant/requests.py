"""The requests that a Competition's pods get.

The operator has its own translation, of what the cluster stores; tests show that both give the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from podium_evaluator import contract
from podium_evaluator.errors import quoted
from podium_evaluator.participant.competition import Competition, TaskEntry, field_path, sentence
from podium_evaluator.participant.manifest import ManifestError

__all__ = ["check_requests", "evaluate_request", "fetch_request", "prepare_request", "threads_of"]

_NONCE: Final = "0" * 32
"""Nobody else answers here, so there is nothing to tell apart."""
_ANY_DIGEST: Final = f"sha256:{'0' * 64}"
_ANY_SEED: Final = "0" * 64

_MOST_THREADS: Final = 256
_QUANTITY: Final = re.compile(r"(?P<number>[0-9]{1,32}(\.[0-9]{0,32})?)(?P<suffix>[A-Za-z]{0,2})")
_SUFFIXES: Final = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    **{suffix: Fraction(1000**power) for power, suffix in enumerate("kMGT", 1)},
    **{f"{suffix}i": Fraction(1024**power) for power, suffix in enumerate("KMGT", 1)},
}
"""Of quantities as Kubernetes writes them."""

_PLACES: Final = {
    "limits.architectures": "constraints.architectures",
    "limits.minimumParameters": "constraints.parameters.min",
    "limits.maximumParameters": "constraints.parameters.max",
    "limits.sequenceLength": "constraints.sequenceLength",
    "sequenceLength": "constraints.sequenceLength",
    "maximumBytes": "constraints.maxBytes",
    "norms.soft": "constraints.norms.soft",
    "norms.softFraction": "constraints.norms.softFraction",
    "norms.hard": "constraints.norms.hard",
    "hubEndpoint": "hub.endpoint",
    "timeoutSeconds": "evaluator.timeoutSeconds",
    "threads": "evaluator.resources.limits.cpu",
}
"""Where in a Competition's spec a value of a request comes from."""


def fetch_request(
    competition: Competition,
    source: contract.HuggingFaceSource | contract.VolumeSource,
    hub_endpoint: str | None = None,
) -> contract.FetchRequest:
    """Copy one submission into the store, under the competition's constraints.

    Args:
        competition: Whose.
        source: Where the model is.
        hub_endpoint: In place of the competition's.
    """
    constraints = competition.spec.constraints
    parameters, norms = constraints.parameters, constraints.norms
    least = {} if parameters.min is None else {"minimum_parameters": parameters.min}
    return contract.FetchRequest.model_validate(
        {
            "nonce": _NONCE,
            "source": source,
            "hub_endpoint": hub_endpoint or _endpoint(competition),
            "maximum_bytes": constraints.max_bytes,
            "limits": {
                "architectures": constraints.architectures,
                "maximum_parameters": parameters.max,
                "sequence_length": constraints.sequence_length,
                **least,
            },
            "norms": norms
            and {
                "soft": float(norms.soft),
                "soft_fraction": float(norms.soft_fraction),
                "hard": float(norms.hard),
            },
            "tokenizer": constraints.tokenizer,
        }
    )


def prepare_request(
    competition: Competition,
    tasks: Sequence[contract.Task],
    seed: str,
    window: contract.Window,
    hub_endpoint: str | None = None,
) -> contract.PrepareRequest:
    """Draw samples.

    Args:
        competition: Whose.
        tasks: Those that are wanted.
        seed: 64 hexadecimal digits in place of a round's.
        window: The times of the round that is imagined.
        hub_endpoint: In place of the competition's.
    """
    rule = competition.spec.rounds.when_task_unavailable
    return contract.PrepareRequest(
        nonce=_NONCE,
        seed=seed,
        tasks=tuple(tasks),
        tokenizer=competition.spec.constraints.tokenizer,
        sequence_length=competition.spec.constraints.sequence_length,
        hub_endpoint=hub_endpoint or _endpoint(competition),
        window=window,
        **({} if rule is None else {"when_unavailable": rule}),
    )


def evaluate_request(
    competition: Competition,
    tasks: Sequence[contract.Task],
    manifest_digest: str,
    samples_digest: str,
) -> contract.EvaluateRequest:
    """Score one model.

    Args:
        competition: Whose.
        tasks: Those that have samples.
        manifest_digest: Of the model.
        samples_digest: Of the samples.
    """
    spec = competition.spec
    given = {
        "dtype": spec.constraints.dtype,
        "timeout_seconds": spec.evaluator.timeout_seconds,
        "isolation": spec.isolation,
    }
    return contract.EvaluateRequest.model_validate(
        {
            "nonce": _NONCE,
            "manifest_digest": manifest_digest,
            "samples_digest": samples_digest,
            "tasks": tuple(tasks),
            "tokenizer": spec.constraints.tokenizer,
            "sequence_length": spec.constraints.sequence_length,
            "threads": threads_of(spec.evaluator.resources.limits.get("cpu", "1")),
            **{name: value for name, value in given.items() if value is not None},
        }
    )


def check_requests(competition: Competition, entry: TaskEntry) -> None:
    """Whether the competition's values are within the contract's bounds, before anything is done.

    Raises:
        ManifestError: With the field and what is expected of it.
    """
    try:
        fetch_request(competition, contract.VolumeSource(path="."))
        prepare_request(competition, entry.tasks, _ANY_SEED, contract.Window())
        evaluate_request(competition, entry.tasks, _ANY_DIGEST, _ANY_DIGEST)
    except ValidationError as error:
        lines = [sentence(one, _place(one["loc"])) for one in error.errors(include_url=False)]
        raise ManifestError("\n".join(lines)) from error


def threads_of(cpu: str) -> int:
    """Threads for a CPU limit such as ``2`` or ``500m``: whole CPUs, at least one, at most 256.

    Raises:
        ManifestError: It is no amount of CPUs.
    """
    found = _QUANTITY.fullmatch(cpu)
    if found is None or found["suffix"] not in _SUFFIXES:
        place = f"spec.{_PLACES['threads']}"
        raise ManifestError(f"{place}: expected CPUs such as 4 or '500m', found {quoted(cpu)}")
    cpus = Fraction(found["number"]) * _SUFFIXES[found["suffix"]]
    return min(max(int(cpus), 1), _MOST_THREADS)


def _place(location: Sequence[int | str]) -> str:
    path = field_path([part if isinstance(part, int) else to_camel(part) for part in location])
    return f"spec.{_PLACES.get(path, path)}"


def _endpoint(competition: Competition) -> str | None:
    return competition.spec.hub.endpoint if competition.spec.hub else None
