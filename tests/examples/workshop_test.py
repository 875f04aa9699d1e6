"""Steps of the demo's contenders are made once, and again when what they are made from changes."""

from pathlib import Path

import pytest

from examples.demo.contenders.workshop import Workshop, link


class Counting:
    """A build that counts its runs."""

    def __init__(self) -> None:
        self.runs = 0

    def __call__(self, target: Path) -> None:
        self.runs += 1
        (target / "file").write_text(str(self.runs))
        (target / "file").chmod(0o600)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path / "workshop")


def test_a_step_is_made_once(workshop: Workshop) -> None:
    build = Counting()
    assert workshop.make("step", build, "a") == workshop.make("step", build, "a")
    assert build.runs == 1


def test_another_ingredient_makes_another_result(workshop: Workshop, tmp_path: Path) -> None:
    build, file = Counting(), tmp_path / "recipe"
    file.write_text("salt")
    first = workshop.make("step", build, file)
    file.write_text("sugar")
    second = workshop.make("step", build, file)
    assert first != second
    assert (first / "file").read_text() == "1"
    assert workshop.make("next", build, first) != workshop.make("next", build, second)


def test_a_build_that_fails_leaves_nothing(workshop: Workshop) -> None:
    def fail(target: Path) -> None:
        (target / "half").write_text("")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        workshop.make("step", fail)
    assert (workshop.make("step", Counting()) / "file").exists()


def test_results_can_be_read_by_other_users(workshop: Workshop) -> None:
    made = workshop.make("step", Counting())
    assert (made / "file").stat().st_mode & 0o777 == 0o644


def test_linked_folders_share_their_bytes(workshop: Workshop, tmp_path: Path) -> None:
    made = workshop.make("step", Counting())
    link(made, tmp_path / "repository")
    assert (tmp_path / "repository/file").samefile(made / "file")
