"""A broken limit is one line: the rule, what was found, the bound."""

import dataclasses
import json
from typing import Any

import pytest

from podium_evaluator.contract import ArchitectureLimits, Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.limits import MAXIMUM_FILES, check_model, check_size
from podium_evaluator.hub.source import Listed
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from tests.podium_evaluator.tiny import LLAMA, config

_GIB = 1024**3


def limits(**changes: Any) -> ArchitectureLimits:
    document = {"architectures": tuple(ARCHITECTURES), "maximum_parameters": 10**12, "sequence_length": 2048}
    return ArchitectureLimits.model_validate({**document, **changes})


def model(**changes: Any) -> ModelConfig:
    return reduce_config(json.dumps(config(LLAMA, **changes)).encode(), ARCHITECTURES)


LARGE = {"hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 16, "vocab_size": 512}


@pytest.mark.parametrize(
    ("bounds", "message"),
    [
        ({"maximum_parameters": 3_400_000_000}, "parameters 3.63e9 above the maximum 3.40e9"),
        ({"minimum_parameters": 4_200_000_000}, "parameters 3.63e9 below the minimum 4.20e9"),
        ({"maximum_parameters": 3_626_110_975}, "parameters 3626110976 above the maximum 3626110975"),
    ],
)
def test_parameters_stay_in_their_range(bounds: dict[str, int], message: str) -> None:
    large = model(**LARGE)
    assert check_model(limits(), large) == 3_626_110_976
    with pytest.raises(Failure) as caught:
        check_model(limits(**bounds), large)

    assert caught.value.reason is Reason.PARAMETERS_OUT_OF_RANGE
    assert caught.value.message == message


def test_both_ends_of_the_range_are_inside() -> None:
    parameters = check_model(limits(), model())

    assert check_model(limits(minimum_parameters=parameters, maximum_parameters=parameters), model())


def test_positions_matter_only_where_they_are_learned() -> None:
    rotary = model(max_position_embeddings=1024)
    learned = dataclasses.replace(
        rotary, architecture=dataclasses.replace(rotary.architecture, positions_learned=True)
    )

    assert check_model(limits(), rotary)
    assert check_model(limits(sequence_length=1024), learned)
    with pytest.raises(Failure) as caught:
        check_model(limits(), learned)
    assert caught.value.reason is Reason.SEQUENCE_TOO_SHORT
    assert caught.value.message == "learned positions 1024 below the competition's sequence length 2048"


def test_all_files_of_all_folders_count() -> None:
    files = {f"model-{number}.safetensors": Listed(4 * _GIB) for number in range(3)}
    files |= {
        "original/model.bin": Listed(3 * _GIB),
        "README.md": Listed(1),
        "link": Listed(9, regular=False),
    }

    assert check_size(files, 15 * _GIB + 10) == 15 * _GIB + 10
    with pytest.raises(Failure) as caught:
        check_size(files, 15 * 10**9)
    assert caught.value.reason is Reason.TOO_LARGE
    assert caught.value.message == "all 6 files have 16.1e9 bytes, above the maximum 15.0e9"


def test_the_number_of_files_is_bounded() -> None:
    with pytest.raises(Failure, match="10001 files, above the maximum 10000") as caught:
        check_size(dict.fromkeys(map(str, range(MAXIMUM_FILES + 1)), Listed(0)), 1)

    assert caught.value.reason is Reason.TOO_LARGE
