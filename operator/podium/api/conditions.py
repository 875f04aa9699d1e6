"""Conditions: what is true of an object, why, and since when."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from podium.api.base import CamelCase, Model, Text
from podium.api.extensions import ListMap

__all__ = ["Condition", "Conditions", "ObservedGeneration"]

ObservedGeneration = Annotated[int, Field(ge=0)]
"""The generation of the object that its status was concluded from."""


class Condition(Model):
    """One condition; its type never changes its meaning."""

    type: CamelCase
    status: Literal["True", "False", "Unknown"]
    reason: CamelCase
    message: Text = ""
    last_transition_time: datetime
    """When `status` last changed."""
    observed_generation: ObservedGeneration = 0


Conditions = Annotated[tuple[Condition, ...], Field(max_length=16), ListMap("type")]
