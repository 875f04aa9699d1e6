"""The GPU's backend, with the kernel's arithmetic done slowly on the CPU: it sees what segments see."""

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from podium_evaluator.engine.attention import KeysValues, Logits, Reading
from podium_evaluator.engine.attention_segments import SegmentBackend, explicit
from podium_evaluator.engine.attention_varlen import VarlenBackend, is_served
from podium_evaluator.engine.plan import plan_packed
from podium_evaluator.sequences import TokenSequence
from tests.podium_evaluator.engine.forests import FORESTS

_CPU = torch.device("cpu")


def slow_kernel(  # noqa: PLR0913 - the signature of torch's own
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    query_edges: torch.Tensor,
    key_edges: torch.Tensor,
    longest_query: int,
    longest_key: int,
    *,
    return_aux: Any,
    scale: float,
    window_size: tuple[int, int],
    enable_gqa: bool,
    num_splits: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """What the documentation of `varlen_attn` says, sequence by sequence."""
    assert return_aux.lse
    assert num_splits == 1
    assert enable_gqa == (query.shape[1] != key.shape[1])
    assert query_edges.dtype == key_edges.dtype == torch.int32
    assert int(query_edges[-1]) == len(query)
    assert int(key_edges[-1]) == len(key) == len(value)
    assert int(query_edges.diff().max()) == longest_query
    assert int(key_edges.diff().max()) == longest_key
    values, weight = torch.empty_like(query), torch.empty(query.shape[1], query.shape[0])
    groups, (left, right) = query.shape[1] // key.shape[1], window_size
    for number in range(len(query_edges) - 1):
        asked = slice(int(query_edges[number]), int(query_edges[number + 1]))
        given_ = slice(int(key_edges[number]), int(key_edges[number + 1]))
        keys, found = (one[given_].repeat_interleave(groups, 1) for one in (key, value))
        scores = torch.einsum("qhd,khd->hqk", query[asked], keys) * scale
        ahead = torch.arange(scores.shape[1])[:, None] - torch.arange(scores.shape[2])
        hidden = torch.zeros_like(ahead, dtype=torch.bool)
        hidden |= (ahead < -right) if right >= 0 else hidden
        hidden |= (ahead > left) if left >= 0 else hidden
        scores = scores.masked_fill(hidden, -torch.inf)
        weight[:, asked] = torch.logsumexp(scores, -1)
        values[asked] = torch.einsum("hqk,khd->qhd", torch.softmax(scores, -1), found)
    return values, weight


def random_pair(source: torch.Generator, heads: int, tokens: int) -> KeysValues:
    keys, values = torch.randn(2, 1, heads, tokens, 8, generator=source).unbind()
    return keys, values


@settings(deadline=None, max_examples=40)
@given(FORESTS, st.sampled_from([(4, 4), (6, 2)]), st.sampled_from([0, 70]))
def test_it_sees_what_segments_see(sequences: Any, heads: tuple[int, int], kept: int) -> None:
    for row in plan_packed(sequences, 512)[:2]:
        source = torch.Generator().manual_seed(row.ids.size)
        query = torch.randn(1, heads[0], row.ids.size, 8, generator=source)
        own = random_pair(source, heads[1], row.ids.size)
        sees = [random_pair(source, heads[1], kept)] if kept else None

        found, expected = (
            Reading(row, backend, sees, None).attend(query, own, Logits(0.4))
            for backend in (VarlenBackend(row, _CPU, slow_kernel), SegmentBackend(row, explicit, _CPU))
        )

        used = row.placed[-1].end
        torch.testing.assert_close(found[:, :used], expected[:, :used], atol=2e-5, rtol=0)


@pytest.mark.parametrize("window", [1, 7, 600])
def test_windows(window: int) -> None:
    (row,) = plan_packed([TokenSequence(tuple(range(1201)), 1)], 2048, window)
    source = torch.Generator().manual_seed(1)
    query = torch.randn(1, 2, row.ids.size, 8, generator=source)
    own = random_pair(source, 1, row.ids.size)

    found = VarlenBackend(row, _CPU, slow_kernel).within(query, own, Logits(0.3, window)).values
    expected = SegmentBackend(row, explicit, _CPU).within(query, own, Logits(0.3, window)).values

    torch.testing.assert_close(found[:, :1200], expected[:, :1200], atol=2e-5, rtol=0)


def test_weights_of_another_layout_are_noticed() -> None:
    (row,) = plan_packed([TokenSequence(tuple(range(9)), 1)], 64)

    def transposed(*arguments: Any, **settings_: Any) -> tuple[torch.Tensor, torch.Tensor]:
        values, weight = slow_kernel(*arguments, **settings_)
        return values, weight.T

    with pytest.raises(RuntimeError, match="heads × tokens expected"):
        VarlenBackend(row, _CPU, transposed).within(
            torch.zeros(1, 2, 64, 8), (torch.zeros(1, 2, 64, 8),) * 2, Logits(1.0)
        )


def test_a_cpu_is_not_served() -> None:
    assert not is_served(_CPU, torch.bfloat16, 64)
