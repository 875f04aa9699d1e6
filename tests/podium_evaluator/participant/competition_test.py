"""A Competition's file is read as strictly as the API server reads it, and says which field is wrong."""

from fractions import Fraction
from typing import Any

import pytest

from podium.api.base import Model
from podium.api.competition import Competition as StoredCompetition
from podium.api.competition import CompetitionSpec
from podium_evaluator.contract.document import Document
from podium_evaluator.participant.competition import parse_competition
from podium_evaluator.participant.manifest import ManifestError
from podium_evaluator.participant.schema import Spec
from podium_evaluator.participant.total import Weighing
from tests.podium.api.cases.case import ABSENT, changed, valid

Raw = dict[str, Any]  # the JSON of a Kubernetes object
_TASK: Raw = valid("Competition")["spec"]["taskSchedule"][0]["tasks"][0]
_AT = "spec/taskSchedule/0/tasks/0"
_PLACE = "spec.taskSchedule[0].tasks[0]"


def entries(*blocks: int) -> Raw:
    schedule = [{"startBlock": block, "tasks": [{**_TASK, "name": f"at-{block}"}]} for block in blocks]
    return changed(valid("Competition"), [("spec/taskSchedule", schedule)])


@pytest.mark.parametrize(
    ("block", "expected"), [(None, "at-900"), (900, "at-900"), (899, "at-100"), (100, "at-100")]
)
def test_the_last_entry_that_has_started_counts(block: int | None, expected: str) -> None:
    assert parse_competition(entries(100, 900)).active(block).tasks[0].name == expected


def test_a_block_before_all_entries_is_told_where_they_start() -> None:
    with pytest.raises(ManifestError, match="at block 99; entries start at blocks 100, 900"):
        parse_competition(entries(100, 900)).active(99)


def test_some_tasks_may_be_chosen_by_name() -> None:
    tasks = [{**_TASK, "name": name, "weight": "0.25"} for name in "abcd"]
    entry = parse_competition(changed(valid("Competition"), [("spec/taskSchedule/0/tasks", tasks)])).active(0)

    assert [one.name for one in entry.only({"d", "b"}).tasks] == ["b", "d"]
    assert [one.name for one in entry.only({"d", "b"}).weighings] == ["b", "d"]
    with pytest.raises(ManifestError, match="no task 'e', expected some of a, b, c, d"):
        entry.only({"e"})


def test_a_task_has_its_part_in_the_score() -> None:
    entry = parse_competition(valid("Competition")).active(None)

    (task,) = entry.tasks
    assert entry.weighings == (Weighing(task.name, task.method, Fraction(1), Fraction(40)),)


def test_what_the_api_server_adds_is_no_news() -> None:
    raw = valid("Competition")
    stored = StoredCompetition.model_validate(raw)
    added = {
        "metadata": {"name": "case", "namespace": "games", "uid": "7d9b", "managedFields": [{"a": 1}]},
        "spec": stored.spec.stored(),
        "status": {"phase": "Ready", "conditions": []},
    }

    found = parse_competition({**raw, **added})

    assert found.ignored == ()
    assert found.schedule == parse_competition(raw).schedule


def test_fields_that_no_competition_has_are_left_out_and_named() -> None:
    odd = {
        "specs": {},
        "spec/constraint": {},
        "spec/constraints/tokenizer/chat_template": "Gemma",
        f"{_AT}/dataset/wordSorting/sample": 1,
        f"{_AT}/freshness": "None",
        "spec/evaluator/resources/limit": {},
    }
    found = parse_competition(changed(valid("Competition"), odd.items()))

    assert sorted(found.ignored) == [
        "spec.constraint",
        "spec.constraints.tokenizer.chat_template",
        "spec.evaluator.resources.limit",
        f"{_PLACE}.dataset.wordSorting.sample",
        f"{_PLACE}.freshness",
        "specs",
    ]
    assert found.schedule == parse_competition(valid("Competition")).schedule
    assert found.spec.constraints.tokenizer.chat_template == "ChatML"


