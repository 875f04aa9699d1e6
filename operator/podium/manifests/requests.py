"""The request documents that pods of ours get, from what competitions and rounds store."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from pydantic.alias_generators import to_pascal

from podium.api.competition import Competition
from podium.api.constraints import Tokenizer as StoredTokenizer
from podium.api.datasets import Dataset as StoredDataset
from podium.api.round import Round
from podium.api.source import Source
from podium.api.tasks import Task as StoredTask
from podium.core.jobs import StoreSweep
from podium.core.plan import CreateEvaluateJob
from podium_evaluator import contract

__all__ = ["evaluate_request", "fetch_request", "prepare_request", "probe_request", "threads_of"]

_MOST_THREADS: Final = 256
_SUFFIXES: Final = {
    "": Fraction(1),
    "m": Fraction(1, 1000),
    **{suffix: Fraction(1000**power) for power, suffix in enumerate("kMGT", 1)},
    **{f"{suffix}i": Fraction(1024**power) for power, suffix in enumerate("KMGT", 1)},
}
"""Of quantities as Kubernetes writes them."""


def probe_request(nonce: str) -> contract.ProbeRequest:
    """Try to reach what an evaluate pod must not reach."""
    return contract.ProbeRequest(nonce=nonce)


def fetch_request(
    competition: Competition,
    source: Source,
    nonce: str,
    *,
    hotkey: str | None = None,
    secure_hash: str | None = None,
    evict: tuple[str, ...] = (),
) -> contract.FetchRequest:
    """Copy one model into the store, under the competition's constraints."""
    constraints = competition.spec.constraints
    norms = constraints.norms
    return contract.FetchRequest(
        nonce=nonce,
        source=_source(source),
        hub_endpoint=_endpoint(competition),
        maximum_bytes=constraints.max_bytes,
        limits=contract.ArchitectureLimits(
            architectures=tuple(constraints.architectures),
            minimum_parameters=constraints.parameters.min,
            maximum_parameters=constraints.parameters.max,
            sequence_length=constraints.sequence_length,
        ),
        norms=contract.NormLimits(
            soft=float(norms.soft), soft_fraction=float(norms.soft_fraction), hard=float(norms.hard)
        )
        if norms
        else None,
        tokenizer=_tokenizer(constraints.tokenizer),
        hotkey=hotkey,
        secure_hash=secure_hash,
        evict=evict,
    )


def prepare_request(
    competition: Competition, round_: Round, nonce: str, sweep: StoreSweep | None = None
) -> contract.PrepareRequest:
    """Draw a round's samples, in a store that is swept before where the request has room to say of what."""
    spec = round_.spec
    request = contract.PrepareRequest(
        nonce=nonce,
        seed=spec.seed,
        tasks=_tasks(spec.tasks),
        tokenizer=_tokenizer(spec.tokenizer),
        sequence_length=spec.sequence_length,
        hub_endpoint=_endpoint(competition),
        window=contract.Window(after=_seconds(spec.window.after), until=_seconds(spec.window.until)),
        when_unavailable=spec.when_task_unavailable,
    )
    swept = request.model_copy(update={"sweep": _sweep(sweep)}) if sweep is not None else request
    return swept if len(swept.to_json().encode()) <= contract.REQUEST_BYTES else request


def evaluate_request(round_: Round, action: CreateEvaluateJob, nonce: str) -> contract.EvaluateRequest:
    """Score one contender of a round."""
    spec = round_.spec
    samples = round_.status.samples
    unavailable = {task.name for task in samples.tasks if task.digest is None} if samples else set()
    return contract.EvaluateRequest(
        nonce=nonce,
        manifest_digest=action.manifest_digest,
        samples_digest=action.samples_digest,
        tasks=_tasks([task for task in spec.tasks if task.name not in unavailable]),
        tokenizer=_tokenizer(spec.tokenizer),
        sequence_length=spec.sequence_length,
        dtype=spec.dtype,
        threads=threads_of(spec.evaluator.resources.limits.get("cpu", "1")),
        timeout_seconds=spec.evaluator.timeout_seconds,
        isolation=spec.isolation,
    )


def threads_of(cpu: str) -> int:
    """Threads for a CPU limit such as ``2`` or ``500m``: whole CPUs, at least one, at most 256.

    They are part of the environment of a round, since they decide the last bits of a score.
    """
    number = cpu.rstrip("mkKMGTi")
    cpus = Fraction(number) * _SUFFIXES[cpu.removeprefix(number)]
    return min(max(int(cpus), 1), _MOST_THREADS)


def _endpoint(competition: Competition) -> str | None:
    return competition.spec.hub.endpoint if competition.spec.hub else None


def _source(source: Source) -> contract.HuggingFaceSource | contract.VolumeSource:
    if source.hugging_face is not None:
        return contract.HuggingFaceSource(
            repository=source.hugging_face.repository, revision=source.hugging_face.revision
        )
    if source.volume is not None:
        return contract.VolumeSource(path=source.volume.path)
    raise ValueError("a source needs exactly one of huggingFace and volume")


def _sweep(sweep: StoreSweep) -> contract.StoreSweep:
    return contract.StoreSweep(
        stored_before=int(sweep.stored_before.timestamp()),
        models_beginning=sweep.beginning,
        models=sweep.models,
        samples=sweep.samples,
    )


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment is not None else None


def _tokenizer(tokenizer: StoredTokenizer) -> contract.Tokenizer:
    return contract.Tokenizer.model_validate(tokenizer.model_dump())


def _tasks(tasks: Sequence[StoredTask]) -> tuple[contract.Task, ...]:
    return tuple(
        contract.Task.model_validate(
            {
                **task.model_dump(exclude={"weight", "normalization", "dataset"}),
                "freshness": task.dataset.freshness,
                "dataset": _dataset(task.dataset),
            }
        )
        for task in tasks
    )


# Any: a field of a model, whose type depends on its name.
def _dataset(dataset: StoredDataset) -> dict[str, Any]:
    """The one dataset that is set, with the kind that the contract tells it by."""
    found = dataset.model_dump(exclude={"freshness"}, exclude_none=True)
    if len(found) != 1:
        raise ValueError(f"exactly one dataset expected, found {sorted(found)}")
    ((name, values),) = found.items()
    return {"kind": to_pascal(name), **values}
