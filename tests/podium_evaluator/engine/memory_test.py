"""Sizes are a table: what a model of a shape gets on a class of device, and nothing else matters."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podium_evaluator.contract import Reason
from podium_evaluator.engine.memory import CPU, CPU_SIZES, MemoryClass, ModelShape, gpu_class, plan_sizes
from podium_evaluator.engine.shape import model_shape
from podium_evaluator.errors import Failure
from podium_evaluator.models.config import reduce_config
from podium_evaluator.models.table import ARCHITECTURES
from tests.podium_evaluator.tiny import VARIANTS

_GIB = 2**30
_TRUNKS = {
    # hidden, intermediate, layers, query heads, width of a head, whether the head is a matrix of its own
    "1B": (2048, 8192, 16, 32, 64, False),
    "3B": (3072, 8192, 28, 24, 128, False),
    "8B": (4096, 14_336, 32, 32, 128, True),
}


def shape(name: str, vocabulary: int) -> ModelShape:
    """Of Llama 3 with another vocabulary; all have eight heads of keys."""
    hidden, intermediate, layers, heads, width, untied = _TRUNKS[name]
    layer = 2 * hidden * width * (heads + 8) + 3 * hidden * intermediate
    parameters = layers * layer + vocabulary * hidden * (2 if untied else 1)
    return ModelShape(parameters, vocabulary, hidden, intermediate, layers, heads, 8, width)


@pytest.mark.parametrize(
    ("gigabytes", "name", "slots"),
    [
        # With 32,000, 128,256 and 262,144 logits.
        (24, "1B", (256, 256, 256)),
        (24, "3B", (192, 192, 192)),
        (24, "8B", (64, 48, 16)),
        (40, "1B", (256, 256, 256)),
        (40, "3B", (256, 256, 256)),
        (40, "8B", (256, 256, 192)),
        (80, "1B", (256, 256, 256)),
        (80, "3B", (256, 256, 256)),
        (80, "8B", (256, 256, 256)),
    ],
)
def test_slots(gigabytes: int, name: str, slots: tuple[int, int, int]) -> None:
    memory = gpu_class(gigabytes * 99 * 10**7)

    found = [plan_sizes(memory, shape(name, count), 4096) for count in (32_000, 128_256, 262_144)]

    assert tuple(one.slots for one in found) == slots
    assert all(one.step_rows == one.slots for one in found)
    assert {one.row_tokens for one in found} == {8192}


@pytest.mark.parametrize(
    ("gigabytes", "name", "tokens"), [(24, "8B", 37_400), (80, "8B", 460_500), (24, "3B", 130_200)]
)
def test_tokens_of_the_cache(gigabytes: int, name: str, tokens: int) -> None:
    of_model = shape(name, 128_256)

    sizes = plan_sizes(gpu_class(gigabytes * 10**9), of_model, 4096)

    assert sizes.cache_bytes / of_model.token_bytes == pytest.approx(tokens, rel=2e-3)


def test_bytes_of_a_token_and_of_rows() -> None:
    of_model = shape("8B", 128_256)

    assert of_model.token_bytes == 128 * 1024
    rows = [of_model.row_bytes(tokens) / _GIB for tokens in (4096, 8192, 16_384, 32_768)]
    assert rows == pytest.approx([1.3, 1.8, 2.9, 5.1], abs=0.05)


def test_a_row_holds_the_longest_sequence_where_the_device_is_large_enough() -> None:
    of_model = shape("8B", 128_256)

    assert plan_sizes(gpu_class(80 * 10**9), of_model, 16_384).row_tokens == 16_384
    assert plan_sizes(gpu_class(80 * 10**9), of_model, 100_000).row_tokens == 32_768
    assert plan_sizes(gpu_class(24 * 10**9), of_model, 32_768).row_tokens == 32_768
    assert plan_sizes(gpu_class(16 * 10**9), shape("8B", 32_000), 16_384).row_tokens == 1024


def test_a_model_that_does_not_fit_is_told_with_its_size() -> None:
    with pytest.raises(Failure, match=r"needs 15\.8 GiB, a GPU of 16 GB has 13\.9: use a larger") as caught:
        plan_sizes(gpu_class(16 * 10**9), shape("8B", 128_256), 4096)

    assert caught.value.reason is Reason.OUT_OF_MEMORY


@pytest.mark.parametrize(
    ("reported", "name"),
    # GiB that drivers report for cards of this name.
    [(15.8, "16 GB"), (23.6, "24 GB"), (39.4, "40 GB"), (44.4, "48 GB"), (79.1, "80 GB"), (139.8, "141 GB"),
     (178.0, "141 GB"), (7.8, "8 GB"), (11.9, "8 GB")],
)  # fmt: skip
def test_cards_of_a_class_are_alike(reported: float, name: str) -> None:
    assert gpu_class(int(reported * _GIB)).name == name
    assert gpu_class(int(reported * _GIB)) == gpu_class(int((reported - 0.3) * _GIB))


def test_a_cpu_has_constants() -> None:
    assert plan_sizes(CPU, shape("8B", 262_144), 16_384) == CPU_SIZES
    assert CPU_SIZES.slots % CPU_SIZES.step_rows == 0


@given(
    st.integers(1, 200), st.sampled_from(sorted(_TRUNKS)), st.integers(1000, 300_000), st.integers(1, 40_000)
)
def test_what_is_planned_fits(gibibytes: int, name: str, vocabulary: int, longest: int) -> None:
    of_model, memory = shape(name, vocabulary), MemoryClass("any", gibibytes * _GIB)
    try:
        sizes = plan_sizes(memory, of_model, longest)
    except Failure:
        assert (
            of_model.parameters * 2 + of_model.row_bytes(256) + 600 * of_model.token_bytes > gibibytes * _GIB
        )
        return

    used = of_model.parameters * 2 + of_model.row_bytes(sizes.row_tokens) + sizes.cache_bytes
    assert used <= gibibytes * _GIB
    assert sizes.slots * 600 * of_model.token_bytes <= sizes.cache_bytes


@pytest.mark.parametrize("name", VARIANTS)
def test_the_shape_is_read_from_every_architecture_s_configuration(name: str) -> None:
    config = reduce_config(json.dumps(VARIANTS[name]).encode(), ARCHITECTURES)

    found = model_shape(config.values, 7, 4)

    hidden = VARIANTS[name].get("d_model", VARIANTS[name].get("hidden_size"))
    assert (found.parameters, found.vocabulary, found.layers, found.element) == (7, 512, 2, 4)
    assert found.hidden == hidden
    assert found.intermediate in {128, 4 * hidden}
    assert found.query_heads in {4, 6}
