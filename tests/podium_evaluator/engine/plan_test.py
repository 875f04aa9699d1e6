"""Batches are decided by the sequences alone, not by the order in which they come."""

from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.engine.plan import batches
from podium_evaluator.sequences import TokenSequence

_SEQUENCES = st.lists(
    st.lists(st.integers(0, 3), min_size=2, max_size=200).map(lambda ids: TokenSequence(tuple(ids), 1)),
    max_size=12,
)


@given(_SEQUENCES, st.integers(1, 600))
def test_every_sequence_is_in_one_batch_that_it_fits(sequences: list[TokenSequence], tokens: int) -> None:
    found = batches(sequences, tokens)

    assert sorted(index for batch in found for index in batch.indices) == list(range(len(sequences)))
    for batch in found:
        assert batch.length % 64 == 0
        assert all(batch.length - 64 < len(sequences[index].ids) <= batch.length for index in batch.indices)
        assert len(batch.indices) == 1 or len(batch.indices) * batch.length <= tokens


@given(_SEQUENCES, st.integers(200, 300))
def test_no_row_is_padded_beyond_what_the_model_can_read(
    sequences: list[TokenSequence], longest: int
) -> None:
    found = batches(sequences, 600, longest)
    assert sorted(index for batch in found for index in batch.indices) == list(range(len(sequences)))
    assert all(batch.length <= longest for batch in found)


@given(_SEQUENCES, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(sequences: list[TokenSequence], random: object) -> None:
    shuffled = list(sequences)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' own Random

    def rows(given: list[TokenSequence]) -> list[tuple[int, list[TokenSequence]]]:
        return [(batch.length, [given[index] for index in batch.indices]) for batch in batches(given, 300)]

    assert rows(sequences) == rows(shuffled)
