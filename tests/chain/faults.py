"""What is to go wrong between a node and its clients."""

from dataclasses import dataclass, field

__all__ = ["Abort", "Answer", "Close", "Fault", "Faults", "Hang", "LoseReply", "Slow", "Stale"]


@dataclass(frozen=True)
class Hang:
    """No answer, ever; the connection stays."""


@dataclass(frozen=True)
class Close:
    """The connection ends in an orderly way instead of an answer."""

    code: int = 1000


@dataclass(frozen=True)
class Abort:
    """The connection breaks instead of an answer."""


@dataclass(frozen=True)
class LoseReply:
    """The call is carried out, and the connection breaks before the answer."""


@dataclass(frozen=True)
class Answer:
    """An error instead of a result."""

    code: int
    message: str
    data: str | None = None


@dataclass(frozen=True)
class Slow:
    """An answer after so many seconds."""

    seconds: float


@dataclass(frozen=True)
class Stale:
    """The result that a past moment of the chain gave: the finalized head is this block."""

    block: int


Fault = Hang | Close | Abort | LoseReply | Answer | Slow | Stale


@dataclass
class Faults:
    """Switchboard: a fault for a method's next calls, and what is wrong with the node as a whole.

    Attributes:
        too_many_requests: Handshakes end with HTTP 429.
        genesis: Hash of block 0 that is told instead of the chain's own.
    """

    too_many_requests: bool = False
    genesis: str | None = None
    _planned: dict[str, list[tuple[Fault, int]]] = field(default_factory=dict)

    def plan(self, method: str, fault: Fault, times: int = 1) -> None:
        """The next calls of a method meet a fault."""
        self._planned.setdefault(method, []).append((fault, times))

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        self._planned.clear()
        self.too_many_requests, self.genesis = False, None

    def take(self, method: str) -> Fault | None:
        """The fault that this call meets."""
        planned = self._planned.get(method)
        if not planned:
            return None
        fault, left = planned.pop(0)
        if left > 1:
            planned.insert(0, (fault, left - 1))
        return fault
