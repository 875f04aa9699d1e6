"""The pages of the documentation: their YAML is what the kinds accept, their links lead somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from podium.api.tasks import Task

_ROOT = Path(__file__).parents[2]
_PAGES = [*sorted((_ROOT / "docs").rglob("*.md")), _ROOT / "README.md", _ROOT / "CONTRIBUTING.md"]
_TASK_PAGES = [page for page in _PAGES if page.parent.name == "tasks"]
_SHOWN = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^):#]+)(?:#([^)]+))?\)")

Raw = dict[str, Any]  # Any: what a page shows of a Kubernetes object


def _shown(page: Path) -> Iterator[Raw]:
    """The tasks that a page shows: YAML that is a list."""
    for found in _SHOWN.finditer(page.read_text(encoding="utf-8")):
        document = yaml.safe_load(found[1])
        yield from document if isinstance(document, list) else ()


def _tasks(pages: list[Path]) -> pytest.MarkDecorator:
    shown = [pytest.param(task, id=f"{page.stem}-{task['name']}") for page in pages for task in _shown(page)]
    return pytest.mark.parametrize("task", shown)


def _dataset(task: Raw) -> tuple[str, Raw]:
    ((kind, values),) = ((key, value) for key, value in task["dataset"].items() if key != "freshness")
    return kind, values


def _within(part: object, whole: object) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and _within(value, whole[key]) for key, value in part.items())
    return part == whole


def _anchor(heading: str) -> str:
    """What a heading is linked by, as code hosts write it."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@_tasks(_PAGES)
def test_a_task_that_is_shown_is_one(task: Raw) -> None:
    assert _within(task, Task.model_validate(task).stored()), "every key and value is the schema's"


@_tasks([page for page in _TASK_PAGES if page.name != "README.md"])
def test_a_tasks_page_shows_every_field_of_its_dataset(task: Raw) -> None:
    kind, shown = _dataset(task)
    assert Task.model_validate(task).stored()["dataset"][kind].keys() <= shown.keys()
    assert {"freshness", "minimumSamples"} <= task["dataset"].keys() | shown.keys()


def test_every_tasks_page_is_in_the_index() -> None:
    index = next(page for page in _TASK_PAGES if page.name == "README.md").read_text(encoding="utf-8")
    assert all(f"({page.name})" in index for page in _TASK_PAGES if page.name != "README.md")


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(_ROOT))) for page in _PAGES])
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    for path, anchor in _LINK.findall(page.read_text(encoding="utf-8")):
        target = (page.parent / path).resolve()
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), f"{path}#{anchor}"


_DEFECTS = _ROOT / "docs" / "former-defects.md"
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


@pytest.mark.parametrize(("file", "name"), _TEST.findall(_DEFECTS.read_text(encoding="utf-8")))
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    assert re.search(rf"^(async )?def {name}\(", (_ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)


def test_every_defect_has_a_test_or_is_not_ours() -> None:
    rows = [line for line in _DEFECTS.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= 30
    assert all(_TEST.search(row) or "| not ours: " in row for row in rows)
