"""Where samples are drawn from: one document a dataset, told apart by `kind`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from podium_evaluator.contract.document import Document, Identifier

__all__ = [
    "CodeforcesCotsDataset",
    "Dataset",
    "DyckDataset",
    "FineWebDataset",
    "HuggingFaceDataset",
    "InstructionFollowingDataset",
    "PromptResponseDataset",
    "RepositoryDataset",
    "Synthetic1SftDataset",
    "SyntheticMmluDataset",
    "WordSortingDataset",
]

RevisionName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]
"""A commit of 40 hex digits, or a branch or tag, which stands for its newest commit not after the round's
sync block."""


class _Dataset(Document):
    samples: int = Field(ge=1, le=10_000, description="How many are drawn.")
    minimum_samples: int | None = Field(
        default=None, ge=1, le=10_000, description="With fewer the task is unavailable; half when absent."
    )

    @property
    def fewest_samples(self) -> int:
        """With fewer samples than this the task is unavailable."""
        return self.minimum_samples if self.minimum_samples is not None else (self.samples + 1) // 2


class RepositoryDataset(_Dataset):
    """Rows of a dataset repository on the hub."""

    repository: Identifier
    revision: RevisionName


class WordSortingDataset(_Dataset):
    """Words drawn from a packaged list by the round's seed; needs no network."""

    kind: Literal["WordSorting"] = "WordSorting"
    minimum_words: int = Field(default=2, ge=2, le=100)
    maximum_words: int = Field(default=20, ge=2, le=100)


class DyckDataset(_Dataset):
    """Bracket sequences whose last brackets are to be completed; needs no network."""

    kind: Literal["Dyck"] = "Dyck"
    minimum_pairs: int = Field(default=2, ge=2, le=100)
    maximum_pairs: int = Field(default=20, ge=2, le=100)


class Synthetic1SftDataset(RepositoryDataset):
    """Reasoning traces of PrimeIntellect/SYNTHETIC-1-SFT-Data: mathematics and predicted code output."""

    kind: Literal["Synthetic1Sft"] = "Synthetic1Sft"
    system_prompt: Literal["Reflective", "None"] = "Reflective"


class CodeforcesCotsDataset(RepositoryDataset):
    """Solutions with reasoning of open-r1/codeforces-cots; one of `configs` is drawn a round."""

    kind: Literal["CodeforcesCots"] = "CodeforcesCots"
    system_prompt: Literal["Reflective", "None"] = "Reflective"
    configs: tuple[Identifier, ...] = Field(
        default=("solutions", "solutions_py", "solutions_w_editorials", "solutions_w_editorials_py"),
        min_length=1,
        max_length=32,
    )


class SyntheticMmluDataset(RepositoryDataset):
    """Questions with options A to D, such as those of macrocosm-os/macrobench-bittensor-01.

    The repository has many configs, of which a round draws some.
    """

    kind: Literal["SyntheticMmlu"] = "SyntheticMmlu"
    drawn_configs: int = Field(default=10, ge=1, le=64, description="Configs that a round draws from.")
    hotkeys: tuple[Identifier, ...] = Field(
        default=(), max_length=256, description="Rows of other authors are left out; empty keeps all."
    )


class InstructionFollowingDataset(RepositoryDataset):
    """Questions of a repository like SyntheticMmlu's, to be answered under drawn rules.

    The options are taken off. A sample is two questions under one set of rules.
    """

    kind: Literal["InstructionFollowing"] = "InstructionFollowing"
    rules: Literal["V1", "V2"] = "V2"
    drawn_configs: int = Field(default=10, ge=1, le=64)
    hotkeys: tuple[Identifier, ...] = Field(default=(), max_length=256)


class FineWebDataset(RepositoryDataset):
    """Texts of HuggingFaceFW/fineweb-edu-score-2, from crawls that are drawn with equal chances."""

    kind: Literal["FineWeb"] = "FineWeb"
    drawn_configs: int = Field(default=4, ge=1, le=16, description="Crawls that a round draws from.")


class PromptResponseDataset(RepositoryDataset):
    """Pairs of a prompt and a response, without responses that refuse."""

    kind: Literal["PromptResponse"] = "PromptResponse"
    files: str = Field(default="**/*.parquet", max_length=256, description="Glob of the files to draw from.")
    prompt_column: Identifier = "prompt"
    response_column: Identifier = "response"
    refusals: Literal["Drop", "Keep"] = "Drop"
    time_column: Identifier | None = None


class HuggingFaceDataset(RepositoryDataset):
    """Rows of parquet files of any dataset repository, by named columns."""

    kind: Literal["HuggingFace"] = "HuggingFace"
    files: str = Field(default="**/*.parquet", max_length=256, description="Glob of the files to draw from.")
    prompt_column: Identifier | None = None
    reference_column: Identifier | None = None
    options_column: Identifier | None = Field(default=None, description="A list of strings.")
    answer_column: Identifier | None = Field(default=None, description="Index of the right option, from 0.")
    text_column: Identifier | None = None
    problem_column: Identifier | None = Field(default=None, description="One row is drawn for each value.")
    time_column: Identifier | None = Field(default=None, description="When a row was made.")


Dataset = Annotated[
    WordSortingDataset
    | DyckDataset
    | Synthetic1SftDataset
    | CodeforcesCotsDataset
    | SyntheticMmluDataset
    | InstructionFollowingDataset
    | FineWebDataset
    | PromptResponseDataset
    | HuggingFaceDataset,
    Field(discriminator="kind"),
]
