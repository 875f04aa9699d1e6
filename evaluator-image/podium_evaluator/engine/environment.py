"""Everything outside the model that decides the bits of a score."""

from __future__ import annotations

import os
from typing import Literal

import torch
import transformers

from podium_evaluator.engine.memory import CPU, MemoryClass, gpu_class

__all__ = ["describe_environment", "memory_class", "pin_environment"]


def pin_environment(threads: int, device: Literal["auto", "cpu", "cuda"] = "auto") -> torch.device:
    """Make results repeatable and say where to compute.

    Args:
        threads: Of the CPU; they decide the last bits of a score.
        device: What to compute on; ``auto`` is the GPU where there is one.
    """
    # Read by cuBLAS at its first use: with it, split sums have one order.
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"
    torch.set_num_threads(threads)
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_bf16_reduced_precision_reduction = False
    # It plans its kernels by shape and by what it measured, so that other neighbours may give other bits.
    torch.backends.cuda.enable_cudnn_sdp(False)
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def memory_class(device: torch.device) -> MemoryClass:
    """Which row of the table of sizes a device takes."""
    if device.type == "cpu":
        return CPU
    return gpu_class(torch.cuda.get_device_properties(device).total_memory)


def describe_environment(device: torch.device, dtype: torch.dtype, threads: int) -> dict[str, str]:
    """What must be equal for scores to be compared.

    Rows and slots follow from the class of memory and the model's shape; they are in the path, since the
    models of a round may differ in shape.
    """
    described = {
        "torch": str(torch.__version__),
        "transformers": str(transformers.__version__),
        "dtype": str(dtype).removeprefix("torch."),
        "threads": str(threads),
        "device": device.type,
        "memory": memory_class(device).name,
    }
    if device.type == "cuda":
        return {**described, "gpu": torch.cuda.get_device_name(device), "cuda": str(torch.version.cuda)}
    return {**described, "cpu": torch.backends.cpu.get_cpu_capability()}
