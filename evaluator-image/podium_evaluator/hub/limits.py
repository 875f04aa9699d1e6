"""What a competition limits and a listing or a configuration already proves, each as one line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from podium_evaluator.contract import ArchitectureLimits, Reason
from podium_evaluator.errors import submission
from podium_evaluator.hub.source import Listed
from podium_evaluator.models.config import ModelConfig
from podium_evaluator.quantities import compared

__all__ = ["MAXIMUM_FILES", "check_model", "check_size"]

MAXIMUM_FILES: Final = 10_000
"""Of a submission, folders included. Models have tens; this bounds the time that listing one takes."""


def check_size(files: Mapping[str, Listed], maximum: int) -> int:
    """Bytes of all files, of all folders, needed or not.

    Raises:
        Failure: `TOO_LARGE`.
    """
    total = sum(file.size for file in files.values())
    if len(files) > MAXIMUM_FILES:
        raise submission(Reason.TOO_LARGE, f"{len(files)} files, above the maximum {MAXIMUM_FILES}")
    if total > maximum:
        found, limit = compared(total, maximum)
        raise submission(
            Reason.TOO_LARGE, f"all {len(files)} files have {found} bytes, above the maximum {limit}"
        )
    return total


def check_model(limits: ArchitectureLimits, config: ModelConfig) -> int:
    """Parameters, tied ones counted once.

    Raises:
        Failure: `PARAMETERS_OUT_OF_RANGE` or `SEQUENCE_TOO_SHORT`.
    """
    parameters = config.architecture.parameters(config.values)
    bounds = (
        (parameters > limits.maximum_parameters, "above the maximum", limits.maximum_parameters),
        (parameters < limits.minimum_parameters, "below the minimum", limits.minimum_parameters),
    )
    for broken, rule, bound in bounds:
        if broken:
            found, limit = compared(parameters, bound)
            raise submission(Reason.PARAMETERS_OUT_OF_RANGE, f"parameters {found} {rule} {limit}")
    # Rotary and similar positions go on beyond the length that the configuration names.
    if config.architecture.positions_learned and config.positions < limits.sequence_length:
        raise submission(
            Reason.SEQUENCE_TOO_SHORT,
            f"learned positions {config.positions} below the competition's sequence length"
            f" {limits.sequence_length}",
        )
    return parameters
