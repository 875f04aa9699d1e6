"""What can go wrong at a hub, on purpose.

A fault is added for a glob over names such as `models/alice/tuned` (requests about a repository) and
`models/alice/tuned/model.safetensors` (requests for a file); `*` also matches slashes.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TypeVar


@dataclass(frozen=True)
class Refuse:
    """Answer with a status and nothing else.

    Attributes:
        retry_after: Seconds, as the header of that name.
    """

    status: int
    retry_after: int | None = None


@dataclass(frozen=True)
class Truncate:
    """Announce the whole body and close the connection after so many bytes of it."""

    after: int


@dataclass(frozen=True)
class Slow:
    """Send no faster than this."""

    bytes_per_second: int


@dataclass(frozen=True)
class WrongEtag:
    """Announce another etag than the file's."""

    etag: str


@dataclass(frozen=True)
class WrongSize:
    """Announce another size in listings and headers about a file than its body has."""

    size: int


Fault = Refuse | Truncate | Slow | WrongEtag | WrongSize
Kind = TypeVar("Kind", bound=Fault)


@dataclass
class _Injected:
    fault: Fault
    on: str
    left: int | None


class Faults:
    """The faults that are still to happen, in the order in which they were added."""

    def __init__(self) -> None:
        self._injected: list[_Injected] = []

    def add(self, fault: Fault, on: str = "*", times: int | None = None) -> None:
        """Let `fault` happen to requests for `on`, as often as `times` says; None is for ever."""
        self._injected.append(_Injected(fault, on, times))

    def clear(self) -> None:
        """Forget all faults."""
        self._injected.clear()

    def take(self, kind: type[Kind], name: str) -> Kind | None:
        """The first fault of that kind which matches `name`; one use of it is spent."""
        for injected in self._injected:
            if isinstance(injected.fault, kind) and injected.left != 0 and fnmatchcase(name, injected.on):
                if injected.left is not None:
                    injected.left -= 1
                return injected.fault
        return None
