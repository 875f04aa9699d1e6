"""A lock belongs to one holder, also when its file is removed and made anew."""

import fcntl
from pathlib import Path

import pytest

from podium_evaluator.file_lock import locked


def test_there_is_one_holder_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with locked(path) as first, locked(path) as second:
        assert (first, second) == (True, False)
    with locked(path) as third:
        assert third


def test_a_file_that_its_holder_removed_locks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lock"
    flock, calls = fcntl.flock, list[int]()

    def removed_meanwhile(descriptor: int, operation: int) -> None:
        flock(descriptor, operation)
        calls.append(descriptor)
        if len(calls) == 1:
            path.unlink()

    monkeypatch.setattr(fcntl, "flock", removed_meanwhile)

    with locked(path) as held, locked(path) as other:
        assert (held, other) == (True, False)
    assert len(calls) == 2


def test_where_there_are_no_locks_nobody_holds_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(_descriptor: int, _operation: int) -> None:
        raise OSError(45, "no locks here")

    monkeypatch.setattr(fcntl, "flock", unsupported)

    with locked(tmp_path / "lock") as held:
        assert not held
