"""A continuation while it is written: which tokens it has, and whether the next one ends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from podium_evaluator.sequences import Generated, Generation
from podium_evaluator.tokenizers import Encoder

__all__ = ["Continuation"]

_INCOMPLETE: Final = "\N{REPLACEMENT CHARACTER}"
"""What decoders write for the first bytes of a character."""


@dataclass(slots=True)
class Continuation:
    """A continuation and what was asked.

    Attributes:
        asked: The prompt and when to end.
        encoder: Decodes, and knows the end tokens.
        ids: Tokens so far.
        finite: Whether all logits so far were numbers.
    """

    asked: Generation
    encoder: Encoder
    ids: list[int] = field(default_factory=list)
    finite: bool = True

    @property
    def forbidden(self) -> frozenset[int]:
        """Tokens that may not be taken: the ends, where an end is not wanted."""
        return frozenset() if self.asked.stops_at_end else self.encoder.ends

    def goes_on(self, token: int, *, finite: bool) -> bool:
        """Take the next token; whether another one is wanted.

        Args:
            token: With the largest logit.
            finite: Whether the logits were numbers; otherwise the continuation ends without the token.

        Raises:
            Failure: The tokenizer cannot decode.
        """
        if not finite:
            self.finite = False
            return False
        if self.asked.stops_at_end and token in self.encoder.ends:
            return False
        self.ids.append(token)
        return len(self.ids) < self.asked.maximum_tokens and not self._is_finished()

    def generated(self) -> Generated:
        """The continuation that was asked for, once it is written.

        Raises:
            Failure: The tokenizer cannot decode.
        """
        return Generated(tuple(self.ids), self.encoder.decode(self.ids), self.finite)

    def _is_finished(self) -> bool:
        # Text is decoded only where somebody asks for it.
        finished = self.asked.finished
        return finished is not None and finished(self.encoder.decode(self.ids).rstrip(_INCOMPLETE))
