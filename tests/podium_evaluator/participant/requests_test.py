"""Requests from a file are those that the operator makes of the stored Competition."""

from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from podium.api.competition import Competition as StoredCompetition
from podium.api.round import Round
from podium.api.submission import ModelSubmission
from podium.core import plan as act
from podium.core.kinds import Contender, SamplesWindow
from podium.core.shares import UNIT, Share
from podium.manifests import requests as theirs
from podium.manifests.records import round_object
from podium_evaluator import contract
from podium_evaluator.participant import requests as ours
from podium_evaluator.participant.competition import parse_competition
from podium_evaluator.participant.manifest import ManifestError
from tests.podium.api.cases.case import ABSENT, changed, valid
from tests.podium.api.objects import ALICE, COMMIT, DIGEST

Raw = dict[str, Any]  # the JSON of a Kubernetes object
_EXAMPLES = Path(__file__).parents[3] / "examples"
_NONCE = "0" * 32
_SEED = "d" * 64
_SOURCE = {"huggingFace": {"repository": "alice/model", "revision": COMMIT}}


def their_requests(raw: Raw, start_block: int) -> list[contract.document.Document]:
    """What the operator gives the pods of a round with the tasks from `start_block` on."""
    stored = StoredCompetition.model_validate({**raw, "metadata": {**raw["metadata"], "uid": "7d9b"}})
    submission = ModelSubmission.model_validate(changed(valid("ModelSubmission"), [("spec/source", _SOURCE)]))
    opened = act.CreateRound(
        name="round",
        block=start_block,
        deadline_block=start_block + 1,
        deadline_time=datetime(2026, 1, 1, tzinfo=UTC),
        seed=_SEED,
        tasks_start_block=start_block,
        previous_average=(Share(ALICE, UNIT),),
        postponements=0,
        task_postponements=0,
        window=SamplesWindow(),
        contenders=(Contender("alice-1", "11aa", ALICE, 12, DIGEST),),
    )
    round_ = Round.model_validate(round_object(stored, opened))
    evaluate = act.CreateEvaluateJob("job", "round", "33cc", "11aa", DIGEST, DIGEST, 1)
    return [
        theirs.fetch_request(stored, submission.spec.source, _NONCE),
        theirs.prepare_request(stored, round_, _NONCE),
        theirs.evaluate_request(round_, evaluate, _NONCE),
    ]


def our_requests(raw: Raw, start_block: int) -> list[contract.document.Document]:
    competition = parse_competition(raw)
    entry = competition.active(start_block)
    ours.check_requests(competition, entry)
    source = contract.HuggingFaceSource(repository="alice/model", revision=COMMIT)
    return [
        ours.fetch_request(competition, source),
        ours.prepare_request(competition, entry.tasks, _SEED, contract.Window()),
        ours.evaluate_request(competition, entry.tasks, DIGEST, DIGEST),
    ]


