"""What a token takes from those that it sees, against the definition in double precision."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from podium_evaluator.engine.attention import KeysValues, Logits, Part, Reading, merged
from podium_evaluator.engine.attention_segments import SegmentBackend, explicit, fused
from podium_evaluator.engine.plan import Row, plan_packed
from podium_evaluator.sequences import TokenSequence
from tests.podium_evaluator.engine.forests import FORESTS

_CPU = torch.device("cpu")
_KERNELS = {"fused": fused, "explicit": explicit}


def visible(row: Row, kept: int) -> torch.Tensor:
    """Which of the kept tokens and of the row's each token of the row sees, the slow way."""
    length = row.ids.size
    seen = torch.zeros(length, kept + length, dtype=torch.bool)
    for placed in row.placed:
        start, trunk = placed.start, placed.segment.trunk
        seen[start : placed.end, :kept] = True
        for at in range(trunk):
            seen[start + at, kept + start : kept + start + at + 1] = True
        for branch in placed.segment.branches:
            for at in range(branch.start, branch.end):
                seen[start + at, kept + start : kept + start + trunk] = True
                seen[start + at, kept + start + torch.from_numpy(branch.sees)] = True
                seen[start + at, kept + start + branch.start : kept + start + at + 1] = True
    return seen


def by_definition(query: torch.Tensor, pair: KeysValues, logits: Logits, seen: torch.Tensor) -> torch.Tensor:
    groups = query.shape[1] // pair[0].shape[1]
    keys, values = (one.double().repeat_interleave(groups, 1) for one in pair)
    scores = query.double() @ keys.transpose(2, 3) * logits.scale
    if logits.softcap is not None:
        scores = torch.tanh(scores / logits.softcap) * logits.softcap
    shares = torch.softmax(scores.masked_fill(~seen, -torch.inf), -1).nan_to_num()
    return (shares @ values).transpose(1, 2)


def random_pair(source: torch.Generator, heads: int, tokens: int, width: int) -> KeysValues:
    keys, values = torch.randn(2, 1, heads, tokens, width, generator=source).unbind()
    return 2 * keys, values


@settings(deadline=None)
@given(
    FORESTS,
    st.sampled_from([(4, 4, 8), (6, 2, 24), (3, 1, 16)]),
    st.sampled_from([None, 2.0]),
    st.sampled_from([0, 70]),
    st.sampled_from(list(_KERNELS)),
)
def test_every_token_of_every_row(
    sequences: Any, heads: tuple[int, int, int], softcap: float | None, kept: int, kernel: str
) -> None:
    for row in plan_packed(sequences, 512)[:2]:
        source = torch.Generator().manual_seed(row.ids.size)
        query = torch.randn(1, heads[0], row.ids.size, heads[2], generator=source)
        own = random_pair(source, heads[1], row.ids.size, heads[2])
        sees = [random_pair(source, heads[1], kept, heads[2])] if kept else None
        logits = Logits(heads[2] ** -0.5, None, softcap)

        reading = Reading(row, SegmentBackend(row, _KERNELS[kernel], _CPU), sees, None)
        found = reading.attend(query, own, logits)

        whole = own if sees is None else tuple(torch.cat(pair, 2) for pair in zip(sees[0], own, strict=True))
        seen = visible(row, kept)
        expected = by_definition(query, (whole[0], whole[1]), logits, seen)
        used = seen.any(1)
        torch.testing.assert_close(found[:, used].double(), expected[:, used], atol=2e-5, rtol=0)
        assert found.isfinite().all()


@pytest.mark.parametrize("kernel", _KERNELS)
@pytest.mark.parametrize("window", [1, 7, 600, 1100])
def test_windows(kernel: str, window: int) -> None:
    asked = [TokenSequence(tuple(range(length)), 1) for length in (5, 1201)]
    (row,) = plan_packed([TokenSequence((9, *asked[0].ids), 1), asked[1]], 2048, window)
    source = torch.Generator().manual_seed(1)
    query = torch.randn(1, 2, row.ids.size, 8, generator=source)
    own = random_pair(source, 1, row.ids.size, 8)
    logits = Logits(0.3, window)

    found = SegmentBackend(row, _KERNELS[kernel], _CPU).within(query, own, logits).values

    at = torch.arange(row.ids.size)
    seen = visible(row, 0) & (at[:, None] - at < window)
    used = seen.any(1)
    expected = by_definition(query, own, logits, seen)
    torch.testing.assert_close(found[:, used].double(), expected[:, used], atol=2e-5, rtol=0)


def test_parts_far_apart_merge_to_the_heavier() -> None:
    values = torch.ones(1, 1, 1, 2)
    light, heavy = (
        Part(values * value, torch.full((1, 1, 1), weight)) for value, weight in ((1, -200.0), (3, 200.0))
    )

    for both in (merged(light, heavy), merged(heavy, light)):
        assert both.values.tolist() == [[[[3.0, 3.0]]]]
        assert both.weight.tolist() == [[[200.0]]]


def test_what_is_kept_is_behind_what_was_seen() -> None:
    (row,) = plan_packed([TokenSequence((1, 2, 3, 4), 1)], 64)
    source = torch.Generator().manual_seed(1)
    earlier, own = random_pair(source, 1, 5, 8), random_pair(source, 1, 64, 8)
    reading = Reading(row, SegmentBackend(row, fused, _CPU), [earlier], [])

    reading.attend(torch.randn(1, 2, 64, 8), own, Logits(1.0))

    assert reading.keeps is not None
    for kept, first, second in zip(reading.keeps[0], earlier, own, strict=True):
        assert torch.equal(kept, torch.cat([first, second[:, :, :3]], 2))
