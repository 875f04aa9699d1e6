"""Chunks of prompts begin and end where the prompt's own length says, and what is shared is whole chunks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.engine.prefix import CHUNKS, Chunks, chunk_ends, shared_chunks

_CHUNKS = Chunks((256, 128), 16)


@pytest.mark.parametrize(
    ("length", "ends"),
    [
        (1, [16]),
        (16, [16]),
        (127, [128]),
        (128, [128]),
        (129, [128, 144]),
        (300, [256, 304]),
        (700, [256, 512, 640, 704]),
    ],
)
def test_ends(length: int, ends: list[int]) -> None:
    assert chunk_ends(length, _CHUNKS) == ends


def test_no_chunk_ends_beyond_the_limit() -> None:
    assert chunk_ends(130, _CHUNKS, 135) == [128, 135]


@given(st.integers(1, 5000), st.sampled_from(sorted(CHUNKS)))
def test_chunks_cover_a_prompt_with_less_padding_than_their_multiple(length: int, device: str) -> None:
    chunks = CHUNKS[device]

    ends = chunk_ends(length, chunks)

    assert ends == sorted(set(ends))
    assert length <= ends[-1] < length + chunks.multiple


_PROMPTS = st.lists(st.integers(0, 1), min_size=1, max_size=12).map(tuple)


@given(_PROMPTS, _PROMPTS)
def test_shared_chunks_are_equal_and_end_at_the_same_places(
    first: tuple[int, ...], second: tuple[int, ...]
) -> None:
    chunks = Chunks((4, 2), 1)

    count = shared_chunks(first, second, chunks)

    ends = chunk_ends(len(first), chunks)
    assert count < len(ends)
    assert ends[:count] == chunk_ends(len(second), chunks)[:count]
    shared = ends[count - 1] if count else 0
    assert first[:shared] == second[:shared]
    assert len(second) >= shared


def test_a_header_is_shared() -> None:
    header = tuple(range(600))

    assert shared_chunks((*header, 1, 2), (*header, 3), _CHUNKS) == 2
    assert shared_chunks(header, header, _CHUNKS) == 2
    assert shared_chunks(header, (), _CHUNKS) == 0
