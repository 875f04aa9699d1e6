"""How many sentences an answer has, by the untrained Punkt algorithm."""

from __future__ import annotations

from typing import Final

from podium_evaluator.methods.instruction_following.punkt import sentence_count
from podium_evaluator.methods.instruction_following.rules.base import RuleId, counted, with_count

__all__ = ["SENTENCE_COUNT_AT_LEAST", "SENTENCE_COUNT_AT_MOST"]

SENTENCE_COUNT_AT_MOST: Final = with_count(
    RuleId.SENTENCE_COUNT_AT_MOST,
    range(1, 4),
    lambda limit: f"Write at most {counted(limit, 'sentence')}.",
    lambda text, limit: sentence_count(text) <= limit,
)

SENTENCE_COUNT_AT_LEAST: Final = with_count(
    RuleId.SENTENCE_COUNT_AT_LEAST,
    range(2, 4),
    lambda limit: f"Write at least {counted(limit, 'sentence')}.",
    lambda text, limit: sentence_count(text) >= limit,
)