_SORTING = f"{_AT}/dataset/wordSorting"
_SCALE = f"{_AT}/normalization"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("spec/constraints/parameters/max", ABSENT, "parameters.max: expected a value, found nothing"),
        ("spec/constraints", ABSENT, "spec.constraints: expected a value, found nothing"),
        ("spec/ranking", ABSENT, "spec.ranking: expected a value, found nothing"),
        ("spec", [], "spec: expected an object, found []"),
        ("spec/taskSchedule", [], "spec.taskSchedule: expected at least 1 item"),
        ("spec/taskSchedule/0/tasks", [_TASK, _TASK], "expected names that differ, found word-sorting, "),
        (f"{_AT}/method", "Judge", f"{_PLACE}.method: expected 'MultipleChoice', "),
        (f"{_AT}/name", "Sort!", f"{_PLACE}.name: expected a text of the pattern"),
        (f"{_AT}/weight", 1, f"{_PLACE}.weight: expected a decimal from 0 to 1 in quotes with"),
        (f"{_AT}/weight", "0.5", "spec.taskSchedule[0].tasks: expected weights that sum to 1, found 0.5"),
        (f"{_AT}/dataset", {}, f"{_PLACE}.dataset: expected exactly one of wordSorting, dyck, "),
        (f"{_AT}/dataset/dyck", {"samples": 1}, "synthetic1Sft, codeforcesCots, syntheticMmlu"),
        (f"{_AT}/dataset/dyck", {"samples": 1}, "found wordSorting, dyck"),
        (f"{_SORTING}/samples", "100", "wordSorting.samples: expected a valid integer, found '100'"),
        (f"{_SORTING}/samples", 0, "wordSorting.samples: expected greater than or equal to 1, found 0"),
        (_SCALE, {"kind": "InverseExponential"}, "ceiling: expected a number above 0, found none"),
        (f"{_SCALE}/ceiling", "0.0", "normalization.ceiling: expected a number above 0, found 0.0"),
        (f"{_SCALE}/ceiling", 40, "normalization.ceiling: expected a decimal in quotes"),
        ("spec/constraints/tokenizer/revision", "a b", "tokenizer.revision: expected a text of the pattern"),
        ("spec/constraints/norms/soft", 200, "spec.constraints.norms.soft: expected a decimal in quotes"),
        ("spec/evaluator/resources/limits/cpu", 0.5, "limits.cpu: expected a valid string, found 0.5"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_told_with_what_was_expected_and_found(path: str, value: object, told: str) -> None:
    with pytest.raises(ManifestError) as caught:
        parse_competition(changed(valid("Competition"), [(path, value)]))
    assert told in str(caught.value)


def test_a_misspelt_required_field_is_named_beside_the_one_that_is_missing() -> None:
    change = {"spec/constraints/maxByte": 1, "spec/constraints/maxBytes": ABSENT}

    with pytest.raises(ManifestError) as caught:
        parse_competition(changed(valid("Competition"), change.items()))
    assert str(caught.value).splitlines() == [
        "spec.constraints.maxBytes: expected a value, found nothing: the field is required",
        "spec.constraints.maxByte: no Competition has this field",
    ]


def test_many_problems_are_told_at_once_and_not_without_end() -> None:
    tasks = [{"name": f"t{number}"} for number in range(30)]

    with pytest.raises(ManifestError) as caught:
        parse_competition(changed(valid("Competition"), [("spec/taskSchedule/0/tasks", tasks)]))
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "and 70 more"


def test_the_fields_that_are_known_are_those_of_the_kind() -> None:
    """Down to where a field is not looked into here."""
    assert _unequal(Spec, CompetitionSpec, "spec") == []


def _unequal(ours: Any, theirs: Any, path: str) -> list[str]:  # annotations
    our_model, their_model = _model(ours, Document), _model(theirs, Model)
    if our_model is None or their_model is None:
        return []
    mine = {field.alias or name: field for name, field in our_model.model_fields.items()}
    yours = {field.alias or name: field for name, field in their_model.model_fields.items()}
    # The contract tells datasets by this; a Competition by the field that they are in.
    known = mine.keys() - ({"kind"} if "Dataset" in our_model.__name__ else set())
    found = [f"{path}.{name}" for name in known ^ yours.keys()]
    for name in known & yours.keys():
        if mine[name].is_required() != yours[name].is_required():
            found.append(f"{path}.{name}: required")
        found += _unequal(mine[name].annotation, yours[name].annotation, f"{path}.{name}")
    return found


def _model(annotation: Any, base: type) -> Any:  # annotations
    """The model in an annotation such as ``tuple[Model, ...] | None``."""
    if isinstance(annotation, type) and issubclass(annotation, base):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    return next((one for part in arguments if (one := _model(part, base)) is not None), None)
