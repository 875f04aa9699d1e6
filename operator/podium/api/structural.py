"""JSON schema as pydantic writes it → the structural schema that a CustomResourceDefinition needs.

References are inlined, titles and nulls dropped, and every integer is an int64. What has no
counterpart in a structural schema is an error here rather than a refusal by the API server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, cast

from pydantic import BaseModel, JsonValue

from podium.api.extensions import RULES

__all__ = ["Schema", "structural_schema"]

Schema = dict[str, JsonValue]

_KEPT: Final = (
    "description",
    "type",
    "format",
    "enum",
    "default",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "required",
)
"""Keywords that mean the same in both."""

_DROPPED: Final = ("title", "propertyNames", "$defs", "additionalProperties", "properties", "items")
"""Keywords that are dropped or have been handled; patterns of map keys have no counterpart."""

_EMPTY: Final[tuple[JsonValue, ...]] = (None, [], {}, "")
"""Defaults that are the same as absence."""


def structural_schema(model: type[BaseModel], *, defaults: bool) -> Schema:
    """The schema of `model`, self-contained.

    Args:
        model: The model of a spec or a status.
        defaults: Whether the API server fills absent fields; in a status it must not.

    Raises:
        ValueError: A field's type has no structural schema, or a string or list has no bound.
    """
    document = cast("Schema", model.model_json_schema(by_alias=True))
    definitions = cast("Mapping[str, Schema]", document.get("$defs", {}))
    return _Inliner(definitions, defaults=defaults).inline(document, model.__name__)


class _Inliner:
    def __init__(self, definitions: Mapping[str, Schema], *, defaults: bool) -> None:
        self._definitions = definitions
        self._defaults = defaults

    def inline(self, schema: Schema, path: str) -> Schema:
        """`schema` without references; `path` names it in errors."""
        schema = self._resolved(schema, path)
        result: Schema = {key: schema[key] for key in _KEPT if key in schema}
        self._describe(result)
        if "const" in schema:
            result["enum"] = [schema["const"]]
        self._default(result)
        if isinstance(schema.get("properties"), dict):
            properties = cast("Mapping[str, Schema]", schema["properties"])
            result["properties"] = {
                name: self.inline(value, f"{path}.{name}") for name, value in properties.items()
            }
        elif result.get("type") == "object":
            values = cast("Schema", schema["additionalProperties"])
            result["additionalProperties"] = self.inline(values, f"{path}.*")
        if result.get("type") == "array":
            result["items"] = self.inline(cast("Schema", schema["items"]), f"{path}[]")
        if result.get("type") == "integer":
            result["format"] = "int64"
        result |= {key: value for key, value in schema.items() if key.startswith("x-kubernetes-")}
        if "x-kubernetes-int-or-string" in schema:
            result["anyOf"] = schema["anyOf"]
        _check(schema, result, path)
        return result

    def _resolved(self, schema: Schema, path: str) -> Schema:
        """`schema` with its reference or its one branch beside null merged in."""
        if "x-kubernetes-int-or-string" in schema:
            return schema
        merged: Schema = {}
        if "$ref" in schema:
            name = str(schema["$ref"]).removeprefix("#/$defs/")
            merged = self._resolved(self._definitions[name], path)
        elif "anyOf" in schema:
            branches = [
                branch for branch in cast("list[Schema]", schema["anyOf"]) if branch != {"type": "null"}
            ]
            if len(branches) != 1:
                raise ValueError(
                    f"{path} is a union of {len(branches)} types: give each its own optional field"
                )
            merged = self._resolved(branches[0], path)
        rules = [
            *cast("list[JsonValue]", merged.get(RULES, [])),
            *cast("list[JsonValue]", schema.get(RULES, [])),
        ]
        own = {key: value for key, value in schema.items() if key not in {"$ref", "anyOf"}}
        return {**merged, **own, **({RULES: rules} if rules else {})}

    def _default(self, schema: Schema) -> None:
        default = _without_empty(schema.pop("default", None))
        if self._defaults and default not in _EMPTY:
            # An object's default is written out: the API server checks its rules before it fills it.
            schema["default"] = default

    @staticmethod
    def _describe(schema: Schema) -> None:
        if "description" in schema:
            schema["description"] = " ".join(str(schema["description"]).split())


def _without_empty(value: JsonValue) -> JsonValue:
    if not isinstance(value, dict):
        return value
    return {key: _without_empty(item) for key, item in value.items() if item not in _EMPTY}


def _check(source: Schema, result: Schema, path: str) -> None:
    unknown = [
        key
        for key in source
        if key not in result and key not in _DROPPED and key not in {"default", "const", "description"}
    ]
    if unknown:
        raise ValueError(f"{path} uses {', '.join(unknown)}, which a structural schema does not have")
    match result.get("type"):
        case "string":
            bounded = bool({"maxLength", "enum"} & result.keys()) or result.get("format") == "date-time"
        case "array":
            bounded = "maxItems" in result
        case "object":
            bounded = "properties" in result or "maxProperties" in result
        case "integer" | "boolean":
            bounded = True
        case _:
            bounded = "x-kubernetes-int-or-string" in result
    if not bounded:
        raise ValueError(
            f"{path} has no upper bound: the API server could not estimate the cost of its rules"
        )
