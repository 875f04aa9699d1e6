"""A failed allocation becomes a failure that says what it was for; other errors stay what they are."""

import pytest
import torch

from podium_evaluator.contract import Reason
from podium_evaluator.engine.out_of_memory import told
from podium_evaluator.errors import Failure


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB."),
        RuntimeError("[enforce fail at alloc_cpu.cpp:121] DefaultCPUAllocator: can't allocate memory"),
    ],
)
def test_a_failed_allocation_is_told_with_its_shapes(error: Exception) -> None:
    expected = "64 slots of 512 tokens: memory does not suffice"
    with pytest.raises(Failure, match=expected) as caught, told("64 slots of 512 tokens"):
        raise error

    assert caught.value.reason is Reason.OUT_OF_MEMORY


def test_a_real_allocation_that_fails_is_told() -> None:
    with pytest.raises(Failure, match="memory does not suffice"), told("half an exbibyte"):
        torch.empty(2**59, dtype=torch.uint8)


def test_another_error_stays_what_it_is() -> None:
    with pytest.raises(RuntimeError, match=r"^shapes differ$"), told("anything"):
        raise RuntimeError("shapes differ")
