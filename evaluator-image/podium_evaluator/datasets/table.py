"""Which file reads a dataset's repository. To add one: write it beside this file and its line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from podium_evaluator.contract import (
    CodeforcesCotsDataset,
    FineWebDataset,
    HuggingFaceDataset,
    InstructionFollowingDataset,
    PromptResponseDataset,
    RepositoryDataset,
    Synthetic1SftDataset,
    SyntheticMmluDataset,
)
from podium_evaluator.datasets.base import generator
from podium_evaluator.datasets.codeforces_cots import codeforces_cots
from podium_evaluator.datasets.corpus import Corpus
from podium_evaluator.datasets.fine_web import fine_web
from podium_evaluator.datasets.hugging_face import hugging_face
from podium_evaluator.datasets.prompt_response import prompt_response
from podium_evaluator.datasets.selection import Candidate, Drop
from podium_evaluator.datasets.synthetic_1_sft import synthetic_1_sft
from podium_evaluator.datasets.synthetic_mmlu import Question, question_candidate, questions

__all__ = ["candidates"]

_Candidates = Iterator[Candidate | Drop]


def candidates(corpus: Corpus) -> _Candidates:
    """The candidates of a corpus in their order, read as they are asked for.

    Raises:
        HubError: The hub does not hand out what is needed.
        DatasetError: The repository does not hold what is read.
    """
    return _TABLE[type(corpus.dataset)](corpus.dataset, corpus)


def _questions(dataset: SyntheticMmluDataset, corpus: Corpus) -> _Candidates:
    return map(question_candidate, questions(dataset, corpus))


def _instructions(dataset: InstructionFollowingDataset, corpus: Corpus) -> _Candidates:
    """Samples made of questions, with what became of the questions that are not usable."""
    # Its rules need a tagger, which takes a second to import.
    from podium_evaluator.datasets.instruction_following import (  # noqa: PLC0415
        instruction_samples,
        open_question,
    )

    dropped: list[Drop] = []

    def usable() -> Iterator[Question]:
        for question in questions(dataset, corpus):
            if isinstance(question, Drop):
                dropped.append(question)
            elif open_question(question) is None:
                dropped.append(Drop.MALFORMED)
            else:
                yield question

    source = generator(corpus.seed, corpus.task.name, f"{corpus.commit} rules")
    for sample in instruction_samples(usable(), source, dataset.rules):
        yield from dropped
        dropped.clear()
        yield Candidate(sample)
    yield from dropped


# Any: each row takes its own dataset, and the key says which.
_TABLE: Final[Mapping[type[RepositoryDataset], Callable[[Any, Corpus], _Candidates]]] = {
    Synthetic1SftDataset: synthetic_1_sft,
    CodeforcesCotsDataset: codeforces_cots,
    SyntheticMmluDataset: _questions,
    InstructionFollowingDataset: _instructions,
    FineWebDataset: fine_web,
    PromptResponseDataset: prompt_response,
    HuggingFaceDataset: hugging_face,
}
