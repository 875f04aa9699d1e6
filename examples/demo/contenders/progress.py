"""Progress on the standard error, with the seconds since the beginning of a step."""

import sys
import time
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Progress:
    """A step that tells how it goes."""

    step: str
    begun: float = field(default_factory=time.monotonic)

    def say(self, what: str) -> None:
        """One line."""
        print(f"{self.step} [{time.monotonic() - self.begun:5.1f} s] {what}", file=sys.stderr, flush=True)
