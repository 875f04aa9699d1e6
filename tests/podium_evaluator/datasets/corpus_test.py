"""Rows of a repository come in an order of seed, task and commit, and cost few bytes."""

from collections import Counter

import numpy as np
import pytest

from podium_evaluator.contract import Method
from podium_evaluator.datasets import corpus as module
from podium_evaluator.datasets import parquet
from podium_evaluator.datasets.base import Sample, TextSample
from tests.podium_evaluator.datasets.corpora import COMMIT, Corpus, ServedCorpus, ids, messages

_TEXTS = {"text_column": "text"}


def write_texts(corpus: Corpus, files: int = 3, rows: int = 1000, in_a_group: int = 100) -> None:
    for number in range(files):
        texts = [f"text {number} {row}" for row in range(rows)]
        corpus.write(f"train/{number}.parquet", {"text": texts}, row_group_size=in_a_group)


def test_a_retry_draws_the_same_and_a_smaller_draw_is_its_beginning(corpus: Corpus) -> None:
    write_texts(corpus)
    drawn = corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=300, **_TEXTS)

    assert corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=300, **_TEXTS) == drawn
    assert corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=7, **_TEXTS).samples == drawn.samples[:7]
    assert len(set(ids(drawn))) == 300
    assert drawn.revision == COMMIT


def test_another_seed_or_task_draws_others(corpus: Corpus) -> None:
    write_texts(corpus)
    drawn = ids(corpus.draw("HuggingFace", Method.TEXT_LOSS, **_TEXTS))

    for change in ({"seed": "00" * 32}, {"name": "other"}):
        other = ids(corpus.draw("HuggingFace", Method.TEXT_LOSS, **_TEXTS, **change))
        assert len(set(other) & set(drawn)) < 5


def test_what_does_not_fit_moves_no_other_sample(corpus: Corpus) -> None:
    write_texts(corpus)
    drawn = corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=50, **_TEXTS).samples

    def odd(sample: Sample) -> bool:
        return isinstance(sample, TextSample) and sample.text[-1] in "13579"

    kept = corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=20, fits=odd, **_TEXTS)
    expected = [sample for sample in drawn if odd(sample)]
    assert list(kept.samples)[: len(expected)] == expected[:20]
    assert kept.dropped > 0


def test_ids_name_the_row_of_the_file(corpus: Corpus) -> None:
    write_texts(corpus)

    for sample in corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=100, **_TEXTS).samples:
        assert isinstance(sample, TextSample)
        number, row = sample.text.split()[1:]
        assert sample.id == f"train/{number}.parquet#{row}"


def test_few_samples_come_from_many_row_groups(corpus: Corpus) -> None:
    write_texts(corpus, files=10)
    drawn = ids(corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=32, **_TEXTS))

    groups = Counter((name.partition("#")[0], int(name.partition("#")[2]) // 100) for name in drawn)
    assert sorted(groups.values()) == [2] * 16


def test_all_rows_are_candidates_in_the_end_but_of_sixteen_groups_only(corpus: Corpus) -> None:
    write_texts(corpus, files=1, rows=900)
    assert len(corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=5000, **_TEXTS).samples) == 900

    write_texts(corpus, files=3)
    assert len(corpus.draw("HuggingFace", Method.TEXT_LOSS, samples=5000, **_TEXTS).samples) == 1600


def test_a_bounded_number_of_rows_is_looked_at(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    write_texts(corpus)
    monkeypatch.setattr(module, "candidate_limit", lambda samples: 10 * samples)

    failure = corpus.failure("HuggingFace", Method.TEXT_LOSS, samples=5, fits=lambda _: False, **_TEXTS)

    assert "of 50 rows looked at 50 dropped: 50 too long" in failure.message


def noise(rows: int, size: int, seed: int) -> list[str]:
    """Letters, which do not compress much."""
    letters = np.random.default_rng(seed).integers(48, 122, (rows, size), dtype=np.uint8)
    return [row.tobytes().decode() for row in letters]


# 50 files of a hundredth of the size that they stand for; row groups have fewer rows for it.
_FILES, _GROUPS, _ROWS, _SCALE = 50, 18, 20, 100
_FULL_FILE_BYTES = 100e6
_BYTES_A_SECOND = 100e6 / 8
_SECONDS_A_REQUEST = 0.5
"""Two round trips and a redirect, pessimistically."""


def write_reasoning(corpus: Corpus) -> None:
    rows = _GROUPS * _ROWS
    thoughts = noise(rows, int(_FULL_FILE_BYTES / _SCALE / rows), 0)
    answers = [f'{text} \\boxed{{1}} {{"output": "1"}}' for text in thoughts]
    kinds = ["verifiable_math", "code_output_prediction", "another", "verifiable_math"]
    for number in range(_FILES):
        columns = {
            "response_id": [f"r{number}-{row}" for row in range(rows)],
            "problem_id": [f"p{number}-{row}" for row in range(rows)],
            "task_type": [kinds[row % 4] for row in range(rows)],
            "score": [1.0] * rows,
            "messages": [messages("q", answer) for answer in answers],
        }
        name = f"data/train-{number:05d}-of-{_FILES:05d}.parquet"
        corpus.write(name, columns, row_group_size=_ROWS)


def test_120_rows_of_reasoning_cost_a_small_part_of_the_corpus(served_corpus: ServedCorpus) -> None:
    write_reasoning(served_corpus)
    total = sum(path.stat().st_size for path in served_corpus.folder.rglob("*.parquet"))

    drawn = served_corpus.draw("Synthetic1Sft", samples=120)

    assert len(drawn.samples) == 120
    assert len({name.partition("#")[0] for name in ids(drawn)}) >= 10, "drawn from many files"
    footers, groups = 16 * parquet.FOOTER_GUESS_BYTES, 16 * total / _FILES / _GROUPS
    assert served_corpus.server.bytes_sent < footers + 1.01 * groups < total / 15
    requests = sum("/resolve/" in path for _, path in served_corpus.server.requests)
    assert requests <= 16 + 16, "one for each footer and each row group"

    full = footers + 1.01 * 16 * _FULL_FILE_BYTES / _GROUPS
    assert full < 200e6
    assert full / _BYTES_A_SECOND + requests * _SECONDS_A_REQUEST < 60


def test_whatever_the_row_groups_are_a_draw_is_bounded() -> None:
    # The sums of the limits: footers, of which one may be opened beyond their limit, and row groups.
    from podium_evaluator.datasets import shards  # noqa: PLC0415

    assert shards._FOOTER_BYTES + parquet._FOOTER_BYTES + parquet.GROUP_BYTES < 200e6
