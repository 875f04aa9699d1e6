"""Whatever the API server accepts becomes a request that the evaluator accepts, and that fits its pod."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from podium.api.constraints import Constraints
from podium.api.datasets import DATASET_KINDS, Dataset
from podium.api.evaluator import Resources
from podium.api.extensions import RULES
from podium.api.structural import structural_schema
from podium.api.translate.competition import competition_from_stored
from podium.core.jobs import StoreSweep
from podium.manifests import requests
from podium_evaluator.contract import Request
from tests.podium.api.cases.case import changed, valid
from tests.podium.api.objects import ALICE
from tests.podium.manifests.actions import EVALUATE, competition, round_, submission

Raw = dict[str, Any]  # Any: the JSON of a Kubernetes object

NONCE = 32 * "0"
_LARGEST = 128 * 1024 - len("PODIUM_REQUEST=") - 1
"""Bytes that Linux allows the value of one environment variable."""

_DIGESTS = tuple(f"sha256:{number:064x}" for number in range(512))
_LARGEST_SWEEP = StoreSweep(datetime(2026, 1, 2, tzinfo=UTC), "0", _DIGESTS, _DIGESTS[:128])

_METHODS = {
    "syntheticMmlu": "MultipleChoice",
    "instructionFollowing": "InstructionFollowing",
    "fineWeb": "TextLoss",
}
_COLUMNS = {"promptColumn": "prompt", "referenceColumn": "answer", "textColumn": "text"}


def _stored(schema: Raw) -> st.SearchStrategy[Any]:
    """Values within a structural schema, rules between fields apart."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema.get("type", "string"):
        case "string":
            return _texts(schema)
        case "integer":
            return st.integers(schema.get("minimum"), schema.get("maximum"))
        case "array":
            return _lists(schema)
        case _:
            return _objects(schema)


def _texts(schema: Raw) -> st.SearchStrategy[str]:
    shortest, longest = schema.get("minLength", 0), schema["maxLength"]
    rules = [rule["rule"] for rule in schema.get(RULES, ())]
    patterns = [found[1] for rule in rules if (found := re.fullmatch(r"self\.matches\(r'(.*)'\)", rule))]
    pattern = schema.get("pattern") or next(iter(patterns), None)
    if pattern is None:
        return st.text(min_size=shortest, max_size=longest)
    # The API server's \d is 0 to 9.
    texts = st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True)
    return texts.filter(lambda text: shortest <= len(text) <= longest)


def _lists(schema: Raw) -> st.SearchStrategy[Any]:
    keys = schema.get("x-kubernetes-list-map-keys")
    return st.lists(
        _stored(schema["items"]),
        min_size=schema.get("minItems", 0),
        max_size=min(schema["maxItems"], 3),
        unique_by=(lambda item: item[keys[0]]) if keys else str,
    )


def _objects(schema: Raw) -> st.SearchStrategy[Any]:
    fields = {name: _stored(one) for name, one in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=fields)


def _schema(model: type[BaseModel]) -> Raw:
    return structural_schema(model, defaults=True)


