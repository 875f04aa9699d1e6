"""The machine that measures: its processor, and a process's own memory."""

import ctypes
import gc
import platform
from pathlib import Path
from typing import Final

__all__ = ["describe_processor", "forget_peak", "has_amx", "peak_memory"]

_PROCESSOR: Final = Path("/proc/cpuinfo")
_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")
_KIB: Final = 1024
_RESET_PEAK: Final = "5"
"""What proc(5) calls resetting the peak resident set size."""


def has_amx() -> bool:
    """Whether the processor multiplies bfloat16 matrices in hardware; bars in bfloat16 were set on one."""
    return "amx_bf16" in _PROCESSOR.read_text(encoding="utf-8").split() if _PROCESSOR.exists() else False


def describe_processor(threads: int) -> str:
    """One line: name, threads, whether it has AMX."""
    lines = _PROCESSOR.read_text(encoding="utf-8").splitlines() if _PROCESSOR.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    name = names[0] if names else platform.processor() or platform.machine()
    return f"{name}, {threads} threads, {'with' if has_amx() else 'without'} amx_bf16"


def forget_peak() -> int:
    """Give free memory back, make the peak what is held now, and return that in bytes."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    _CLEAR.write_text(_RESET_PEAK, encoding="utf-8")
    return _status("VmRSS")


def peak_memory() -> int:
    """Largest resident set since `forget_peak`, in bytes."""
    return _status("VmHWM")


def _status(field: str) -> int:
    for line in _STATUS.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition(":")
        if name == field:
            return int(value.split()[0]) * _KIB
    raise RuntimeError(f"{_STATUS} has no {field}: memory is measured on Linux only")
