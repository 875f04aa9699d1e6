"""The tensors of a submission are exactly those of its architecture, within the norms' bounds."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from podium_evaluator.contract import NormLimits, Reason
from podium_evaluator.errors import Failure
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.weights.check import check_norms, check_tensors, check_tied_head, projection_names
from podium_evaluator.weights.header import read_header
from podium_evaluator.weights.scan import scan_file
from tests.podium_evaluator.tiny import GPT_NEOX, LLAMA, Tensors, config, random_tensors, safetensors_bytes

_LIMITS = NormLimits(soft=200.0, soft_fraction=0.15, hard=1000.0)


def reduced(document: dict[str, Any] = LLAMA) -> ModelConfig:
    return reduce_config(json.dumps(document).encode(), ARCHITECTURES)


def check(tensors: Tensors, document: dict[str, Any] = LLAMA) -> None:
    data = safetensors_bytes(tensors)
    check_tensors(read_header(io.BytesIO(data), len(data)).tensors, reduced(document))


def reason_of(tensors: Tensors, document: dict[str, Any] = LLAMA) -> Reason:
    with pytest.raises(Failure) as caught:
        check(tensors, document)
    return caught.value.reason


@pytest.mark.parametrize("document", [LLAMA, config(tie_word_embeddings=False), GPT_NEOX])
def test_the_architectures_own_tensors_pass(document: dict[str, Any]) -> None:
    check(random_tensors(document), document)


def test_old_buffers_are_allowed_with_their_shape() -> None:
    name = "model.layers.0.self_attn.rotary_emb.inv_freq"
    tensors = random_tensors(LLAMA)

    check({**tensors, name: np.ones(8, "f4")})

    assert reason_of({**tensors, name: np.ones(9, "f4")}) is Reason.TENSORS_MISMATCH


def test_buffers_of_older_checkpoints_with_fused_attention_are_allowed() -> None:
    mask = np.ones((1, 1, 1024, 1024), "u1")

    check({**random_tensors(GPT_NEOX), "gpt_neox.layers.1.attention.bias": mask}, GPT_NEOX)


def test_a_missing_a_foreign_and_a_misshapen_tensor_are_mismatches() -> None:
    tensors = random_tensors(LLAMA)

    missing = {name: one for name, one in tensors.items() if name != "model.norm.weight"}
    assert reason_of(missing) is Reason.TENSORS_MISMATCH
    assert (
        reason_of({**tensors, "model.layers.2.mlp.up_proj.weight": np.ones(1, "f4")})
        is Reason.TENSORS_MISMATCH
    )
    assert reason_of({**tensors, "model.norm.weight": np.ones((64, 1), "f4")}) is Reason.TENSORS_MISMATCH


def test_a_tensor_in_two_files_is_a_mismatch() -> None:
    data = safetensors_bytes(random_tensors(LLAMA))
    entries = read_header(io.BytesIO(data), len(data)).tensors

    with pytest.raises(Failure, match="in two files"):
        check_tensors([*entries, entries[0]], reduced())


def test_integers_are_no_weights() -> None:
    tensors = {**random_tensors(LLAMA), "model.norm.weight": np.ones(64, "i4")}

    assert reason_of(tensors) is Reason.DTYPE_NOT_ALLOWED


def test_a_tied_head_may_be_stored_if_it_repeats_the_embedding(tmp_path: Path) -> None:
    tensors = random_tensors(LLAMA)
    embedding = tensors["model.embed_tokens.weight"]
    path = tmp_path / "model.safetensors"

    path.write_bytes(safetensors_bytes({**tensors, "lm_head.weight": embedding}))
    check({**tensors, "lm_head.weight": embedding})
    check_tied_head(scan_file(path, (), ()).tensors, reduced())

    path.write_bytes(safetensors_bytes({**tensors, "lm_head.weight": embedding + 1}))
    with pytest.raises(Failure) as caught:
        check_tied_head(scan_file(path, (), ()).tensors, reduced())
    assert caught.value.reason is Reason.TENSORS_MISMATCH


def test_an_untied_head_may_be_anything(tmp_path: Path) -> None:
    untied = config(tie_word_embeddings=False)
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_bytes(random_tensors(untied)))

    check_tied_head(scan_file(path, (), ()).tensors, reduced(untied))


def test_six_kinds_of_projections_are_measured_in_each_layer() -> None:
    kinds = projection_names(reduced())

    assert {len(names) for names in kinds.values()} == {2}
    assert sorted(kind.split(".")[-2] for kind in kinds) == sorted(
        ["q_proj", "k_proj", "v_proj", "o_proj", "up_proj", "down_proj"]
    )


def test_one_norm_beyond_the_hard_limit_is_too_many() -> None:
    kinds = {"q": ("q0", "q1")}

    check_norms({"q0": 10.0, "q1": 199.0}, kinds, _LIMITS)
    with pytest.raises(Failure, match="q1") as caught:
        check_norms({"q0": 10.0, "q1": 1000.5}, kinds, _LIMITS)
    assert caught.value.reason is Reason.NORMS_OUT_OF_RANGE


def test_the_mean_over_kinds_of_the_share_beyond_the_soft_limit_decides() -> None:
    kinds = {"q": ("q0", "q1"), "k": ("k0", "k1"), "v": ("v0", "v1"), "o": ("o0", "o1")}
    calm = dict.fromkeys([name for names in kinds.values() for name in names], 50.0)

    check_norms({**calm, "q0": 300.0}, kinds, _LIMITS)
    with pytest.raises(Failure, match=r"25\.0%"):
        check_norms({**calm, "q0": 300.0, "q1": 300.0}, kinds, _LIMITS)
