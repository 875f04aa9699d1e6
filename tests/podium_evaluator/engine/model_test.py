"""A loaded model computes what the library's own class computes from the same tensors."""

import functools
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers.initialization import no_init_weights

from podium_evaluator.engine.logits import logits_of
from podium_evaluator.engine.model import LanguageModel, load_model
from podium_evaluator.models.config import ModelConfig, reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.store import Manifest, ManifestFile
from tests.podium_evaluator.tiny import (
    BART,
    EVERY,
    FALCON,
    GEMMA2,
    GPT_NEOX,
    MISTRAL,
    PHI,
    PHI3,
    VARIANTS,
    Tensors,
    random_tensors,
    safetensors_bytes,
)

_CPU = torch.device("cpu")
_IDS = torch.randint(0, 512, (1, 64), generator=torch.Generator().manual_seed(5))
"""Longer than the windows of the tiny models, which are 40 tokens."""


def reduced(document: dict[str, Any]) -> ModelConfig:
    return reduce_config(json.dumps(document).encode(), ARCHITECTURES)


def lively(document: dict[str, Any]) -> Tensors:
    """Weights so large that attention is not flat: what is left out of it shows."""
    tensors = random_tensors(document, dtype="F32")
    return {name: 4 * tensor if tensor.ndim == 2 else tensor for name, tensor in tensors.items()}


def load(
    folder: Path,
    document: dict[str, Any],
    dtype: torch.dtype,
    tensors: Tensors | None = None,
    device: torch.device = _CPU,
) -> LanguageModel:
    folder.mkdir(exist_ok=True)
    data = safetensors_bytes(lively(document) if tensors is None else tensors)
    (folder / "model.safetensors").write_bytes(data)
    (folder / "config.json").write_text(json.dumps(document), encoding="utf-8")
    file = ManifestFile("model.safetensors", len(data), hashlib.sha256(data).hexdigest())
    return load_model(folder, Manifest((file,)), reduced(document), device, dtype)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], LanguageModel]:
    """Each variant in single precision, loaded once."""
    return functools.cache(lambda name: load(tmp_path_factory.mktemp("model"), VARIANTS[name], torch.float32))


def logits(model: LanguageModel, ids: torch.Tensor = _IDS) -> torch.Tensor:
    with torch.inference_mode():
        return logits_of(model, model.backbone(input_ids=ids, use_cache=False).last_hidden_state)


def plain(document: dict[str, Any]) -> Any:  # the library is untyped
    """The library's class, its own reading of the file, its plainest attention, all weights by name."""
    architecture = reduced(document).architecture
    config_class = getattr(transformers, architecture.config_class)
    real = config_class.from_dict(json.loads(json.dumps({**document, "pad_token_id": None})))
    # The plain attention of Falcon adds ALiBi's bias twice, once by itself and once in the mask.
    real._attn_implementation = "sdpa" if document.get("alibi") else "eager"
    with no_init_weights():
        model = getattr(transformers, architecture.name)(real)
    named = {
        architecture.renamed.get(name, name): torch.from_numpy(tensor)
        for name, tensor in lively(document).items()
    }
    if real.tie_word_embeddings:
        named[architecture.renamed.get(architecture.head, architecture.head)] = named[architecture.embedding]
    model.load_state_dict(named)
    return model.eval()


@pytest.mark.parametrize("name", VARIANTS)
def test_logits_are_those_of_the_class_itself(loaded: Callable[[str], LanguageModel], name: str) -> None:
    with torch.inference_mode():
        expected = plain(VARIANTS[name])(_IDS).logits

    found = logits(loaded(name))

    scale = float(expected.std())
    assert scale > 0.1
    torch.testing.assert_close(found / scale, expected / scale, atol=1e-5, rtol=0)


@pytest.mark.parametrize("document", EVERY.values(), ids=EVERY)
def test_half_the_precision_gives_the_bits_of_the_library_s_own_loader(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    ours = load(tmp_path, document, torch.bfloat16)
    theirs = getattr(transformers, document["architectures"][0]).from_pretrained(
        tmp_path,
        dtype=torch.bfloat16,
        attn_implementation=reduced(document).architecture.attention,
        pad_token_id=None,
    )

    buffers = dict(theirs.base_model.named_buffers())
    assert buffers.keys() == dict(ours.backbone.named_buffers()).keys()
    for name, buffer in ours.backbone.named_buffers():
        assert buffer.dtype is (torch.float32 if "inv_freq" in name else torch.bfloat16)
        assert torch.equal(buffer, buffers[name])
    with torch.inference_mode():
        hidden = theirs.base_model(input_ids=_IDS, use_cache=False).last_hidden_state
        assert torch.equal(ours.backbone(input_ids=_IDS, use_cache=False).last_hidden_state, hidden)


@pytest.mark.parametrize(
    ("document", "change"),
    [
        (MISTRAL, {"sliding_window": 80}),
        (PHI3, {"sliding_window": 80}),
        (PHI3, {"partial_rotary_factor": 0.5}),
        (PHI, {"partial_rotary_factor": 0.5}),
        (PHI, {"hidden_act": "relu"}),
        (GPT_NEOX, {"use_parallel_residual": False}),
        (GEMMA2, {"sliding_window": 80}),
        (GEMMA2, {"layer_types": ["full_attention", "sliding_attention"]}),
        (GEMMA2, {"query_pre_attn_scalar": 21}),
        (GEMMA2, {"attn_logit_softcapping": None}),
        (GEMMA2, {"final_logit_softcapping": None}),
        (FALCON, {"alibi": True}),
        (BART, {"scale_embedding": True}),
        (BART, {"activation_function": "relu"}),
    ],
)
def test_what_is_honoured_is_computed(
    tmp_path: Path,
    loaded: Callable[[str], LanguageModel],
    document: dict[str, Any],
    change: dict[str, Any],
) -> None:
    before = logits(loaded(document["architectures"][0]))

    after = logits(load(tmp_path, {**document, **change}, torch.float32, lively(document)))

    assert float((before - after).abs().max()) > 1e-3


@pytest.mark.parametrize("name", [*EVERY, "falcon-40b", "falcon-rw"])
def test_no_token_sees_what_follows(loaded: Callable[[str], LanguageModel], name: str) -> None:
    model = loaded(name)
    changed = _IDS.clone()
    changed[:, 50:] = 7

    torch.testing.assert_close(logits(model, changed)[:, :50], logits(model)[:, :50], atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", [*EVERY, "falcon-40b", "falcon-rw"])
def test_a_cache_changes_nothing(loaded: Callable[[str], LanguageModel], name: str) -> None:
    model = loaded(name)
    whole = logits(model)

    with torch.inference_mode():
        first = model.backbone(input_ids=_IDS[:, :56], use_cache=True)
        rest = model.backbone(input_ids=_IDS[:, 56:], past_key_values=first.past_key_values, use_cache=True)
        found = logits_of(model, rest.last_hidden_state)

    torch.testing.assert_close(found, whole[:, 56:], atol=2e-5, rtol=1e-5)
