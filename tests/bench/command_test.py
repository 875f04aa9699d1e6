"""Every benchmark runs, on the smallest model; what it says is for people and for the table."""

import json
from collections.abc import Sequence

import pytest

from tests.bench import command, exactness, growth, memory
from tests.bench.agreement import Disagreement
from tests.bench.arguments import read_arguments
from tests.bench.command import main
from tests.bench.memory import Used

_QUICK = ("--quick", "--threads", "1")
_COMMANDS = [
    "choice --peer loop",
    "choice --peer generate20 --options letters",
    "generate --peer loop",
    "generate --peer hf_batch --dtype fp32",
    "refloss --peer loop --length short",
    "refloss --peer loop --dtype fp32",
    "textloss --peer padded_loop",
    "questions --peer loop",
    "growth",
    "equality",
    "equality --dtype fp32",
]
_WITH_LM_EVAL = [
    "choice --peer lm_eval --options letters",
    "generate --peer lm_eval",
    "refloss --peer lm_eval",
    "textloss --peer lm_eval",
]


@pytest.mark.parametrize("words", _COMMANDS)
def test_it_runs_and_its_last_line_is_the_ratio(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    status = main([*words.split(), *_QUICK])

    *_, verdict, last = capsys.readouterr().out.splitlines()
    assert (status, verdict) == (0, "no bar for this")
    assert last.startswith("ratio ")


@pytest.mark.parametrize("words", _WITH_LM_EVAL)
@pytest.mark.filterwarnings("default")
def test_it_runs_against_lm_eval_where_that_is_installed(
    words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("lm_eval", reason="only `make bench` installs it")

    assert main([*words.split(), *_QUICK]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("ratio ")


def test_the_gpu_s_works_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gpu", *_QUICK]) == 0
    assert capsys.readouterr().out.count("samples/s") == 4


def test_without_a_gpu_a_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)

    assert main(["gpu"]) == 1
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.parametrize("side", ["ours", "loop"])
def test_a_child_reports_its_memory_and_what_it_computed(
    side: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["refloss", "--memory", "--peer", "loop", *_QUICK, "--memory-of", side]) == 0

    found = json.loads(capsys.readouterr().out)
    assert found["extra"] >= 0
    assert len(found["losses"]) == 6


def test_bits_are_compared_with_those_of_a_child(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["determinism", "--samples", "2", *_QUICK]
    main([*words, "--digest"])
    digest = json.loads(capsys.readouterr().out)

    for child, ratio in ((digest, "ratio 1"), ("another", "ratio 0")):
        monkeypatch.setattr(exactness, "_child", lambda _, child=child: child)
        main(words)
        assert capsys.readouterr().out.splitlines()[-1] == ratio


def used(extra: int) -> Used:
    return Used(extra, (13.0, 14.0))


def test_memory_is_compared_with_the_peer_s(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(memory, "used_memory", lambda _, side: used(100 if side == "ours" else 400))

    assert main(["refloss", "--memory", "--peer", "loop", "--quick"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "ratio 4"


def test_memory_is_compared_between_few_and_many_samples(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(growth, "used_memory", lambda words, _: used(90 if words[-1] == "16" else 100))

    assert main(["growth", "--memory", "--quick"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "ratio 0.9"


@pytest.mark.parametrize(
    ("words", "amx", "ratio", "status"),
    [
        ("refloss --peer loop", True, 1.24, 1),
        ("refloss --peer loop", True, 1.25, 0),
        ("refloss --peer loop", False, 0.1, 0),
        ("refloss --peer loop --dtype fp32", False, 0.74, 1),
        ("refloss --peer loop --memory --vocab 128k", False, 2.9, 1),
        ("growth", False, 0.97, 1),
        ("refloss --peer loop --size 15m", True, 0.1, 0),
    ],
)
def test_a_missed_bar_is_a_status_where_it_counts(
    monkeypatch: pytest.MonkeyPatch, words: str, ratio: float, status: int, *, amx: bool
) -> None:
    monkeypatch.setattr(command, "has_amx", lambda: amx)
    monkeypatch.setattr(command, "_ratio", lambda *_: ratio)

    assert main(words.split()) == status


def test_sides_that_disagree_have_no_ratio(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def disagreeing(*_: object) -> float:
        raise Disagreement("3 is not 4")

    monkeypatch.setattr(command, "_ratio", disagreeing)

    assert main(["refloss", "--peer", "loop"]) == 2
    found = capsys.readouterr()
    assert "3 is not 4" in found.err
    assert "ratio" not in found.out


@pytest.mark.parametrize("words", [["choice", "--peer", "hf_batch"], ["textloss", "--peer", "loop"]])
def test_a_peer_that_cannot_do_it_is_refused(words: Sequence[str]) -> None:
    with pytest.raises(SystemExit, match="--peer"):
        main([*words, *_QUICK])


def test_a_quick_run_is_of_the_smallest_model() -> None:
    told = read_arguments(["refloss", "--vocab", "128k", "--quick"])

    assert (told.size, told.vocabulary, told.rounds) == ("tiny", "tiny", 1)
