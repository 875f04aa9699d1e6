"""Where samples are drawn from."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from podium.api.base import Hotkey, Model, RevisionName, Word
from podium.api.extensions import ListSet, Rule, ruled
from podium.api.source import Repository

__all__ = [
    "DATASET_KINDS",
    "CodeforcesCotsDataset",
    "Dataset",
    "DyckDataset",
    "FineWebDataset",
    "HuggingFaceDataset",
    "InstructionFollowingDataset",
    "PromptResponseDataset",
    "Synthetic1SftDataset",
    "SyntheticMmluDataset",
    "WordSortingDataset",
]

Samples = Annotated[int, Field(ge=1, le=10_000)]
Glob = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Configs = Annotated[tuple[Word, ...], Field(min_length=1, max_length=32), ListSet()]
Hotkeys = Annotated[tuple[Hotkey, ...], Field(max_length=64), ListSet()]
SystemPrompt = Literal["Reflective", "None"]


_ENOUGH: Final = Rule(
    "!has(self.minimumSamples) || self.minimumSamples <= self.samples",
    "must not exceed samples: the task would never be available",
    ".minimumSamples",
)


class _Dataset(Model):
    model_config = ConfigDict(json_schema_extra=ruled(_ENOUGH))

    samples: Samples
    """Samples that are drawn each round."""
    minimum_samples: Samples | None = None
    """With fewer than these the task is unavailable; half of `samples` when absent."""


class _RepositoryDataset(_Dataset):
    repository: Repository
    revision: RevisionName
    """A commit, or a branch or tag: its newest commit that is not after the round's sync block."""


class WordSortingDataset(_Dataset):
    """Words drawn from a packaged list by the round's seed; needs no network."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            _ENOUGH,
            Rule("self.minimumWords <= self.maximumWords", "must not exceed maximumWords", ".minimumWords"),
        )
    )

    minimum_words: Annotated[int, Field(ge=2, le=100)] = 2
    maximum_words: Annotated[int, Field(ge=2, le=100)] = 20


class DyckDataset(_Dataset):
    """Bracket sequences whose last brackets are to be completed; needs no network."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            _ENOUGH,
            Rule("self.minimumPairs <= self.maximumPairs", "must not exceed maximumPairs", ".minimumPairs"),
        )
    )

    minimum_pairs: Annotated[int, Field(ge=2, le=100)] = 2
    maximum_pairs: Annotated[int, Field(ge=2, le=100)] = 20


class Synthetic1SftDataset(_RepositoryDataset):
    """Reasoning about mathematics and code output, rows as in PrimeIntellect/SYNTHETIC-1-SFT-Data."""

    system_prompt: SystemPrompt = "Reflective"
    """Reflective asks for reasoning in <think> tags before the answer."""


class CodeforcesCotsDataset(_RepositoryDataset):
    """Solutions of programming problems with reasoning, rows as in open-r1/codeforces-cots."""

    system_prompt: SystemPrompt = "Reflective"
    configs: Configs = ("solutions", "solutions_py", "solutions_w_editorials", "solutions_w_editorials_py")
    """The seed draws one of them each round."""


class SyntheticMmluDataset(_RepositoryDataset):
    """Questions with options A to D, rows as in macrocosm-os/macrobench-bittensor-01."""

    drawn_configs: Annotated[int, Field(ge=1, le=64)] = 10
    """How many of the repository's configs a round draws from."""
    hotkeys: Hotkeys = ()
    """Rows of other authors are left out; empty keeps all."""


class InstructionFollowingDataset(_RepositoryDataset):
    """Pairs of questions, rows as in SyntheticMmlu, each pair under one drawn set of rules."""

    rules: Literal["V1", "V2"] = "V2"
    """V1 draws 1 to 4 rules of 7 kinds, V2 draws 2 to 5 of 13."""
    drawn_configs: Annotated[int, Field(ge=1, le=64)] = 10
    """How many of the repository's configs a round draws from."""
    hotkeys: Hotkeys = ()
    """Rows of other authors are left out; empty keeps all."""


class FineWebDataset(_RepositoryDataset):
    """Web texts, rows as in HuggingFaceFW/fineweb-edu-score-2."""

    drawn_configs: Annotated[int, Field(ge=1, le=16)] = 4
    """How many crawls a round draws from, each with the same chance."""


class PromptResponseDataset(_RepositoryDataset):
    """Pairs of a prompt and a response."""

    files: Glob = "**/*.parquet"
    """Glob of the files to draw from."""
    prompt_column: Word = "prompt"
    response_column: Word = "response"
    refusals: Literal["Drop", "Keep"] = "Drop"
    """Drop leaves out responses that refuse or speak of being an AI."""
    time_column: Word | None = None
    """When a row was made; needed for freshness."""


class HuggingFaceDataset(_RepositoryDataset):
    """Rows of parquet files of any dataset repository, by the names of their columns."""

    files: Glob = "**/*.parquet"
    """Glob of the files to draw from."""
    prompt_column: Word | None = None
    """What the model is asked, by ReferenceLoss and MultipleChoice."""
    reference_column: Word | None = None
    """The answer that ReferenceLoss expects."""
    options_column: Word | None = None
    """A list of strings, the options of MultipleChoice."""
    answer_column: Word | None = None
    """Index of the right option, from 0."""
    text_column: Word | None = None
    """The text that TextLoss scores."""
    problem_column: Word | None = None
    """One row is drawn for each value of it."""
    time_column: Word | None = None
    """When a row was made; needed for freshness."""


DATASET_KINDS: Final = (
    "wordSorting",
    "dyck",
    "synthetic1Sft",
    "codeforcesCots",
    "syntheticMmlu",
    "instructionFollowing",
    "fineWeb",
    "promptResponse",
    "huggingFace",
)
"""Names of the datasets in a task."""


class Dataset(Model):
    """Exactly one place that samples are drawn from."""

    model_config = ConfigDict(
        json_schema_extra=ruled(
            Rule(
                f"[{', '.join(f'has(self.{kind})' for kind in DATASET_KINDS)}].filter(one, one).size() == 1",
                "needs exactly one dataset, such as wordSorting, fineWeb or huggingFace",
            ),
            Rule(
                "self.freshness == 'None' || has(self.syntheticMmlu) || has(self.instructionFollowing)"
                " || (has(self.promptResponse) && has(self.promptResponse.timeColumn))"
                " || (has(self.huggingFace) && has(self.huggingFace.timeColumn))",
                "NewerThanCommits needs rows that carry a time: timeColumn, or questions of syntheticMmlu",
                ".freshness",
            ),
        )
    )

    word_sorting: WordSortingDataset | None = None
    dyck: DyckDataset | None = None
    synthetic_1_sft: Synthetic1SftDataset | None = None
    codeforces_cots: CodeforcesCotsDataset | None = None
    synthetic_mmlu: SyntheticMmluDataset | None = None
    instruction_following: InstructionFollowingDataset | None = None
    fine_web: FineWebDataset | None = None
    prompt_response: PromptResponseDataset | None = None
    hugging_face: HuggingFaceDataset | None = None
    freshness: Literal["None", "NewerThanCommits"] = "None"
    """NewerThanCommits draws rows that are newer than every contender's commitment."""
