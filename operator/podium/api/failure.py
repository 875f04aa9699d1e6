"""Why something did not succeed, as it is stored."""

from __future__ import annotations

from datetime import datetime

from podium.api.base import CamelCase, Model, Text
from podium_evaluator.contract import Fault

__all__ = ["Failure"]


class Failure(Model):
    """Why something did not succeed, and at whose fault."""

    fault: Fault
    reason: CamelCase
    message: Text = ""
    retriable: bool = False
    """Whether the same bytes may still succeed later."""
    time: datetime
