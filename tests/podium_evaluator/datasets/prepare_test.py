"""The samples of a round are stored once, under a digest that a retry repeats."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from podium_evaluator.contract import Fault, PreparedSamples, PrepareRequest, Reason
from podium_evaluator.datasets.base import (
    ChoiceSample,
    InstructionSample,
    Method,
    ReferenceSample,
    Rule,
    TextSample,
    read_samples,
    sample_lines,
)
from podium_evaluator.datasets.prepare import prepare
from podium_evaluator.errors import Failure
from podium_evaluator.hub.client import Hub
from podium_evaluator.store import Store, open_manifest
from podium_evaluator.tokenizer_settings import SETTINGS, StoredSettings, read_stored_settings
from tests.hub import Hub as Server
from tests.hub import Refuse, hub_in_thread
from tests.podium_evaluator.tiny import NONCE, SEED, tokenizer_json

_COMMIT = "c" * 40
_OWN = {"policy": "Own"}
_FIXED = {"policy": "Fixed", "repository": "podium/tokenizer", "revision": _COMMIT}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    folder = tmp_path / "hub" / "models" / "podium" / "tokenizer"
    folder.mkdir(parents=True)
    (folder / "tokenizer.json").write_bytes(tokenizer_json())
    (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": "<|im_end|>"}), encoding="utf-8")
    (folder / ".hub.json").write_text(json.dumps({"commit": _COMMIT}), encoding="utf-8")
    with hub_in_thread(tmp_path / "hub") as hub:
        yield hub


def sorting(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": name,
        "method": "ReferenceLoss",
        "dataset": {"kind": "WordSorting", "samples": 30, **changes},
    }


def run(folder: Path, server: Server | None = None, **changes: Any) -> PreparedSamples:
    document = {
        "nonce": NONCE,
        "seed": SEED,
        "tasks": (sorting("one"), sorting("two")),
        "tokenizer": _OWN,
        "sequence_length": 256,
        **changes,
    }
    hub = Hub(server.endpoint if server else None, None, lambda _: None)
    return prepare(PrepareRequest.model_validate(document), Store(folder / "store"), hub, now=0.0)


def stored(folder: Path, prepared: PreparedSamples) -> Path:
    return folder / "store" / "samples" / prepared.digest.replace(":", "-")


def test_each_task_has_a_file_and_the_manifest_names_them(tmp_path: Path) -> None:
    prepared = run(tmp_path)

    folder = stored(tmp_path, prepared)
    manifest = open_manifest(folder, prepared.digest)
    assert [one.name for one in manifest.files] == ["one.jsonl", "two.jsonl"]
    assert [(one.name, one.samples, one.dropped) for one in prepared.tasks] == [
        ("one", 30, 0),
        ("two", 30, 0),
    ]
    assert len(read_samples((folder / "one.jsonl").read_bytes(), Method.REFERENCE_LOSS)) == 30


def test_a_retry_gives_the_same_digest_and_another_seed_does_not(tmp_path: Path) -> None:
    assert run(tmp_path) == run(tmp_path)
    assert run(tmp_path).digest != run(tmp_path, seed="00" * 32).digest


def test_what_the_operator_does_not_name_is_swept_before_samples_are_drawn(tmp_path: Path) -> None:
    earlier, named = stored(tmp_path, run(tmp_path)), stored(tmp_path, run(tmp_path, seed="00" * 32))
    for folder in (earlier, named):
        os.utime(folder, (1000, 1000))
    digest = named.name.replace("-", ":")

    drawn = run(tmp_path, seed="11" * 32, sweep={"storedBefore": 1001, "samples": (digest,)})

    assert [folder.exists() for folder in (earlier, named, stored(tmp_path, drawn))] == [False, True, True]


def test_the_fixed_tokenizer_is_stored_with_its_end_and_decides_what_is_too_long(
    tmp_path: Path, server: Server
) -> None:
    prepared = run(tmp_path, server, tokenizer=_FIXED)

    folder = stored(tmp_path, prepared)
    assert (folder / "tokenizer.json").read_bytes() == tokenizer_json()
    settings = read_stored_settings((folder / SETTINGS).read_bytes())
    assert settings == StoredSettings("<|im_end|>", "ChatML")
    for task in prepared.tasks:
        samples = read_samples((folder / f"{task.name}.jsonl").read_bytes(), Method.REFERENCE_LOSS)
        assert task.samples == len(samples) == 30, "what is too long is replaced"
        assert task.dropped > 0
        for sample in samples:
            assert isinstance(sample, ReferenceSample)
            # Each letter is one token; the template has three marks around 16 letters.
            assert len(sample.prompt) + len(sample.reference) <= 256 - 19


def test_a_branch_of_the_tokenizer_is_what_it_was_when_the_round_began(
    tmp_path: Path, server: Server
) -> None:
    pinned = run(tmp_path, server, tokenizer=_FIXED)
    window = {"until": 1_800_000_000}

    assert run(tmp_path, server, tokenizer={**_FIXED, "revision": "main"}, window=window) == pinned
    with pytest.raises(Failure, match="main has no commit of"):
        run(tmp_path, server, tokenizer={**_FIXED, "revision": "main"}, window={"until": 1_000_000_000})


def test_with_tokenizers_of_their_own_characters_decide(tmp_path: Path) -> None:
    prepared = run(tmp_path, sequence_length=50)

    for task in prepared.tasks:
        lines = (stored(tmp_path, prepared) / f"{task.name}.jsonl").read_bytes()
        assert task.dropped > 0
        for sample in read_samples(lines, Method.REFERENCE_LOSS):
            assert isinstance(sample, ReferenceSample)
            assert len(sample.prompt) // 4 + len(sample.reference) // 4 + 10 <= 50


def test_a_task_of_which_too_little_is_left_is_the_organisers_fault(tmp_path: Path, server: Server) -> None:
    with pytest.raises(Failure, match="task one: 0 of 3 samples found in WordSorting") as caught:
        run(tmp_path, server, tasks=(sorting("one", samples=3),), tokenizer=_FIXED, sequence_length=16)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.TOO_FEW_SAMPLES)
    assert not list((tmp_path / "store" / "tmp").iterdir())


_GONE = {
    "name": "gone",
    "method": "TextLoss",
    "dataset": {"kind": "FineWeb", "samples": 10, "repository": "org/gone", "revision": _COMMIT},
}


def test_a_task_that_cannot_be_prepared_postpones_the_round(tmp_path: Path, server: Server) -> None:
    with pytest.raises(Failure, match="task gone: 0 of 10 samples drawn from 'org/gone'") as caught:
        run(tmp_path, server, tasks=(sorting("one"), _GONE))
    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, Reason.DATASET_INVALID)


def test_or_it_is_left_out_visibly(tmp_path: Path, server: Server) -> None:
    prepared = run(tmp_path, server, tasks=(_GONE, sorting("one")), when_unavailable="Renormalize")

    gone, one = prepared.tasks
    assert (gone.samples, gone.reason, gone.digest) == (0, Reason.DATASET_INVALID, None)
    assert gone.message.startswith("task gone: 0 of 10 samples drawn from 'org/gone': the repository does")
    assert (one.samples, one.reason) == (30, None)
    names = [file.name for file in open_manifest(stored(tmp_path, prepared), prepared.digest).files]
    assert names == ["one.jsonl"]


def test_one_task_must_remain(tmp_path: Path, server: Server) -> None:
    tasks = (_GONE, {**_GONE, "name": "gone-too"})

    with pytest.raises(Failure, match="task gone: ") as caught:
        run(tmp_path, server, tasks=tasks, when_unavailable="Renormalize")
    assert caught.value.reason is Reason.DATASET_INVALID


def test_a_hub_that_does_not_answer_leaves_no_task_out(tmp_path: Path, server: Server) -> None:
    server.faults.add(Refuse(503), on="datasets/org/gone")

    with pytest.raises(Failure, match="task gone: ") as caught:
        run(tmp_path, server, tasks=(sorting("one"), _GONE), when_unavailable="Renormalize")
    assert (caught.value.fault, caught.value.reason) == (
        Fault.INFRASTRUCTURE,
        Reason.DATASET_UNAVAILABLE,
    )


def test_a_request_that_makes_no_sense_leaves_no_task_out(tmp_path: Path) -> None:
    mmlu = {"kind": "SyntheticMmlu", "samples": 10, "repository": "org/data", "revision": _COMMIT}
    task = {"name": "mmlu", "method": "MultipleChoice", "freshness": "NewerThanCommits", "dataset": mmlu}

    with pytest.raises(Failure) as caught:
        run(tmp_path, tasks=(sorting("one"), task), when_unavailable="Renormalize")
    assert caught.value.reason is Reason.REQUEST_INVALID


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"tasks": (sorting("one"), sorting("one"))}, Reason.REQUEST_INVALID),
        ({"tasks": (sorting("one", samples=4000), sorting("two", samples=4000))}, Reason.REQUEST_INVALID),
        ({"tokenizer": {"policy": "Fixed"}}, Reason.REQUEST_INVALID),
        ({"tokenizer": {"policy": "Own", "chat_template": "None"}}, Reason.REQUEST_INVALID),
        ({"tokenizer": {**_FIXED, "revision": "d" * 40}}, Reason.TOKENIZER_MALFORMED),
    ],
)
def test_what_the_organiser_got_wrong_is_told(
    tmp_path: Path, server: Server, changes: dict[str, Any], reason: Reason
) -> None:
    with pytest.raises(Failure) as caught:
        run(tmp_path, server, **changes)

    assert (caught.value.fault, caught.value.reason) == (Fault.ORGANIZER, reason)


def test_samples_of_all_kinds_survive_their_file() -> None:
    for method, sample in (
        (Method.MULTIPLE_CHOICE, ChoiceSample("1", "p\u2028q", ("a\nb", "é"), 1)),
        (Method.REFERENCE_LOSS, ReferenceSample("2", "\x85", "\r\n")),
        (Method.TEXT_LOSS, TextSample("3", "\U0001f600")),
        (
            Method.INSTRUCTION_FOLLOWING,
            InstructionSample("4", ("a\u2029", "b"), (Rule("ENDS_WITH", (("x", 1), ("y",))),)),
        ),
    ):
        assert read_samples(sample_lines([sample, sample]), method) == (sample, sample)


def test_a_line_of_another_method_is_refused() -> None:
    with pytest.raises(ValueError, match="no sample"):
        read_samples(sample_lines([TextSample("1", "text")]), Method.REFERENCE_LOSS)
