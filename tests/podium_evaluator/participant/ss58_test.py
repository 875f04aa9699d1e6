"""A hotkey is an address whose checksum holds."""

import pytest

from podium_evaluator.participant.ss58 import is_address
from tests.podium.api.objects import ALICE, BOB


@pytest.mark.parametrize("address", [ALICE, BOB])
def test_addresses_that_the_world_knows(address: str) -> None:
    assert is_address(address)


@pytest.mark.parametrize(
    "text",
    ["", ALICE[:-1], ALICE + "Y", ALICE[:-1] + "Z", ALICE.replace("w", "W"), "z" * 48, "0" * 48, "1" * 47],
)
def test_what_is_mistyped_is_none(text: str) -> None:
    assert not is_address(text)
