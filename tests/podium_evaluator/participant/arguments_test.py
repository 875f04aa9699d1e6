"""Arguments become values, or are refused with the contract's status."""

from pathlib import Path

import pytest

from podium_evaluator.participant.arguments import Arguments, parse_arguments
from podium_evaluator.participant.command import window_of
from podium_evaluator.participant.competition import parse_competition
from podium_evaluator.participant.notes import DEFAULT_SEED
from tests.podium_evaluator.participant.scene import SORTING_ONLY, competition

_NEEDED = ("--competition", "c.yaml", "--model", "alice/tuned@main")


def parsed(*arguments: str) -> Arguments:
    found = parse_arguments([*_NEEDED, *arguments])
    assert isinstance(found, Arguments)
    return found


def test_what_is_left_out_has_its_usual_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    found = parsed()

    assert found.cache == Path("/somewhere/podium")
    assert (found.seed, found.device, found.block, found.tasks) == (DEFAULT_SEED, "auto", None, ())
    assert not found.json


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-01-01", 1_767_225_600),
        ("2026-01-01T00:00:00Z", 1_767_225_600),
        ("2026-01-01T01:00:00+01:00", 1_767_225_600),
        ("2026-01-01T00:00:01", 1_767_225_601),
    ],
)
def test_times_are_seconds_since_the_epoch_in_utc_unless_they_name_a_zone(text: str, seconds: int) -> None:
    assert parsed("--after", text).after == seconds


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--seed", "ab"), "expected 64 hexadecimal digits, found 'ab'"),
        (("--block", "-1"), "expected a block number, found '-1'"),
        (("--until", "yesterday"), "expected a time such as 2026-01-31T12:00:00Z, found 'yesterday'"),
        (("--until", "1960-01-01"), "expected a time after 1970"),
        (("--tasks", ","), "expected names of tasks"),
        (("--device", "tpu"), "invalid choice: 'tpu'"),
        (("--dev", "cpu"), "unrecognized arguments: --dev"),
    ],
)
def test_what_is_not_understood_is_refused(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], told: str
) -> None:
    with pytest.raises(SystemExit) as left:
        parsed(*arguments)

    assert left.value.code == 64
    assert told in capsys.readouterr().err


def test_a_round_is_imagined_at_the_beginning_of_the_hour() -> None:
    """Fresh rows are those since the end of the newest block in which anybody may have committed."""
    one = parse_competition(competition([SORTING_ONLY], rounds__submissionDelayBlocks=101))
    none = parse_competition(competition([SORTING_ONLY], rounds__submissionDelayBlocks=0))

    window = window_of(one, None, None, 1_767_225_600 + 3599.9)
    assert (window.after, window.until) == (1_767_225_600 - 1200, 1_767_225_600)
    window = window_of(none, None, 1_000_000, 0.0)
    assert (window.after, window.until) == (1_000_000, 1_000_000)
    window = window_of(one, 5, 1_000_000, 0.0)
    assert (window.after, window.until) == (5, 1_000_000)
