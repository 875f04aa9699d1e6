"""The definitions that are generated from the models."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from podium.api.crd import crd_documents, render
from podium.api.extensions import LIST_KEYS, LIST_TYPE, RULES
from podium.api.kinds import KINDS, Kind
from tests.podium.api.cases import CASES

_FOLDER = Path(__file__).parents[3] / "crds"

# Any, here and below: JSON schema.
Schema = dict[str, Any]


class Place(NamedTuple):
    """A schema and the path of the fields that it is about, as errors name them without indexes."""

    path: str
    schema: Schema


def test_stored_definitions_are_the_generated_ones() -> None:
    stored = {path.name: path.read_text() for path in _FOLDER.iterdir()}
    assert stored == render(), "run `make crds` and commit the result"


@pytest.mark.parametrize("document", crd_documents(), ids=lambda document: document["spec"]["names"]["kind"])
class TestDefinition:
    def test_fits_into_an_annotation(self, document: Schema) -> None:
        # kubectl apply keeps the whole object in one, of at most 256 KiB.
        assert len(json.dumps(document)) < 128 * 1024

    def test_stores_no_floats(self, document: Schema) -> None:
        assert "number" not in {place.schema.get("type") for place in _places(document)}

    def test_bounds_every_string_list_and_map(self, document: Schema) -> None:
        bounds = {
            "string": {"maxLength", "enum"},
            "array": {"maxItems"},
            "object": {"properties", "maxProperties"},
        }
        unbounded = [
            place.path
            for place in _places(document)
            if place.path
            and place.schema.get("format") != "date-time"
            and place.schema.get("type") in bounds
            and not bounds[place.schema["type"]] & place.schema.keys()
        ]
        assert unbounded == []

    def test_tells_items_with_names_apart_by_them(self, document: Schema) -> None:
        nameless = [
            place.path
            for place in _places(document)
            if place.schema.get("type") == "array"
            and {"name", "hotkey", "competition", "submission"}
            & place.schema["items"].get("properties", {}).keys()
            and place.schema.get(LIST_TYPE) != "map"
        ]
        assert nameless == []

    def test_requires_the_keys_of_map_lists(self, document: Schema) -> None:
        for place in _places(document):
            assert set(place.schema.get(LIST_KEYS, [])) <= set(
                place.schema.get("items", {}).get("required", [])
            ), place.path

    def test_explains_every_object(self, document: Schema) -> None:
        silent = [
            place.path
            for place in _places(document)
            if "properties" in place.schema and "description" not in place.schema
        ]
        assert silent == []

    def test_has_one_sentence_for_every_rule(self, document: Schema) -> None:
        for place in _places(document):
            for rule in place.schema.get(RULES, []):
                assert re.fullmatch(r"[^\n]{10,120}[^.\n]", rule["message"]), rule


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_columns_and_selectable_fields_exist(kind: Kind) -> None:
    (document,) = [one for one in crd_documents() if one["spec"]["names"]["kind"] == kind.name]
    known = {place.path for place in _places(document)}
    plain = [
        column.path
        for column in kind.columns
        if not column.path.startswith((".metadata", ".status.conditions"))
    ]
    for path in [*plain, *kind.selectable]:
        assert re.sub(r"\[\d+\]", "", path).removeprefix(".") in known


def test_every_rule_is_broken_by_some_case() -> None:
    """Where people write, each place of a rule has its own case; copies need one among them."""
    broken = {
        (case.kind, re.sub(r"\[\d+\]", "", field), sentence)
        for case in CASES
        for field, sentence in case.refusals.items()
    }
    written = {"Subnet", "Competition", "ModelSubmission"}

    def is_broken(kind: str, field: str, message: str) -> bool:
        return any(
            message.startswith(sentence) and (kind not in written or (kind, field) == (case_kind, case_field))
            for case_kind, case_field, sentence in broken
        )

    untried = [rule for rule in _rules() if not is_broken(*rule)]
    assert untried == []


def _rules() -> Iterator[tuple[str, str, str]]:
    for document in crd_documents():
        kind = document["spec"]["names"]["kind"]
        for place in _places(document):
            for rule in place.schema.get(RULES, []):
                field = place.path + rule.get("fieldPath", "")
                yield kind, field.removeprefix("."), rule["message"]


def _places(document: Schema) -> Iterator[Place]:
    (version,) = document["spec"]["versions"]
    root = version["schema"]["openAPIV3Schema"]
    yield Place("", {key: value for key, value in root.items() if key != "properties"})
    for part in ("spec", "status"):
        yield from _walk(Place(part, root["properties"][part]))


def _walk(place: Place) -> Iterator[Place]:
    yield place
    for name, schema in place.schema.get("properties", {}).items():
        yield from _walk(Place(f"{place.path}.{name}", schema))
    for keyword in ("items", "additionalProperties"):
        if keyword in place.schema:
            yield from _walk(Place(place.path, place.schema[keyword]))
