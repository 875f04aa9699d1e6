"""A model that breaks a constraint is rejected with the operator's line; what was not looked at is told."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.podium_evaluator.participant.scene import SORTING_ONLY, Desk
from tests.podium_evaluator.tiny import LLAMA, bfloat16, config, random_tensors, safetensors_bytes


def _config(**changes: Any) -> Callable[[Path], None]:
    text = json.dumps(config(LLAMA, **changes))
    return lambda model: (model / "config.json").write_text(text, encoding="utf-8") and None


def _weight(name: str, value: float) -> Callable[[Path], None]:
    def change(model: Path) -> None:
        tensors = random_tensors(LLAMA)
        tensors[name] = bfloat16(np.full(tensors[name].shape, value, "f4"))
        (model / "model.safetensors").write_bytes(safetensors_bytes(tensors))

    return change


def _without(name: str) -> Callable[[Path], None]:
    return lambda model: (model / name).unlink()


def _link(model: Path) -> None:
    (model / "model.safetensors").rename(model.parent / "blob")
    (model / "model.safetensors").symlink_to(model.parent / "blob")


def _as_it_is(_model: Path) -> None:
    """Change nothing."""


def _own_words(model: Path) -> None:
    text = json.dumps({"chat_template": "{{ mine }}"})
    (model / "tokenizer_config.json").write_text(text, encoding="utf-8")


_TOO_MANY = "ParametersOutOfRange: parameters 106816 above the maximum 1000"
_NORM = "model.layers.0.self_attn.q_proj.weight"


@pytest.mark.parametrize(
    ("change", "spec", "check", "line"),
    [
        (_link, {}, "source", "FileNotAllowed: 'model.safetensors' is a link"),
        (_as_it_is, {"maxBytes": 1000}, "size", "TooLarge: all 3 files have"),
        (_without("config.json"), {}, "configuration", "ConfigMalformed: the submission has no file"),
        (_config(auto_map={"x": "y.Z"}), {}, "configuration", "ConfigKeyNotHonoured: "),
        (_as_it_is, {"architectures": ["PhiForCausalLM"]}, "configuration", "ArchitectureNotAllowed: "),
        (_as_it_is, {"parameters": {"max": 1000}}, "parameters", _TOO_MANY),
        (_without("model.safetensors"), {}, "weight files", "NoSafetensors: "),
        (_without("tokenizer.json"), {}, "tokenizer", "TokenizerMalformed: the submission has no file"),
        (_own_words, {}, "tokenizer", "ChatTemplateUnknown: "),
        (_config(intermediate_size=64), {}, "tensors", "TensorsMismatch: "),
        (_weight(_NORM, math.inf), {}, "values", "NonFiniteWeights: "),
        (_weight(_NORM, 100), {}, "norms", "NormsOutOfRange: "),
    ],
)  # fmt: skip
def test_the_first_broken_constraint_rejects(
    desk: Desk, change: Callable[[Path], None], spec: dict[str, Any], check: str, line: str
) -> None:
    desk.write(**{f"constraints__{name}": value for name, value in spec.items()})
    change(desk.model)

    found, ended = desk.evaluate("--json").document, desk.evaluate()

    assert (ended.code, found["outcome"], found["failure"]["fault"]) == (65, "Rejected", "Submission")
    assert f"\nrejected: {line}" in ended.output
    assert "\nfault: Submission\nchecks that come later were not reached" in ended.output
    names = [one["name"] for one in found["checks"]]
    outcomes = [one["outcome"] for one in found["checks"]]
    place = names.index(check)
    expected = [*["Passed"] * place, "Rejected", *["NotReached"] * (len(names) - place - 1)]
    assert outcomes == expected
    assert (found["identity"], found["score"], found["samplesDigest"]) == (None, None, None)


@pytest.mark.parametrize("bounded", [True, False])
def test_a_model_that_computes_no_numbers_is_rejected_unless_its_tasks_have_a_worst_score(
    desk: Desk, *, bounded: bool
) -> None:
    _weight("model.norm.weight", 3e38)(desk.model)
    task = SORTING_ONLY if bounded else {**SORTING_ONLY, "normalization": {"kind": "None"}}
    desk.write([task])

    found, ended = desk.evaluate("--json").document, desk.evaluate()

    (scored,) = found["tasks"]
    assert (scored["raw"], scored["reason"]) == (None, "NonFiniteScore")
    assert found["score"] == (1.0 if bounded else None)
    assert ended.code == (0 if bounded else 65)
    assert ("rejected: NonFiniteScore: the loss" in ended.output) is not bounded
    assert "sorting: the loss or the logits of sample '00000'" in ended.output
