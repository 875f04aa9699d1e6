"""A vocabulary is read without running anybody's tokenizer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.vocabulary import vocabulary_of
from tests.podium_evaluator.tiny import tokenizer_json


@pytest.mark.parametrize(
    ("document", "size"),
    [
        (tokenizer_json(), 258),
        (b'{"model":{"vocab":{"a":0,"b":9}}}', 10),
        (b'{"model":{"vocab":[["a",-1.5],["b",-2.5]]},"added_tokens":[]}', 2),
        (b'{"model":{"vocab":{"a":0}},"added_tokens":[{"id":7,"content":"x"}]}', 8),
        (b'{"model":{"vocab":{"a":0}},"added_tokens":[{"id":7,"content":"x"},{"id":1,"content":"x"}]}', 8),
    ],
)
def test_the_largest_id_counts_wherever_it_is(document: bytes, size: int) -> None:
    assert vocabulary_of(json.loads(document)).size == size


def test_tokens_are_those_of_the_model_and_the_added_ones() -> None:
    for vocabulary in ({"a": 0, "b": 1}, [["a", -1.5], ["b", 0]]):
        model = {"vocab": vocabulary}
        found = vocabulary_of({"model": model, "added_tokens": [{"id": 7, "content": "</s>"}]})
        assert all(found.holds(token) for token in ("a", "b", "</s>"))
        assert not found.holds("c")


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(st.fixed_dictionaries({"model": st.fixed_dictionaries({"vocab": _JSON}), "added_tokens": _JSON}))
def test_anything_else_is_a_value_error(document: dict[str, object]) -> None:
    try:
        size = vocabulary_of(document).size
    except ValueError:
        return
    assert 0 < size <= 2**31


@pytest.mark.parametrize(
    "document",
    [b"{}", b'{"model":{}}', b'{"model":{"vocab":{}}}', b'{"model":{"vocab":[["a"]]}}'],
)
def test_no_vocabulary_is_a_value_error(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        vocabulary_of(json.loads(document))
