"""The mounts of this machine."""

import re
from dataclasses import dataclass
from pathlib import Path

from tests.cluster.commands import run
from tests.cluster.errors import ClusterError


@dataclass(frozen=True)
class Mount:
    """A line of /proc/self/mountinfo: where something is mounted, and which kind of file system."""

    point: Path
    kind: str


def mounts() -> list[Mount]:
    """All mounts that this process sees, in the order in which they were made."""
    return [parse_mount(line) for line in Path("/proc/self/mountinfo").read_text().splitlines()]


def parse_mount(line: str) -> Mount:
    """A line of /proc/self/mountinfo."""
    before, _, after = line.partition(" - ")
    return Mount(Path(_unescaped(before.split()[4])), after.split()[0])


def mounts_under(folder: Path) -> list[Mount]:
    """The mounts in a folder, the folder itself included."""
    return [mount for mount in mounts() if mount.point.is_relative_to(folder)]


def unmount_all(folder: Path) -> None:
    """Unmount everything in a folder, the newest first; what is still in use goes when its user does."""
    for mount in reversed(mounts_under(folder)):
        try:
            run(["umount", str(mount.point)])
        except ClusterError:
            run(["umount", "--lazy", str(mount.point)])


def _unescaped(text: str) -> str:
    # proc(5): blanks and backslashes are written as octal numbers.
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
