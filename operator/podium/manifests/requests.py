"""The request documents that pods of ours get, from what competitions and rounds store."""

from __future__ import annotations

from collections.abc import Sequence

from podium.api.competition import Competition
from podium.api.constraints import Tokenizer as StoredTokenizer
from podium.api.round import Round
from podium.api.source import Source
from podium.api.tasks import Dataset as StoredDataset
from podium.api.tasks import Task as StoredTask
from podium.core.plan import CreateEvaluateJob
from podium_evaluator import contract

__all__ = ["evaluate_request", "fetch_request", "prepare_request", "probe_request", "threads_of"]


def probe_request(nonce: str) -> contract.ProbeRequest:
    """Try to reach what an evaluate pod must not reach."""
    return contract.ProbeRequest(nonce=nonce)


def fetch_request(competition: Competition, source: Source, nonce: str) -> contract.FetchRequest:
    """Copy one submission into the store, under the competition's constraints."""
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
    )


def prepare_request(competition: Competition, round_: Round, nonce: str) -> contract.PrepareRequest:
    """Draw a round's samples."""
    spec = round_.spec
    return contract.PrepareRequest(
        nonce=nonce,
        seed=spec.seed,
        tasks=_tasks(spec.tasks),
        tokenizer=_tokenizer(spec.tokenizer),
        sequence_length=spec.sequence_length,
        hub_endpoint=_endpoint(competition),
    )


def evaluate_request(round_: Round, action: CreateEvaluateJob, nonce: str) -> contract.EvaluateRequest:
    """Score one contender of a round."""
    spec = round_.spec
    return contract.EvaluateRequest(
        nonce=nonce,
        manifest_digest=action.manifest_digest,
        samples_digest=action.samples_digest,
        tasks=_tasks(spec.tasks),
        tokenizer=_tokenizer(spec.tokenizer),
        sequence_length=spec.sequence_length,
        threads=threads_of(spec.evaluator.resources.limits.get("cpu", "1")),
        timeout_seconds=spec.evaluator.timeout_seconds,
        isolation=spec.isolation,
    )


def threads_of(cpu: str) -> int:
    """Threads for a CPU limit such as ``2`` or ``500m``: whole CPUs, at least one.

    They are part of the environment of a round, since they decide the last bits of a score.
    """
    cpus = int(cpu.removesuffix("m")) / 1000 if cpu.endswith("m") else float(cpu)
    return max(int(cpus), 1)


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


def _tokenizer(tokenizer: StoredTokenizer) -> contract.Tokenizer:
    return contract.Tokenizer(
        policy=tokenizer.policy,
        repository=tokenizer.repository,
        revision=tokenizer.revision,
        chat_template=tokenizer.chat_template,
    )


def _tasks(tasks: Sequence[StoredTask]) -> tuple[contract.Task, ...]:
    return tuple(
        contract.Task(
            name=task.name,
            method=contract.Method(task.method),
            loss_unit=task.loss_unit,
            dataset=_dataset(task.dataset),
        )
        for task in tasks
    )


def _dataset(dataset: StoredDataset) -> contract.WordSortingDataset | contract.HuggingFaceDataset:
    if dataset.word_sorting is not None:
        return contract.WordSortingDataset.model_validate(dataset.word_sorting.model_dump())
    if dataset.hugging_face is not None:
        return contract.HuggingFaceDataset.model_validate(dataset.hugging_face.model_dump())
    raise ValueError("a dataset needs exactly one of wordSorting and huggingFace")
