"""Are the tensors of a submission exactly those of its architecture?"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from podium_evaluator.contract import NormLimits, Reason
from podium_evaluator.errors import Failure, quoted, submission
from podium_evaluator.models.config import ModelConfig
from podium_evaluator.models.projection import Rows
from podium_evaluator.weights.header import TensorEntry
from podium_evaluator.weights.scan import ScannedTensor

__all__ = ["check_norms", "check_tensors", "check_tied_head", "normed_rows"]

_DTYPES: Final = frozenset({"F32", "F16", "BF16"})
"""Types that are cast to the competition's; integers and 8-bit floats would need scales."""


def check_tensors(entries: Iterable[TensorEntry], config: ModelConfig) -> None:
    """Compare names, shapes and types of all files' tensors with the architecture's.

    Raises:
        Failure: `TENSORS_MISMATCH` or `DTYPE_NOT_ALLOWED`.
    """
    expected = config.architecture.tensors(config.values)
    allowed = expected | _optional(config)
    ignored = config.architecture.buffers(config.values)
    found: set[str] = set()
    for entry in entries:
        shape = allowed.get(entry.name, ignored.get(entry.name))
        if shape is None:
            raise _mismatch(f"tensor {quoted(entry.name, 200)} is none of {config.architecture.name}")
        if entry.name in found:
            raise _mismatch(f"tensor {quoted(entry.name, 200)} is in two files")
        if entry.shape != shape:
            raise _mismatch(
                f"tensor {quoted(entry.name, 200)}: shape {list(shape)} expected, found {list(entry.shape)}"
            )
        if entry.name in allowed and entry.dtype not in _DTYPES:
            raise submission(
                Reason.DTYPE_NOT_ALLOWED,
                f"tensor {quoted(entry.name, 200)} is {entry.dtype}, not {' or '.join(sorted(_DTYPES))}",
            )
        found.add(entry.name)
    if missing := sorted(expected.keys() - found):
        raise _mismatch(f"{len(missing)} tensors are missing, the first is {missing[0]}")


def check_tied_head(tensors: Collection[ScannedTensor], config: ModelConfig) -> None:
    """A head that is tied and stored all the same must repeat the embedding, since it is not read.

    Raises:
        Failure: `TENSORS_MISMATCH`.
    """
    if not _optional(config):
        return
    architecture = config.architecture
    names = {architecture.embedding, architecture.head}
    kept = {(one.entry.dtype, one.sha256) for one in tensors if one.entry.name in names}
    if len(kept) > 1:
        raise _mismatch(
            f"{architecture.head} differs from {architecture.embedding} although tie_word_embeddings is true"
        )


def normed_rows(config: ModelConfig) -> dict[str, tuple[Rows, ...]]:
    """Tensors whose norms are limited, each with the rows of the projections that it holds."""
    found: dict[str, tuple[Rows, ...]] = {}
    for layers in config.architecture.projections(config.values).values():
        for one in layers:
            found[one.tensor] = (*found.get(one.tensor, ()), one.rows)
    return found


def check_norms(tensors: Iterable[ScannedTensor], config: ModelConfig, limits: NormLimits) -> None:
    """No norm beyond `hard`; few beyond `soft`, as a mean over the kinds of projections.

    Args:
        tensors: All weights, scanned with `normed_rows`.
        config: The model's.
        limits: The competition's bounds.

    Raises:
        Failure: `NORMS_OUT_OF_RANGE`.
    """
    parts = normed_rows(config)
    norms = {
        (one.entry.name, rows): norm
        for one in tensors
        if one.entry.name in parts
        for rows, norm in zip(parts[one.entry.name], one.norms, strict=True)
    }
    fractions: list[float] = []
    for kind, layers in config.architecture.projections(config.values).items():
        found = [norms[one.tensor, one.rows] for one in layers]
        largest = max(found)
        if largest > limits.hard:
            raise _norms(f"norm of layer {found.index(largest)} {kind} is", largest, limits.hard)
        fractions.append(sum(norm > limits.soft for norm in found) / len(found))
    mean = sum(fractions) / len(fractions)
    if mean > limits.soft_fraction:
        rule = f"mean fraction of projections with a norm above {limits.soft:g} is"
        raise _norms(rule, mean, limits.soft_fraction)


def _optional(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    if not config.values["tie_word_embeddings"]:
        return {}
    shapes = config.architecture.tensors(config.values)
    return {config.architecture.head: shapes[config.architecture.embedding]}


def _mismatch(message: str) -> Failure:
    return submission(Reason.TENSORS_MISMATCH, message)


def _norms(rule: str, found: float, limit: float) -> Failure:
    return submission(Reason.NORMS_OUT_OF_RANGE, f"{rule} {found:.6g}, above the maximum {limit:.6g}")
