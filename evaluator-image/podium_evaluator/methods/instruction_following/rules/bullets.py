"""How many bullet points an answer has: lines whose first visible character is an asterisk."""

from __future__ import annotations

from typing import Final

from podium_evaluator.methods.instruction_following.rules.base import RuleId, counted, with_count

__all__ = ["BULLET_COUNT_FREQUENCY"]


def _bullets(text: str) -> int:
    # Lines that begin with bold text count as well: "**" begins with an asterisk.
    return sum(line.lstrip().startswith("*") for line in text.splitlines())


BULLET_COUNT_FREQUENCY: Final = with_count(
    RuleId.BULLET_COUNT_FREQUENCY,
    range(1, 4),
    lambda count: f'Write exactly {counted(count, "bullet point")}, in Markdown with "*".',
    lambda text, count: _bullets(text) == count,
)
