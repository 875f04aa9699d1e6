"""Who wins a round and how wins add up to a moving average."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field

from podium.api.base import Decimal, Fraction, Model
from podium.api.extensions import Rule, ruled

__all__ = ["Epsilon", "MovingAverage", "Ranking"]

_NUMBER: Final = r".matches(r'^\d+(\.\d+)?$')"


class Epsilon(Model):
    """The advantage of the earlier of two models, as a fraction of its score."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.kind != 'LinearDecay' || (has(self.end) && has(self.blocks))",
                "LinearDecay needs end and blocks",
                ".kind",
                "FieldValueRequired",
            ),
            Rule(
                "self.kind != 'Fixed' || (!has(self.end) && !has(self.blocks))",
                "Fixed stays at start: leave out end and blocks",
                ".kind",
                "FieldValueForbidden",
            ),
            Rule(
                f"!has(self.end) || !self.start{_NUMBER} || !self.end{_NUMBER}"
                " || double(self.end) <= double(self.start)",
                "must not exceed start",
                ".end",
            ),
        )
    )

    kind: Literal["Fixed", "LinearDecay"]
    start: Fraction
    """The advantage of a model that has just been committed."""
    end: Fraction | None = None
    """The advantage after `blocks` blocks."""
    blocks: Annotated[int, Field(ge=1, le=100_000_000)] | None = None


class MovingAverage(Model):
    """How the shares of rounds add up: average = alpha · old + (1 − alpha) · round."""

    alpha: Annotated[
        Fraction,
        Rule(f"!self{_NUMBER} || double(self) < 1.0", "must be below 1: at 1 no round would ever count"),
    ] = "0.9"
    """What the old average keeps of its weight at each round."""
    threshold: Fraction = "0.18"
    """Smaller shares are not paid; the average keeps them."""


class Ranking(Model):
    """From scores to shares."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                "self.selection != 'Softmax' || has(self.temperature)",
                "Softmax needs a temperature",
                ".selection",
                "FieldValueRequired",
            ),
            Rule(
                "self.selection != 'WinnerTakesAll' || !has(self.temperature)",
                "only Softmax has a temperature",
                ".temperature",
                "FieldValueForbidden",
            ),
            Rule(
                f"!has(self.temperature) || !self.temperature{_NUMBER} || double(self.temperature) > 0.0",
                "must be above 0: win rates are divided by it",
                ".temperature",
            ),
        )
    )

    epsilon: Epsilon
    selection: Literal["WinnerTakesAll", "Softmax"] = "WinnerTakesAll"
    """All to the highest win rate, or a softmax of win rates."""
    temperature: Decimal | None = None
    moving_average: MovingAverage = MovingAverage()
    clone_filter: Literal["Off", "On"] = "Off"
    """On leaves out models that do not beat every earlier one at the smallest epsilon."""
    dethrone: Literal["Score", "Significant"] = "Score"
    """Significant makes a challenger wait whose lead over the leader may be chance."""
    audit: Literal["Off", "NewLeader"] = "Off"
    """NewLeader evaluates who would take the lead once more, in a fresh pod, before it is paid."""
