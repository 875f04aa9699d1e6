"""Whether an answer has letters of one case only; without any letter it obeys neither rule."""

from __future__ import annotations

from typing import Final

from podium_evaluator.methods.instruction_following.rules.base import RuleId, without_arguments

__all__ = ["ALL_LOWER_CASE", "ALL_UPPER_CASE"]

ALL_UPPER_CASE: Final = without_arguments(
    RuleId.ALL_UPPER_CASE, "Write every letter as a capital letter.", str.isupper
)

ALL_LOWER_CASE: Final = without_arguments(
    RuleId.ALL_LOWER_CASE, "Write every letter in lower case, without any capital letter.", str.islower
)
