"""Are the tensors of a submission exactly those of its architecture?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final

from podium_evaluator.contract import NormLimits, Reason
from podium_evaluator.errors import Failure, quoted, submission
from podium_evaluator.models.config import ModelConfig
from podium_evaluator.models.keys import integer
from podium_evaluator.weights.header import TensorEntry
from podium_evaluator.weights.scan import ScannedTensor

__all__ = ["check_norms", "check_tensors", "check_tied_head", "projection_names"]

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


def projection_names(config: ModelConfig) -> dict[str, tuple[str, ...]]:
    """Kind of projection to the names of its tensors, a layer each."""
    layers = range(integer(config.values, "num_hidden_layers"))
    return {kind: tuple(kind.format(index) for index in layers) for kind in config.architecture.projections}


def check_norms(norms: Mapping[str, float], kinds: Mapping[str, tuple[str, ...]], limits: NormLimits) -> None:
    """No norm beyond `hard`; few beyond `soft`, as a mean over the kinds of projections.

    Args:
        norms: L2 norm by tensor name.
        kinds: As from `projection_names`.
        limits: The competition's bounds.

    Raises:
        Failure: `NORMS_OUT_OF_RANGE`.
    """
    for name, norm in norms.items():
        if norm > limits.hard:
            raise _norms(f"tensor {name} has norm {norm:.4g}, the limit is {limits.hard:g}")
    fractions = [
        sum(norms[name] > limits.soft for name in names) / len(names) for names in kinds.values() if names
    ]
    mean = sum(fractions) / len(fractions)
    if mean > limits.soft_fraction:
        raise _norms(
            f"{mean:.1%} of the projections have a norm over {limits.soft:g}, at most"
            f" {limits.soft_fraction:.1%} may"
        )


def _optional(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    if not config.values["tie_word_embeddings"]:
        return {}
    shapes = config.architecture.tensors(config.values)
    return {config.architecture.head: shapes[config.architecture.embedding]}


def _mismatch(message: str) -> Failure:
    return submission(Reason.TENSORS_MISMATCH, message)


def _norms(message: str) -> Failure:
    return submission(Reason.NORMS_OUT_OF_RANGE, message)
