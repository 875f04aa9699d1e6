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
from podium_evaluator.models.projection import EVERY_ROW
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.weights.check import check_norms, check_tensors, check_tied_head, normed_rows
from podium_evaluator.weights.header import TensorEntry, read_header
from podium_evaluator.weights.scan import ScannedTensor, scan_file
from tests.podium_evaluator.tiny import (
    BART,
    EVERY,
    FALCON,
    GPT_NEOX,
    LLAMA,
    PHI3,
    VARIANTS,
    Tensors,
    config,
    random_tensors,
    safetensors_bytes,
)

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


@pytest.mark.parametrize("document", VARIANTS.values(), ids=VARIANTS)
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


@pytest.mark.parametrize("document", VARIANTS.values(), ids=VARIANTS)
def test_known_buffers_of_every_architecture_are_allowed(document: dict[str, Any]) -> None:
    buffers = reduced(document).architecture.buffers(reduced(document).values)
    assert buffers

    check(
        {**random_tensors(document), **{name: np.ones(shape, "u1") for name, shape in buffers.items()}},
        document,
    )


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
    check_tied_head(scan_file(path, (), {}).tensors, reduced())

    path.write_bytes(safetensors_bytes({**tensors, "lm_head.weight": embedding + 1}))
    with pytest.raises(Failure) as caught:
        check_tied_head(scan_file(path, (), {}).tensors, reduced())
    assert caught.value.reason is Reason.TENSORS_MISMATCH


def test_an_untied_head_may_be_anything(tmp_path: Path) -> None:
    untied = config(tie_word_embeddings=False)
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors_bytes(random_tensors(untied)))

    check_tied_head(scan_file(path, (), {}).tensors, reduced(untied))


def fused(document: dict[str, Any]) -> tuple[str, tuple[int, ...]]:
    """Name and layout of the fused matrix of layer 1: what follows the axis of the parts is one head."""
    match document:
        case {"model_type": "gpt_neox"}:
            return "gpt_neox.layers.1.attention.query_key_value.weight", (4, 3, 16, 64)
        case {"new_decoder_architecture": True}:
            return "transformer.h.1.self_attention.query_key_value.weight", (2, 4, 16, 64)
        case {"model_type": "falcon", "multi_query": False}:
            return "transformer.h.1.self_attention.query_key_value.weight", (4, 3, 16, 64)
        case {"model_type": "falcon"}:
            return "transformer.h.1.self_attention.query_key_value.weight", (1, 6, 16, 64)
        case _:
            return "model.layers.1.self_attn.qkv_proj.weight", (1, 8, 16, 64)


def norms_of(tensors: Tensors, document: dict[str, Any], folder: Path) -> dict[tuple[str, int], float]:
    """What the scan says, by kind and layer."""
    config_, path = reduced(document), folder / "model.safetensors"
    path.write_bytes(safetensors_bytes(tensors))
    parts = normed_rows(config_)
    scanned = {one.entry.name: one.norms for one in scan_file(path, tensors, parts).tensors}
    return {
        (kind, layer): scanned[one.tensor][parts[one.tensor].index(one.rows)]
        for kind, layers in config_.architecture.projections(config_.values).items()
        for layer, one in enumerate(layers)
    }


@pytest.mark.parametrize("document", EVERY.values(), ids=EVERY)
def test_norms_are_those_of_the_named_matrices(document: dict[str, Any], tmp_path: Path) -> None:
    tensors = random_tensors(document, dtype="F32")
    kinds = reduced(document).architecture.projections(reduced(document).values)
    found = norms_of(tensors, document, tmp_path)

    for kind, layers in kinds.items():
        for layer, one in enumerate(layers):
            if one.rows == EVERY_ROW:
                assert found[kind, layer] == pytest.approx(np.linalg.norm(tensors[one.tensor]), rel=1e-6)


@pytest.mark.parametrize(
    "name", ["GPTNeoXForCausalLM", "FalconForCausalLM", "falcon-40b", "falcon-serial", "Phi3ForCausalLM"]
)
def test_fused_queries_keys_and_values_are_told_apart(name: str, tmp_path: Path) -> None:
    document = VARIANTS[name]
    tensors = random_tensors(document, dtype="F32")
    tensor, layout = fused(document)
    queries = layout[1] - (4 if "qkv_proj" in tensor else 2)
    keys = (layout[1] - queries) // 2
    heads = tensors[tensor].reshape(layout)
    heads[:, queries : queries + keys] *= 3
    heads[:, queries + keys :] *= 10

    found = norms_of(tensors, document, tmp_path)

    parts = np.split(heads, [queries, queries + keys], axis=1)
    assert [found[f"{part}_proj", 1] for part in "qkv"] == pytest.approx(
        [np.linalg.norm(part) for part in parts], rel=1e-6
    )


def test_the_gate_of_a_fused_matrix_is_not_counted(tmp_path: Path) -> None:
    tensors = random_tensors(PHI3, dtype="F32")
    both = tensors["model.layers.0.mlp.gate_up_proj.weight"]
    both[:128] = 1e9

    found = norms_of(tensors, PHI3, tmp_path)

    assert found["up_proj", 0] == pytest.approx(np.linalg.norm(both[128:]), rel=1e-6)


def verdict(norms: dict[str, list[float]], document: dict[str, Any] = LLAMA) -> None:
    """Check a model of two layers whose projections have these norms, 50 where none is given."""
    config_ = reduced(document)
    kinds = config_.architecture.projections(config_.values)
    by_part = {
        (one.tensor, one.rows): norms.get(kind, [50.0, 50.0])[layer]
        for kind, layers in kinds.items()
        for layer, one in enumerate(layers)
    }
    tensors = [
        ScannedTensor(TensorEntry(name, "F32", (1,), 0, 4), "", tuple(by_part[name, rows] for rows in parts))
        for name, parts in normed_rows(config_).items()
    ]
    check_norms(tensors, config_, _LIMITS)


@pytest.mark.parametrize("document", [LLAMA, PHI3, GPT_NEOX, BART, FALCON])
def test_one_norm_beyond_the_hard_limit_is_too_many(document: dict[str, Any]) -> None:
    verdict({"k_proj": [10.0, 199.0]}, document)
    with pytest.raises(Failure) as caught:
        verdict({"k_proj": [10.0, 1000.5]}, document)
    assert caught.value.reason is Reason.NORMS_OUT_OF_RANGE
    assert caught.value.message == "norm of layer 1 k_proj is 1000.5, above the maximum 1000"


def test_the_mean_over_kinds_of_the_share_beyond_the_soft_limit_decides() -> None:
    verdict({"q_proj": [300.0, 10.0]})
    with pytest.raises(Failure) as caught:
        verdict({"q_proj": [300.0, 10.0], "up_proj": [10.0, 201.0]})
    assert caught.value.message == (
        "mean fraction of projections with a norm above 200 is 0.166667, above the maximum 0.15"
    )


def test_a_norm_at_the_limit_is_within_it() -> None:
    verdict({"q_proj": [1000.0, 10.0]})
    verdict({kind: [200.0, 200.0] for kind in ("q_proj", "k_proj", "v_proj")})
