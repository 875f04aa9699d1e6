"""Evidence of what is drawn fits into its line, or the round is refused before anybody is scored."""

import random
import string

import pytest

from podium_evaluator.contract import Fault, Reason
from podium_evaluator.datasets.base import InstructionSample, Rule, Sample, TextSample
from podium_evaluator.datasets.evidence_room import check_evidence_room
from podium_evaluator.datasets.paths import row_id
from podium_evaluator.datasets.prepare import _MAXIMUM_SAMPLES
from podium_evaluator.errors import Failure

_SOURCE = random.Random(0)  # noqa: S311 - repeatable by intent
_LETTERS = string.ascii_lowercase + string.digits


def longest_ids(count: int) -> list[str]:
    """Ids of 128 characters in 64 files whose names have nothing in common."""
    paths = ["".join(_SOURCE.choices(_LETTERS, k=200)) for _ in range(64)]
    return [row_id(_SOURCE.choice(paths), _SOURCE.randrange(10**7)) for _ in range(count)]


def test_as_many_samples_as_may_be_asked_for_fit_with_the_longest_ids() -> None:
    names = longest_ids(_MAXIMUM_SAMPLES)
    half = _MAXIMUM_SAMPLES // 2

    assert {len(name) for name in names} == {128}
    check_evidence_room(
        {
            "one": [TextSample(name, "") for name in names[:half]],
            "two": [TextSample(name, "") for name in names[half:]],
        }
    )


def test_what_does_not_fit_is_the_organisers_fault() -> None:
    noise = ("".join(_SOURCE.choices(_LETTERS, k=128)) for _ in range(_MAXIMUM_SAMPLES))
    samples: list[Sample] = [TextSample(name, "") for name in noise]

    with pytest.raises(Failure, match="scores of all samples will not fit: evidence of") as caught:
        check_evidence_room({"task": samples})
    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.REQUEST_INVALID)


def test_samples_with_weights_need_more_room() -> None:
    names = longest_ids(6500)
    rules = (Rule("NO_COMMAS", ((), ())),)
    check_evidence_room({"task": [TextSample(name, "") for name in names]})

    with pytest.raises(Failure, match="will not fit"):
        check_evidence_room({"task": [InstructionSample(name, ("", ""), rules) for name in names]})
