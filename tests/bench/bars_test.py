"""The bars of the commands."""

import pytest

from tests.bench.arguments import read_arguments
from tests.bench.bars import CASES, GPU_CASES, Case, bar_of, counts_here
from tests.bench.suite import decides, verdict


@pytest.mark.parametrize("case", [*CASES, *GPU_CASES], ids=lambda case: " ".join(case.words))
def test_a_case_s_command_has_its_bar(case: Case) -> None:
    assert bar_of(read_arguments(case.words)) == case.bar


def test_no_case_is_there_twice() -> None:
    assert len({case.words for case in [*CASES, *GPU_CASES]}) == len(CASES) + len(GPU_CASES)


@pytest.mark.parametrize(
    ("words", "bar"),
    [
        ("refloss --peer loop", 1.25),
        ("refloss --peer loop --rounds 5 --samples 9 --threads 1", 1.25),
        ("refloss --peer loop --quick", None),
        ("refloss --peer loop --device cuda", None),
        ("choice --peer loop --size 8b --vocab 128k --device cuda", 8),
        ("choice --peer loop --vocab 128k", None),
        ("choice --peer loop --dtype fp32", 0.75),
    ],
)
def test_bars_are_for_what_was_measured(words: str, bar: float | None) -> None:
    assert bar_of(read_arguments(words.split())) == bar


@pytest.mark.parametrize(
    ("words", "counts"),
    [
        ("refloss --peer loop", False),
        ("refloss --peer loop --memory", True),
        ("refloss --peer loop --dtype fp32", True),
        ("growth", True),
        ("refloss --peer loop --device cuda", True),
    ],
)
def test_times_in_half_precision_count_with_amx_alone(words: str, *, counts: bool) -> None:
    assert counts_here(read_arguments(words.split()), amx=False) is counts
    assert counts_here(read_arguments(words.split()), amx=True)


_CASE = Case("choice", "loop", (), 20)
_SINGLE = Case("refloss", "loop", ("--dtype", "fp32"), 0.75)


@pytest.mark.parametrize(
    ("case", "ratio", "expected"),
    [
        (_CASE, 21.0, "passed"),
        (_CASE, 19.0, "failed"),
        (_SINGLE, 0.7, "failed"),
        (_SINGLE, None, "failed: no ratio, exit status 2"),
    ],
)
def test_the_table_s_verdict(case: Case, ratio: float | None, expected: str) -> None:
    assert verdict(case, ratio, status=2, quick=False) == expected


def test_a_run_of_everything_leaves_out_what_decides_nothing() -> None:
    assert not decides(_CASE, amx=False)
    assert decides(_CASE, amx=True)
    assert decides(_SINGLE, amx=False)
