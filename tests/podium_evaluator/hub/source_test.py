"""Which files of a submission are read is decided by names, and an index cannot name others."""

import json

import pytest

from podium_evaluator.contract import Reason
from podium_evaluator.errors import Failure
from podium_evaluator.hub.source import INDEX, Listed, shards, take, weight_names


def index(*names: object) -> bytes:
    return json.dumps({"weight_map": {f"t{number}": name for number, name in enumerate(names)}}).encode()


def listing(*names: str) -> dict[str, Listed]:
    return {name: Listed(1) for name in names}


def test_one_file_wins_over_an_index_and_other_copies() -> None:
    files = listing("model.safetensors", INDEX, "consolidated.safetensors", "pytorch_model.bin")

    assert weight_names(files) == ("model.safetensors",)


def test_an_index_is_read_for_the_names_of_shards() -> None:
    assert weight_names(listing(INDEX, "a.safetensors")) is None
    assert shards(index("b.safetensors", "a.safetensors", "b.safetensors")) == (
        "a.safetensors",
        "b.safetensors",
    )


@pytest.mark.parametrize("names", [(), ("pytorch_model.bin",), ("model.pt", "consolidated.safetensors")])
def test_without_safetensors_nothing_is_opened(names: tuple[str, ...]) -> None:
    with pytest.raises(Failure) as caught:
        weight_names(listing(*names))

    assert caught.value.reason is Reason.NO_SAFETENSORS
    assert ("pickle" in caught.value.message) is any(name.endswith((".bin", ".pt")) for name in names)


@pytest.mark.parametrize(
    "name",
    [
        "../model.safetensors",
        "/etc/model.safetensors",
        "sub/model.safetensors",
        "..\\model.safetensors",
        ".safetensors",
        "-model.safetensors",
        "model.safetensors\n",
        "model.bin",
        "config.json",
        "model\0.safetensors",
        f"{'m' * 200}.safetensors",
        "modèle.safetensors",
        7,
        ["model.safetensors"],
    ],
)
def test_an_index_cannot_name_what_might_leave_the_folder(name: object) -> None:
    with pytest.raises(Failure) as caught:
        shards(index(name))

    assert caught.value.reason is Reason.FILE_NOT_ALLOWED


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b'{"weight_map":{}}',
        b'{"weight_map":["a.safetensors"]}',
        b'{"weight_map":{"a":"a.safetensors","a":"b.safetensors"}}',
        index(*(f"{number}.safetensors" for number in range(513))),
    ],
)
def test_a_malformed_index_is_refused(data: bytes) -> None:
    with pytest.raises(Failure) as caught:
        shards(data)

    assert caught.value.reason is Reason.SAFETENSORS_MALFORMED


def test_a_file_that_is_missing_or_a_link_is_refused_with_its_own_reason() -> None:
    files = {"config.json": Listed(1, regular=False)}

    for name, reason in (
        ("config.json", Reason.FILE_NOT_ALLOWED),
        ("tokenizer.json", Reason.TOKENIZER_MALFORMED),
        ("a.safetensors", Reason.NO_SAFETENSORS),
    ):
        with pytest.raises(Failure) as caught:
            take(files, name)
        assert caught.value.reason is reason
