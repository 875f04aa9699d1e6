"""JSON schema of pydantic → structural schema."""

from typing import Annotated, Literal

import pytest
from pydantic import ConfigDict, Field

from podium.api.base import Model
from podium.api.extensions import ListMap, ListSet, Rule, Sentence, ruled
from podium.api.structural import Schema, structural_schema

Short = Annotated[str, Field(max_length=8)]


class Inner(Model):
    """An item."""

    name: Annotated[Short, Field(pattern="^a+$"), Sentence("must be a's")]
    size: Literal["Small", "Large"] = "Small"


class Outer(Model):
    """A model.

    It has a long description.
    """

    model_config = ConfigDict(json_schema_extra=ruled(Rule("has(self.items)", "needs items", ".items")))

    items: Annotated[tuple[Inner, ...], Field(max_length=2), ListMap("name")] = ()
    words: Annotated[tuple[Short, ...], Field(max_length=2), ListSet()] = ()
    chosen_one: Annotated[Inner, Rule("self.size == 'Large'", "must be large")] | None = None
    """The one."""
    count: Annotated[int, Field(ge=0)] = 3
    defaulted: Inner = Inner(name="aa")


def _outer(*, defaults: bool = True) -> Schema:
    properties = structural_schema(Outer, defaults=defaults)["properties"]
    assert isinstance(properties, dict)
    return properties


def test_references_are_inlined_and_titles_dropped() -> None:
    text = str(structural_schema(Outer, defaults=True))
    assert "$ref" not in text
    assert "title" not in text


def test_rules_of_a_field_follow_those_of_its_type() -> None:
    assert _outer()["chosenOne"] == {
        "description": "The one.",
        "type": "object",
        "required": ["name"],
        "properties": {
            "name": {
                "type": "string",
                "maxLength": 8,
                "x-kubernetes-validations": [{"rule": "self.matches(r'^a+$')", "message": "must be a's"}],
            },
            "size": {"type": "string", "enum": ["Small", "Large"], "default": "Small"},
        },
        "x-kubernetes-validations": [{"rule": "self.size == 'Large'", "message": "must be large"}],
    }


def test_rules_of_a_model_name_their_field() -> None:
    rules = structural_schema(Outer, defaults=True)["x-kubernetes-validations"]
    assert rules == [{"rule": "has(self.items)", "message": "needs items", "fieldPath": ".items"}]


def test_lists_say_how_they_are_merged() -> None:
    items, words = _outer()["items"], _outer()["words"]
    assert isinstance(items, dict)
    assert isinstance(words, dict)
    assert (items["x-kubernetes-list-type"], items["x-kubernetes-list-map-keys"]) == ("map", ["name"])
    assert words["x-kubernetes-list-type"] == "set"


def test_integers_are_of_64_bits() -> None:
    assert _outer()["count"] == {"type": "integer", "minimum": 0, "default": 3, "format": "int64"}


def test_defaults_of_objects_are_whole() -> None:
    defaulted = _outer()["defaulted"]
    assert isinstance(defaulted, dict)
    assert defaulted["default"] == {"name": "aa", "size": "Small"}


def test_a_status_has_no_defaults() -> None:
    assert "default" not in str(_outer(defaults=False)).replace("defaulted", "")


def test_descriptions_are_one_line() -> None:
    assert structural_schema(Outer, defaults=True)["description"] == "A model. It has a long description."


def test_a_string_without_a_bound_is_an_error() -> None:
    class Unbounded(Model):
        text: str

    with pytest.raises(ValueError, match=r"Unbounded\.text has no upper bound"):
        structural_schema(Unbounded, defaults=True)


def test_a_union_is_an_error() -> None:
    class Either(Model):
        value: Annotated[int | Short, Field()]

    with pytest.raises(ValueError, match=r"Either\.value is a union of 2 types"):
        structural_schema(Either, defaults=True)


def test_a_keyword_that_would_be_lost_is_an_error() -> None:
    class Odd(Model):
        value: Annotated[int, Field(multiple_of=2)]

    with pytest.raises(ValueError, match=r"Odd\.value uses multipleOf"):
        structural_schema(Odd, defaults=True)
