"""What Kubernetes adds to JSON schema, as annotations of pydantic fields and models.

CEL rules stand beside what they constrain and their message is a sentence: the API server puts
the field's path before it, so that a refusal names the field and the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import GetJsonSchemaHandler, JsonValue
from pydantic.config import JsonDict
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

__all__ = ["LIST_KEYS", "LIST_TYPE", "RULES", "ListMap", "ListSet", "Rule", "Sentence", "immutable", "ruled"]

RULES: Final = "x-kubernetes-validations"
LIST_TYPE: Final = "x-kubernetes-list-type"
LIST_KEYS: Final = "x-kubernetes-list-map-keys"

RuleReason = Literal["FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired", "FieldValueDuplicate"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A CEL rule on one field or model.

    Attributes:
        expression: CEL over `self` (and `oldSelf`, which makes it a rule about changes).
        message: The sentence that the API server answers with.
        field_path: Which field of `self` the refusal names, as ``.name``; `self` by default.
        reason: What kind of refusal this is.
    """

    expression: str
    message: str
    field_path: str | None = None
    reason: RuleReason = "FieldValueInvalid"

    def document(self) -> JsonDict:
        """The rule as the API server reads it."""
        document: JsonDict = {"rule": self.expression, "message": self.message}
        if self.field_path is not None:
            document["fieldPath"] = self.field_path
        if self.reason != "FieldValueInvalid":
            document["reason"] = self.reason
        return document

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return _with_rule(handler(core_schema), self)


@dataclass(frozen=True, slots=True)
class Sentence:
    """Replaces a string's `pattern` by a CEL rule that says it in words.

    For what people write; machine-written fields keep the pattern, which is cheaper to check.
    """

    message: str

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        schema = dict(handler(core_schema))
        pattern = schema.pop("pattern")
        return _with_rule(schema, Rule(f"self.matches(r'{pattern}')", self.message))


@dataclass(frozen=True, slots=True)
class ListMap:
    """A list whose items are told apart by one key, unique in the list."""

    key: str

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(core_schema), LIST_TYPE: "map", LIST_KEYS: [self.key]}


@dataclass(frozen=True, slots=True)
class ListSet:
    """A list of strings that are unique in it."""

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(core_schema), LIST_TYPE: "set"}


def immutable(message: str) -> Rule:
    """The value never changes once it is there."""
    return Rule("self == oldSelf", message, reason="FieldValueForbidden")


def ruled(*rules: Rule) -> JsonDict:
    """Rules of a whole model, for its `json_schema_extra`."""
    documents: list[JsonValue] = [rule.document() for rule in rules]
    return {RULES: documents}


def _with_rule(schema: Mapping[str, JsonValue], rule: Rule) -> JsonSchemaValue:
    present = schema.get(RULES, [])
    rules = [*present] if isinstance(present, list) else []
    return {**schema, RULES: [*rules, rule.document()]}
