"""The kernel's settings that a node changes, and putting them back."""

import json
from pathlib import Path

# Pods' traffic is forwarded; the rest is what kubelet sets when it starts, whether asked to or not.
_CHANGED = (
    "net/ipv4/ip_forward",
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
)
_ROOT = Path("/proc/sys")


def prepare_kernel(state: Path) -> None:
    """Note the present settings in the state folder and turn forwarding on."""
    present = {name: (_ROOT / name).read_text().strip() for name in _CHANGED if (_ROOT / name).exists()}
    _notes(state).write_text(json.dumps(present, indent=2))
    if present["net/ipv4/ip_forward"] != "1":
        (_ROOT / "net/ipv4/ip_forward").write_text("1")


def restore_kernel(state: Path) -> None:
    """Put back what `prepare_kernel` noted."""
    if not _notes(state).exists():
        return
    for name, value in json.loads(_notes(state).read_text()).items():
        if (_ROOT / name).read_text().strip() != value:
            (_ROOT / name).write_text(value)


def _notes(state: Path) -> Path:
    return state / "kernel.json"