def manifests() -> dict[str, Raw]:
    """Every Competition that the project publishes, and the valid one of the API's tests."""
    found = {"valid": valid("Competition")}
    for path in sorted((_EXAMPLES / "competitions").rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            # A patch has no kind.
            if document.get("kind") == "Competition":
                found[path.stem] = document
    demo = (_EXAMPLES / "demo" / "manifests" / "competition.yaml").read_text(encoding="utf-8")
    found["demo"] = yaml.safe_load(Template(demo).substitute(_DEMO))
    return found


_DEMO = {
    **dict.fromkeys(("tokenizer", "traces", "questions", "texts"), "org/name"),
    **{f"{name}_revision": COMMIT for name in ("tokenizer", "traces", "questions", "texts")},
    "namespace": "games",
    "subnet": "ledger",
    "sync_offset": "0",
    "hub": "http://hub.example:5580",
    "every_blocks": "300",
    "delay_blocks": "30",
    "evaluator_image": f"images.example/evaluator@sha256:{'c' * 64}",
    "isolation": "Preferred",
    "runtime_class": "",
}
_MANIFESTS = manifests()


@pytest.mark.parametrize("name", _MANIFESTS)
def test_published_competitions_give_the_requests_of_the_operator(name: str) -> None:
    raw = _MANIFESTS[name]
    assert parse_competition(raw).ignored == ()
    for entry in raw["spec"]["taskSchedule"]:
        block = entry["startBlock"]
        assert our_requests(raw, block) == their_requests(raw, block)


# --- variations ----------------------------------------------------------------------------------

_SAMPLES = st.fixed_dictionaries(
    {"samples": st.integers(1, 10_000)}, optional={"minimumSamples": st.integers(1, 10_000)}
)
_PLACE = st.fixed_dictionaries(
    {"repository": st.just("org/rows"), "revision": st.sampled_from(["main", COMMIT, "v1.0"])}
)
_WORDS = st.text("abcxyz_", min_size=1, max_size=8)
_HOTKEYS = st.lists(st.just(ALICE), max_size=1)


def _drawn_from(*given: st.SearchStrategy[Raw], **optional: st.SearchStrategy[Any]) -> st.SearchStrategy[Raw]:
    parts = [_SAMPLES, st.fixed_dictionaries({}, optional=optional), *given]
    return st.tuples(*parts).map(lambda found: {key: value for one in found for key, value in one.items()})


_COLUMNS = ("promptColumn", "referenceColumn", "optionsColumn", "answerColumn", "textColumn", "problemColumn")
_DATASETS: dict[str, st.SearchStrategy[Raw]] = {
    "wordSorting": _drawn_from(minimumWords=st.integers(2, 100), maximumWords=st.integers(2, 100)),
    "dyck": _drawn_from(minimumPairs=st.integers(2, 100), maximumPairs=st.integers(2, 100)),
    "synthetic1Sft": _drawn_from(_PLACE, systemPrompt=st.sampled_from(["Reflective", "None"])),
    "codeforcesCots": _drawn_from(
        _PLACE,
        systemPrompt=st.sampled_from(["Reflective", "None"]),
        configs=st.lists(_WORDS, min_size=1, max_size=3),
    ),
    "syntheticMmlu": _drawn_from(_PLACE, drawnConfigs=st.integers(1, 64), hotkeys=_HOTKEYS),
    "instructionFollowing": _drawn_from(
        _PLACE, drawnConfigs=st.integers(1, 64), hotkeys=_HOTKEYS, rules=st.sampled_from(["V1", "V2"])
    ),
    "fineWeb": _drawn_from(_PLACE, drawnConfigs=st.integers(1, 16)),
    "promptResponse": _drawn_from(
        _PLACE,
        files=_WORDS,
        promptColumn=_WORDS,
        responseColumn=_WORDS,
        timeColumn=_WORDS,
        refusals=st.sampled_from(["Drop", "Keep"]),
    ),
    "huggingFace": _drawn_from(_PLACE, files=_WORDS, timeColumn=_WORDS, **dict.fromkeys(_COLUMNS, _WORDS)),
}
_METHODS = [one.value for one in contract.Method]
_SETTINGS = st.fixed_dictionaries(
    {"method": st.sampled_from(_METHODS)},
    optional={
        "lossUnit": st.sampled_from(["Token", "Byte"]),
        "answerBy": st.sampled_from(["Likelihood", "Generation"]),
        "degenerateOutput": st.sampled_from(["Reject", "Ignore"]),
        "normalization": st.sampled_from(
            [{}, {"kind": "None"}, {"kind": "InverseExponential", "ceiling": "12.5"}]
        ),
    },
)
_FRESHNESS = st.fixed_dictionaries({}, optional={"freshness": st.sampled_from(["None", "NewerThanCommits"])})


@st.composite
def _tasks(draw: st.DrawFn) -> list[Raw]:
    names = draw(st.lists(st.sampled_from(sorted(_DATASETS)), min_size=1, max_size=4))
    weights = [*["0.1"] * (len(names) - 1), f"{1 - (len(names) - 1) / 10:.1f}" if len(names) > 1 else "1"]
    return [
        {
            "name": f"task-{number}",
            "weight": weight,
            "dataset": {name: draw(_DATASETS[name]), **draw(_FRESHNESS)},
            **draw(_SETTINGS),
        }
        for number, (name, weight) in enumerate(zip(names, weights, strict=True))
    ]


_TEMPLATES = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from(["a", "b"]), "text": st.text(min_size=1, max_size=9)}),
    max_size=2,
)
_TOKENIZERS = st.fixed_dictionaries(
    {"policy": st.just("Own")},
    optional={"chatTemplate": st.sampled_from(["ChatML", "Gemma"]), "templates": _TEMPLATES},
) | st.fixed_dictionaries(
    {"policy": st.just("Fixed"), "repository": st.just("org/tokenizer"), "revision": st.just("main")},
    optional={"chatTemplate": st.sampled_from(["ChatML", "Gemma"])},
)
_DECIMALS = st.integers(1, 10**6).map(lambda thousandths: f"{thousandths / 1000:.3f}")
_CHANGES: dict[str, st.SearchStrategy[Any]] = {
    "spec/taskSchedule/0/tasks": _tasks(),
    "spec/constraints/tokenizer": _TOKENIZERS,
    "spec/constraints/parameters": st.fixed_dictionaries(
        {"max": st.integers(1, 10**15)}, optional={"min": st.integers(0, 10**15)}
    ),
    "spec/constraints/dtype": st.sampled_from(["BFloat16", "Float32"]),
    "spec/constraints/norms": st.just(ABSENT)
    | st.fixed_dictionaries(
        {"soft": _DECIMALS, "softFraction": st.sampled_from(["0", "1", "0.15"]), "hard": _DECIMALS}
    ),
    "spec/constraints/sequenceLength": st.integers(16, 2**20),
    "spec/constraints/maxBytes": st.integers(1, 2**50),
    "spec/rounds/whenTaskUnavailable": st.sampled_from(["Postpone", "Renormalize"]),
    "spec/evaluator/timeoutSeconds": st.integers(1, 86_400),
    "spec/evaluator/resources/limits/cpu": st.integers(1, 256)
    | st.sampled_from(["4", "500m", "2500m", "0.5", "7.9"]),
    "spec/isolation": st.sampled_from(["Required", "Preferred"]),
    "spec/hub": st.sampled_from([{}, {"endpoint": "http://hub.example"}, {"tokenSecretName": "x"}]),
}


