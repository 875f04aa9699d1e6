"""Whether an answer does without commas."""

from __future__ import annotations

from typing import Final

from podium_evaluator.methods.instruction_following.rules.base import RuleId, without_arguments

__all__ = ["NO_COMMAS"]

NO_COMMAS: Final = without_arguments(RuleId.NO_COMMAS, "Write without commas.", lambda text: "," not in text)
