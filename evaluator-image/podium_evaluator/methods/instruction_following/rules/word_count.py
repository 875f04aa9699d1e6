"""How many words an answer has: runs of characters without whitespace."""

from __future__ import annotations

from typing import Final

from podium_evaluator.methods.instruction_following.rules.base import RuleId, counted, with_count

__all__ = ["WORD_COUNT_AT_LEAST", "WORD_COUNT_AT_MOST", "WORD_LIMITS"]

WORD_LIMITS: Final = range(25, 50, 5)
"""25 to 45 in steps of 5: what 200 tokens can hold in any case."""

WORD_COUNT_AT_MOST: Final = with_count(
    RuleId.WORD_COUNT_AT_MOST,
    WORD_LIMITS,
    lambda limit: f"Write at most {counted(limit, 'word')}.",
    lambda text, limit: len(text.split()) <= limit,
)

WORD_COUNT_AT_LEAST: Final = with_count(
    RuleId.WORD_COUNT_AT_LEAST,
    WORD_LIMITS,
    lambda limit: f"Write at least {counted(limit, 'word')}.",
    lambda text, limit: len(text.split()) >= limit,
)
