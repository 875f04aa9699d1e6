"""From hidden states to losses without the logits of a whole vocabulary at once.

The vocabulary is cut into tiles. Of each tile only the logarithm of the sum of its exponentials is kept,
and the logits of the tokens that are asked for; tiles are joined in their order.
"""

from __future__ import annotations

import functools
import logging
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch

from podium_evaluator.engine.model import LanguageModel

__all__ = ["STATES", "Head", "compiled_weight", "head_of", "plain_weight"]

logger = logging.getLogger(__name__)

STATES: Final = 1024
"""Hidden states at once."""

_TILE: Final = 4096
"""Logits of each at once: with `STATES` 16 MiB in single precision."""

_WARM_UP: Final = (64, 160)
"""Neither equal nor one, so that neither is taken for a constant."""

_SMALL: Final = 16_384
"""Vocabularies up to this size are not worth the seconds of compiling."""

Kernel = Callable[
    [torch.Tensor, torch.Tensor, torch.Tensor | None, float | None, torch.Tensor, torch.Tensor], torch.Tensor
]
"""From hidden states, matrix, bias, bound, states and targets to losses, without logits in memory."""

Weight = Callable[[torch.Tensor, float | None], torch.Tensor]
"""From a tile of logits before their bound, rows × tile, to the weight of each row."""


def _bounded(logits: torch.Tensor, softcap: float | None) -> torch.Tensor:
    return logits if softcap is None else torch.tanh(logits / softcap) * softcap


def plain_weight(logits: torch.Tensor, softcap: float | None) -> torch.Tensor:
    """Logarithm of the sum of the exponentials of bounded logits, for each row."""
    bounded = _bounded(logits.float(), softcap)
    largest = bounded.amax(1)
    return largest + torch.log(torch.exp(bounded - largest[:, None]).sum(1))


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a model.

    Attributes:
        matrix: Vocabulary × width.
        bias: Of each logit, where there is one.
        softcap: Bound c of the logits, where there is one: they are c · tanh(x / c).
        weight: Reduces a tile.
        kind: Which way it computes, for the path.
        kernel: Takes the place of all tiles, where there is one.
    """

    matrix: torch.Tensor
    bias: torch.Tensor | None
    softcap: float | None
    weight: Weight
    kind: str
    kernel: Kernel | None = None

    def losses(self, hidden: torch.Tensor, state: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        """Cross entropies in nats, in single precision.

        Args:
            hidden: States × width.
            state: Which of them predicts, for each loss.
            target: Token that is predicted, for each loss.
        """
        if self.kernel is not None:
            return self.kernel(hidden, self.matrix, self.bias, self.softcap, state, target)
        tiles = range(0, self.matrix.shape[0], _TILE)
        weights = hidden.new_empty(len(tiles), hidden.shape[0], dtype=torch.float32)
        wanted = hidden.new_empty(len(target), dtype=torch.float32)
        by_tile = torch.argsort(target, stable=True)
        edges = torch.searchsorted(target[by_tile], torch.tensor([*tiles, self.matrix.shape[0]]).to(target))
        room = hidden.new_empty(hidden.shape[0], _TILE)
        for number, start in enumerate(tiles):
            logits = self._tile(hidden, start, room)
            weights[number] = self.weight(logits, self.softcap)
            here = by_tile[edges[number] : edges[number + 1]]
            wanted[here] = _bounded(logits[state[here], target[here] - start].float(), self.softcap)
        return torch.logsumexp(weights, 0)[state] - wanted

    def _tile(self, hidden: torch.Tensor, start: int, room: torch.Tensor) -> torch.Tensor:
        part = self.matrix[start : start + _TILE]
        out = room if part.shape[0] == _TILE else room.new_empty(room.shape[0], part.shape[0])
        if self.bias is None:
            return torch.mm(hidden, part.t(), out=out)
        return torch.addmm(self.bias[start : start + _TILE], hidden, part.t(), out=out)


def head_of(model: LanguageModel) -> Head:
    """The head of a model, as fast as it can be computed here."""
    matrix, bias = model.head.weight, model.head.bias
    if model.device.type == "cuda" and (kernel := gpu_kernel()) is not None:
        return Head(matrix, bias, model.softcap, plain_weight, "kernel", kernel)
    if (
        model.device.type == "cpu"
        and model.vocabulary > _SMALL
        and (compiled := compiled_weight()) is not None
    ):
        return Head(matrix, bias, model.softcap, compiled, "tiles, compiled")
    return Head(matrix, bias, model.softcap, plain_weight, "tiles")


@functools.cache
def gpu_kernel() -> Kernel | None:
    """The kernel for GPUs, or None where it cannot be built: its launcher needs a C compiler."""
    try:
        from podium_evaluator.engine.head_triton import losses  # noqa: PLC0415 - only GPUs need it

        one = torch.zeros(1, dtype=torch.long, device="cuda")
        for dtype in (torch.float32, torch.bfloat16):
            few = torch.zeros(_WARM_UP, dtype=dtype, device="cuda")
            losses(few, few, None, None, one, one)
    except Exception:  # whatever is wrong with it, tiles are there
        logger.warning("the kernel does not work here: losses take longer", exc_info=True)
        return None
    return losses


@functools.cache
def compiled_weight() -> Weight | None:
    """`plain_weight` in one pass over a tile, or None without a working compiler."""
    if not any(map(shutil.which, ("g++", "clang++"))):
        return None
    from torch._inductor import config as inductor  # noqa: PLC0415 - slow to import

    # Workers would be processes of their own for a single function.
    inductor.compile_threads = 1
    compiled: Weight = torch.compile(plain_weight, dynamic=True)
    try:
        for dtype in (torch.float32, torch.bfloat16):
            compiled(torch.zeros(_WARM_UP, dtype=dtype), None)
    except Exception:  # whatever is wrong with it, the plain way is there
        logger.warning("the compiler does not work: losses take longer", exc_info=True)
        return None
    return compiled