@st.composite
def _tasks(draw: st.DrawFn) -> Raw:
    kind = draw(st.sampled_from(DATASET_KINDS))
    fields = _schema(Dataset)["properties"]
    dataset = draw(_stored(fields[kind]))
    if kind == "huggingFace":
        dataset = {**_COLUMNS, **dataset}
    freshness = draw(_stored(fields["freshness"]))
    method = _METHODS.get(kind, "ReferenceLoss")
    return {
        "name": draw(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", fullmatch=True)),
        "weight": "1",
        "method": method,
        "dataset": {kind: dataset, "freshness": freshness},
    }


def _accepted(text: str) -> object:
    """The request as the evaluator reads it."""
    adapter: TypeAdapter[Request] = TypeAdapter(Request)
    return adapter.validate_json(text, strict=True)


@given(st.lists(_tasks(), min_size=1, max_size=3, unique_by=lambda task: task["name"]))
def test_any_tasks(tasks: list[Raw]) -> None:
    owner, current = competition(), round_(spec__tasks=tasks)
    for request in (
        requests.prepare_request(owner, current, NONCE),
        requests.evaluate_request(current, EVALUATE, NONCE),
    ):
        assert _accepted(request.to_json()) == request


@given(_stored(_schema(Constraints)))
def test_any_constraints(constraints: Raw) -> None:
    limits = constraints["parameters"]
    constraints["parameters"] = {"min": 0, "max": limits["max"]}
    if "norms" in constraints:
        assume(float(constraints["norms"]["hard"]) > 0)
        constraints["norms"]["soft"] = "0.000000000000000001"
    owner = competition(spec__constraints=constraints)
    request = requests.fetch_request(owner, submission().spec.source, NONCE)
    assert _accepted(request.to_json()) == request


@given(st.integers(0, 10**6) | _stored(_schema(Resources)["properties"]["limits"]["additionalProperties"]))
def test_any_cpu_limit(cpu: int | str) -> None:
    limits = {"cpu": cpu, "memory": "1Gi"}
    request = requests.evaluate_request(
        round_(spec__evaluator__resources={"limits": limits}), EVALUATE, NONCE
    )
    assert _accepted(request.to_json()) == request


@pytest.mark.parametrize(
    ("cpu", "threads"),
    [
        ("2", 2),
        ("500m", 1),
        ("1500.5m", 1),
        ("2.9", 2),
        ("64000m", 64),
        ("1k", 256),
        ("1Ki", 256),
        ("0", 1),
        ("300", 256),
    ],
)
def test_threads_are_whole_cpus_of_the_limit(cpu: str, threads: int) -> None:
    assert requests.threads_of(cpu) == threads


_HOTKEYS = [f"{ALICE[:-2]}{first}{second}" for first in "ABCDEFGH" for second in "12345678"]
_ROWS = {"samples": 100, "repository": "organiser/rows", "revision": 100 * "r", "hotkeys": _HOTKEYS}


def _competition(templates: list[str], tasks: int) -> Raw:
    entry = [
        {
            "name": f"task-{number}",
            "weight": "0.05",
            "method": "MultipleChoice",
            "dataset": {"syntheticMmlu": _ROWS},
        }
        for number in range(tasks)
    ]
    named = [{"name": f"own-{number}", "text": text} for number, text in enumerate(templates)]
    return changed(
        valid("Competition"),
        [
            ("spec/taskSchedule", [{"startBlock": 7, "tasks": entry}]),
            ("spec/constraints/tokenizer/templates", named),
        ],
    )


@pytest.mark.parametrize(
    ("templates", "tasks", "fits"),
    [
        ([8192 * "t"] * 4, 18, True),
        ([8192 * '"'] * 4, 16, True),
        ([8192 * '"'] * 4, 18, False),
        (["😀" * 8192] * 4, 1, False),
        (["\x01" * 8192] * 2, 1, True),
        (["\x01" * 8192] * 3, 1, False),
    ],
)
def test_a_competition_whose_requests_do_not_fit_is_told_so(
    templates: list[str], tasks: int, *, fits: bool
) -> None:
    raw = _competition(templates, tasks)
    spec = raw["spec"]
    current = round_(
        spec__tasks=spec["taskSchedule"][0]["tasks"], spec__tokenizer=spec["constraints"]["tokenizer"]
    )
    largest = max(
        len(request.to_json().encode())
        for request in (
            requests.prepare_request(competition(), current, NONCE, _LARGEST_SWEEP),
            requests.evaluate_request(current, EVALUATE, NONCE),
        )
    )
    assert (largest <= _LARGEST) is fits
    unsupported = competition_from_stored(raw).unsupported
    assert bool(unsupported) is not fits
    assert all("tasks from block 7 on" in one and "use shorter templates" in one for one in unsupported)


def test_what_the_store_keeps_is_told_however_much_it_is() -> None:
    request = requests.prepare_request(competition(), round_(), NONCE, _LARGEST_SWEEP)
    assert request.sweep is not None
    assert request.sweep.models == _LARGEST_SWEEP.models
    adapter: TypeAdapter[Request] = TypeAdapter(Request)
    assert adapter.validate_json(request.to_json(), strict=True) == request


@settings(max_examples=30)
@given(st.lists(_tasks(), min_size=1, max_size=3, unique_by=lambda task: task["name"]))
def test_requests_take_little_more_than_what_is_stored(tasks: list[Raw]) -> None:
    """Their size is told from what is stored."""
    current = round_(spec__tasks=tasks)
    stored = sum(len(task.model_dump_json(by_alias=True)) for task in current.spec.tasks)
    request = requests.prepare_request(competition(), current, NONCE)
    assert len(request.to_json()) <= stored + 2048
