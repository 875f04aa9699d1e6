"""Which files make a config, by a card's head or by folders."""

import pytest

from podium_evaluator.contract import Task
from podium_evaluator.datasets.base import DatasetError
from podium_evaluator.datasets.configs import card_configs, folder_configs, read_configs
from podium_evaluator.datasets.corpus import open_corpus
from tests.podium_evaluator.datasets.corpora import ANY_TIME, COMMIT, REPOSITORY, Corpus
from tests.podium_evaluator.tiny import SEED

_PATHS = ["a/test-0.parquet", "a/train-0.parquet", "a/train-1.parquet", "b/x/1.parquet", "c.parquet"]


def head(configs: str) -> str:
    rest = "dataset_info:\n- &x {}\n- *x"
    return f"---\nlicense: mit\nconfigs:\n{configs}\n{rest}\n---\n# Data\nconfigs: none\n"


@pytest.mark.parametrize(
    ("configs", "found"),
    [
        # As the hub's own library writes them.
        (
            "- config_name: one\n  data_files:\n  - split: train\n    path: a/tr*\n  - {split: x, path: a/*}",
            {"one": _PATHS[1:3]},
        ),
        ("- config_name: one\n  data_files:\n  - split: one\n    path: b/**\n", {"one": [_PATHS[3]]}),
        ("  - config_name: one\n    data_files: a/*.parquet", {"one": _PATHS[:3]}),
        ("- config_name: one\n  data_files: ['c.*', ./b/*/1.parquet]", {"one": _PATHS[3:]}),
        (
            "- config_name: one\n  data_files:\n  - split: train\n    path:\n    - a/train-0*\n    - c*",
            {"one": [_PATHS[1], _PATHS[4]]},
        ),
        (
            "- config_name: one\n  data_dir: a\n- config_name: two\n  data_dir: b/",
            {"one": _PATHS[:3], "two": [_PATHS[3]]},
        ),
        ("- config_name: one\n  data_dir: a\n  data_files: '*-0.parquet'", {"one": _PATHS[:2]}),
        ("- config_name: one\n  data_files: b", {"one": [_PATHS[3]]}),
        ("- config_name: one\n  data_files: nothing/*\n  default: true", {"one": []}),
        # Not false, a date and a number.
        (
            "- config_name: no\n  data_files: c*\n- config_name: 2025-03-06\n  data_files: a/train-[0-9].*",
            {"no": [_PATHS[4]], "2025-03-06": _PATHS[1:3]},
        ),
    ],
)
def test_the_heads_configs_name_files(configs: str, found: dict[str, list[str]]) -> None:
    assert card_configs(head(configs), _PATHS) == {name: tuple(files) for name, files in found.items()}


@pytest.mark.parametrize(
    "card",
    [
        "",
        "# Data",
        "---\nlicense: mit\n---\n",
        "---\nconfigs:\nlicense: mit\n---\n",
        "configs:\n- config_name: x\n",
    ],
)
def test_without_a_head_or_configs_in_it_there_are_none(card: str) -> None:
    assert card_configs(card, _PATHS) == {}


@pytest.mark.parametrize(
    ("card", "told"),
    [
        (head("- just text"), "configs with names and data_files expected, found 'just text'"),
        (head("- config_name: [x]"), "configs with names and data_files expected"),
        (head("- config_name: x\n  data_files: {a: b}"), "configs with names and data_files expected"),
        (head("- config_name: x\n  data_files: [[a]]"), "configs with names and data_files expected"),
        ("---\nconfigs: all\n---", "configs with names"),
        (head("- {a: 1"), "no plain YAML"),
        (head("- &a x\n- *a"), "no plain YAML"),
        (head("- !!python/object:os.system {}"), "no plain YAML"),
        (head("- " + "[" * 1100), "no plain YAML"),
        (head("- " + "x" * 600_000), "600,"),
    ],
)
def test_another_head_is_told(card: str, told: str) -> None:
    with pytest.raises(DatasetError) as caught:
        card_configs(card, _PATHS)
    assert told.replace("600,", "its configs have") in str(caught.value)


def test_folders_stand_in_for_configs() -> None:
    assert folder_configs(_PATHS) == {"a": tuple(_PATHS[:3]), "b/x": (_PATHS[3],), "default": (_PATHS[4],)}


def configs_of(corpus: Corpus, card: str | None) -> dict[str, tuple[str, ...]]:
    for path in _PATHS:
        corpus.write(path, {"text": ["a"]})
    if card is not None:
        (corpus.folder / "README.md").write_text(card, encoding="utf-8")
    task = Task.model_validate(
        {
            "name": "task",
            "method": "TextLoss",
            "dataset": {"kind": "FineWeb", "samples": 1, "repository": REPOSITORY, "revision": COMMIT},
        }
    )
    return read_configs(open_corpus(task, task.dataset, SEED, corpus.hub, ANY_TIME))  # type: ignore[arg-type] - FineWeb is one of a repository


def test_a_default_that_repeats_the_others_does_not_count(corpus: Corpus) -> None:
    card = head("- config_name: default\n  data_files: '**'\n- config_name: a\n  data_dir: a\n")

    assert [*configs_of(corpus, card)] == ["a"]


def test_a_default_alone_counts_and_empty_configs_do_not(corpus: Corpus) -> None:
    card = head("- config_name: default\n  data_files: a/*\n- config_name: gone\n  data_files: gone/*\n")

    assert configs_of(corpus, card) == {"default": tuple(_PATHS[:3])}


def test_without_a_card_folders_are_configs(corpus: Corpus) -> None:
    assert [*configs_of(corpus, None)] == ["a", "b/x"]


def test_configs_without_any_file_are_told(corpus: Corpus) -> None:
    with pytest.raises(DatasetError, match="no config of its card has a parquet file"):
        configs_of(corpus, head("- config_name: gone\n  data_files: gone/*\n"))