@given(st.fixed_dictionaries({}, optional=_CHANGES))
def test_any_competition_gives_the_requests_of_the_operator(changes: Raw) -> None:
    raw = changed(valid("Competition"), changes.items())

    assert our_requests(raw, 0) == their_requests(raw, 0)


@pytest.mark.parametrize("name", _DATASETS)
def test_defaults_of_datasets_are_those_of_the_schema(name: str) -> None:
    """Everything that may be left out is left out."""
    rows = {"samples": 7} | (
        {} if name in {"wordSorting", "dyck"} else {"repository": "o/r", "revision": "main"}
    )
    task = {"name": "t", "weight": "1", "method": "TextLoss", "dataset": {name: rows}}
    raw = changed(valid("Competition"), [("spec/taskSchedule/0/tasks", [task])])

    assert our_requests(raw, 0) == their_requests(raw, 0)


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("constraints/sequenceLength", 8, "spec.constraints.sequenceLength: expected greater than"),
        ("constraints/maxBytes", 0, "spec.constraints.maxBytes: expected greater than"),
        ("constraints/parameters/max", 0, "spec.constraints.parameters.max: expected greater than"),
        ("constraints/parameters/min", -1, "spec.constraints.parameters.min: expected greater than"),
        ("constraints/architectures", [], "spec.constraints.architectures"),
        ("constraints/norms/soft", "0", "spec.constraints.norms.soft: expected greater than 0, found 0.0"),
        ("evaluator/timeoutSeconds", 10**6, "spec.evaluator.timeoutSeconds: expected less than"),
        ("evaluator/resources/limits/cpu", "4x", "spec.evaluator.resources.limits.cpu: expected CPUs"),
        ("evaluator/resources/limits/cpu", "1/2", "spec.evaluator.resources.limits.cpu: expected CPUs"),
        ("hub", {"endpoint": "x" * 2000}, "spec.hub.endpoint"),
    ],
)  # fmt: skip
def test_values_beyond_the_contract_are_told_with_their_field(path: str, value: object, told: str) -> None:
    competition = parse_competition(changed(valid("Competition"), [(f"spec/{path}", value)]))

    with pytest.raises(ManifestError) as caught:
        ours.check_requests(competition, competition.active(None))
    assert told in str(caught.value)


@given(
    st.integers(1, 10**6).map(lambda m: f"{m}m")
    | st.integers(0, 500).map(str)
    | _DECIMALS
    | st.sampled_from(["4k", "0.1k", "1M", "2Gi", "0.5Ki", "1000"])
)
def test_threads_are_those_of_the_operator(cpu: str) -> None:
    assert ours.threads_of(cpu) == theirs.threads_of(cpu)
