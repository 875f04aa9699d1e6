"""The size of a vocabulary is read without running anybody's tokenizer."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.vocabulary import vocabulary_size
from tests.podium_evaluator.tiny import tokenizer_json


def test_the_largest_id_counts_wherever_it_is() -> None:
    assert vocabulary_size(tokenizer_json()) == 258
    assert vocabulary_size(b'{"model":{"vocab":{"a":0,"b":9}}}') == 10
    assert vocabulary_size(b'{"model":{"vocab":[["a",-1.5],["b",-2.5]]},"added_tokens":[]}') == 2
    assert vocabulary_size(b'{"model":{"vocab":{"a":0}},"added_tokens":[{"id":7,"content":"x"}]}') == 8


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
)


@given(st.fixed_dictionaries({"model": st.fixed_dictionaries({"vocab": _JSON}), "added_tokens": _JSON}))
def test_anything_else_is_a_value_error(document: dict[str, object]) -> None:
    try:
        size = vocabulary_size(json.dumps(document).encode())
    except ValueError:
        return
    assert 0 < size <= 2**31


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"model":{}}', b'{"model":{"vocab":{}}}'])
def test_no_vocabulary_is_a_value_error(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        vocabulary_size(document)
