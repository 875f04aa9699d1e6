"""One Competition is read from a file that may hold anything."""

from pathlib import Path

import pytest

from podium_evaluator.participant.manifest import ManifestError, read_competition

_HEAD = "apiVersion: podium.dev/v1alpha1\nkind: Competition\n"
_SUBNET = "apiVersion: podium.dev/v1alpha1\nkind: Subnet\n"
_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join(9 * [f'*a{level - 1}'])}]\n" for level in range(1, 9)
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "competition.yaml"


def test_the_competition_is_found_between_other_documents(file: Path) -> None:
    file.write_text(f"---\n{_SUBNET}---\n---\n{_HEAD}spec: {{a: [1, true, 'x', null, 0.5]}}\n---\n{_SUBNET}")

    assert read_competition(file)["spec"] == {"a": [1, True, "x", None, 0.5]}


def test_anchors_are_read(file: Path) -> None:
    file.write_text(f"{_HEAD}a: &names [x, y]\nb: *names\n")

    assert read_competition(file)["b"] == ["x", "y"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "expected exactly one document of kind Competition, found 0 (kinds in the file: none)"),
        (_SUBNET, "found 0 (kinds in the file: 'Subnet')"),
        (f"{_HEAD}---\n{_HEAD}", "found 2 (kinds in the file: 'Competition', 'Competition')"),
        ("kind: Competition\napiVersion: v2\n", "expected podium.dev/v1alpha1, found 'v2'"),
        (f"{_HEAD}a: [1\n", "not YAML"),
        (f"{_HEAD}a: 1\na: 2\n", "line 4: key 'a' is there twice"),
        (f"{_HEAD}a: 2026-01-01\n", "a: expected a text, number, list or mapping, found date"),
        (f"{_HEAD}a: 2026-13-41\n", "not YAML"),
        (f"{_HEAD}a: {{b: [1, .nan]}}\n", "a.b[1]: expected a number, found nan"),
        (f"{_HEAD}a: {'9' * 5000}\n", "not YAML"),
        (f"{_HEAD}1: 2\n", "expected keys that are texts, found 1"),
        (f"{_HEAD}? [1]\n: 2\n", "expected a key that is a text"),
        (f"{_HEAD}a: !!python/object/apply:os.system [x]\n", "could not determine a constructor"),
        (f"{_HEAD}a: &b {{q: 1}}\nc: {{<<: *b}}\n", "line 4: merge keys"),
        (f"{_HEAD}a: &loop [*loop]\n", "nested deeper"),
        (f"{_HEAD}{_BOMB}", "more than 100000 values"),
        (5000 * "[", "nested too deeply"),
        (_HEAD + 300_000 * "#", "more than 262144 bytes"),
        ("\ud800", "not UTF-8"),
    ],
)  # fmt: skip
def test_what_is_no_plain_competition_is_refused_with_the_reason(file: Path, text: str, told: str) -> None:
    file.write_bytes(text.encode("utf-8", "surrogatepass"))

    with pytest.raises(ManifestError) as caught:
        read_competition(file)
    assert told in str(caught.value)


def test_a_file_that_is_not_there_is_told(file: Path) -> None:
    with pytest.raises(ManifestError, match="No such file"):
        read_competition(file)
