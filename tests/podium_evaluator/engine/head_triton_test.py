"""The kernel's logic under triton's interpreter, which must be chosen before the library is imported."""

import importlib.util
import os
import subprocess
import sys

import pytest

_PROGRAM = """
import torch
from podium_evaluator.engine.head import Head, plain_weight
from podium_evaluator.engine.head_triton import losses as kernel, weights

torch.manual_seed(1)
for states, vocabulary, width, bias, softcap, dtype in (
    (70, 1000, 96, True, None, torch.float32),
    (64, 128, 64, False, 3.0, torch.float32),
    (1, 129, 65, True, 3.0, torch.float32),
    (130, 300, 33, False, None, torch.float16),
):
    hidden, matrix = torch.randn(states, width).to(dtype), torch.randn(vocabulary, width).to(dtype)
    offsets = torch.randn(vocabulary).to(dtype) if bias else None
    logits = hidden.double() @ matrix.double().T + (0 if offsets is None else offsets.double())
    logits = logits if softcap is None else torch.tanh(logits / softcap) * softcap
    found = weights(hidden, matrix, offsets, softcap)
    torch.testing.assert_close(found.double(), torch.logsumexp(logits, 1), atol=3e-5, rtol=1e-6)
    assert torch.equal(found, weights(hidden, matrix, offsets, softcap))

    state, target = torch.randint(states, (50,)), torch.randint(vocabulary, (50,))
    losses = Head(matrix, offsets, softcap, plain_weight, "", kernel).losses(hidden, state, target)
    expected = torch.nn.functional.cross_entropy(logits[state], target, reduction="none")
    alone = kernel(hidden, matrix, offsets, softcap, state[7:8], target[7:8])
    assert torch.equal(alone, losses[7:8])
    assert kernel(hidden, matrix, offsets, softcap, state[:0], target[:0]).shape == (0,)
    torch.testing.assert_close(losses.double(), expected, atol=3e-5, rtol=1e-6)

hidden[0] = torch.nan
assert weights(hidden, matrix, None, None).isfinite().tolist() == [False, *[True] * 129]
print("as expected")
"""


@pytest.mark.skipif(importlib.util.find_spec("triton") is None, reason="triton is not installed")
def test_the_kernel_weighs_whole_vocabularies() -> None:
    environment = {**os.environ, "TRITON_INTERPRET": "1", "PYTHONPATH": os.pathsep.join(sys.path)}

    finished = subprocess.run(
        [sys.executable, "-c", _PROGRAM], env=environment, capture_output=True, text=True, check=False
    )

    assert (finished.stdout, finished.returncode) == ("as expected\n", 0), finished.stderr
