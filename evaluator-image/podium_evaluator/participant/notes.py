"""What a reader of a verdict must know beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from podium_evaluator.participant.report import utc
from podium_evaluator.participant.verdict import Question, Verdict

__all__ = ["DEFAULT_SEED", "notes_on"]

DEFAULT_SEED: Final = "c75ad7e2683533f1418b2047d383a256967796f874d5a13c0f22d6318c8b799e"
"""SHA-256 of the text ``podium-evaluate``: two runs draw the same samples."""


def notes_on(question: Question, verdict: Verdict, *, token_withheld: bool) -> tuple[str, ...]:
    """Sentences, the most surprising first.

    Args:
        question: What was asked.
        verdict: What was found.
        token_withheld: Whether the user's hub token was not sent.
    """
    found = [*_about_file(question), *_about_tasks(question, verdict)]
    if verdict.prepared is not None:
        found += _about_draw(question)
    if token_withheld:
        found.append(
            "HF_TOKEN was not sent to the hub that the competition's file names; repeat its address with"
            " --hub-endpoint to send it"
        )
    if question.device == "auto" and verdict.environment.get("device") == "cpu":
        found.append(
            "computed on the CPU, no GPU was found: slower, and the last digits differ from those of a GPU"
        )
    return tuple(found)


def _about_file(question: Question) -> Iterator[str]:
    for path in question.competition.ignored:
        yield f"{path}: no Competition has this field; the API server drops it, and so does this"


def _about_tasks(question: Question, verdict: Verdict) -> Iterator[str]:
    whole = next(
        one for one in question.competition.schedule if one.start_block == question.entry.start_block
    )
    if len(question.entry.tasks) < len(whole.tasks):
        names = ", ".join(task.name for task in question.entry.tasks)
        yield f"only {names} of {len(whole.tasks)} tasks: the score is theirs and not the competition's"
    for task in verdict.missing:
        yield f"the weights of the other tasks fill the place of {task.name}: {task.reason}: {task.message}"


def _about_draw(question: Question) -> Iterator[str]:
    if question.seed == DEFAULT_SEED:
        yield (
            "the seed is podium-evaluate's own: a round's is not known before it begins, draws other samples"
            " and gives another score; try some with --seed"
        )
    window = question.window
    if any(task.freshness != "None" for task in question.entry.tasks) and window.after and window.until:
        yield (
            f"rows were drawn that were made after {utc(window.after)} and not after {utc(window.until)}:"
            " --after and --until set the times"
        )
