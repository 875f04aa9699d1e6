"""What is decided about a model: by the code of the pods, in their order, without a cluster."""

from __future__ import annotations

import enum
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Final, Literal

from podium_evaluator.canonical import folder_name
from podium_evaluator.contract import (
    ExitCode,
    Fault,
    FetchedModel,
    PreparedSamples,
    PreparedTask,
    Reason,
    TaskScore,
    Window,
)
from podium_evaluator.datasets.prepare import prepare
from podium_evaluator.errors import Failure, exit_code, submission
from podium_evaluator.hub.client import Hub
from podium_evaluator.hub.fetch import fetch
from podium_evaluator.participant.competition import Competition, TaskEntry
from podium_evaluator.participant.earlier import EarlierResults
from podium_evaluator.participant.model import NamedModel
from podium_evaluator.participant.requests import evaluate_request, fetch_request, prepare_request
from podium_evaluator.participant.total import decisive, weighted_total
from podium_evaluator.progress import Progress
from podium_evaluator.report import failed, failure_of, traceback_text
from podium_evaluator.scoring import score_tasks
from podium_evaluator.store import Store
from podium_evaluator.stored import open_folder

__all__ = ["Outcome", "Question", "Step", "Verdict", "Workplace", "as_told", "printable", "reach_verdict"]

logger = logging.getLogger(__name__)

Device = Literal["auto", "cpu", "cuda"]
_NONCE: Final = "0" * 32


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be decided.

    Attributes:
        competition: Whose constraints and tasks.
        entry: The tasks that count.
        model: Which model.
        seed: In place of a round's, 64 hexadecimal digits.
        window: The times of the round that is imagined.
        device: What to compute on.
        hub_endpoint: In place of the competition's.
    """

    competition: Competition
    entry: TaskEntry
    model: NamedModel
    seed: str
    window: Window
    device: Device = "auto"
    hub_endpoint: str | None = None


@dataclass(frozen=True, slots=True)
class Workplace:
    """What a verdict is reached with.

    Attributes:
        store: Models and samples, kept for later runs.
        hub: Where repositories are.
        progress: Told how far each task is.
        now: Seconds since the epoch.
        clock: Seconds of a monotonic clock, to tell how long each step took.
    """

    store: Store
    hub: Hub
    progress: Progress
    now: float
    clock: Callable[[], float] = time.monotonic


class Step(enum.StrEnum):
    """What is done one after the other."""

    FETCH = "fetch"
    PREPARE = "prepare"
    EVALUATE = "evaluate"


class Outcome(enum.StrEnum):
    """What a verdict is."""

    SCORED = "Scored"
    REJECTED = "Rejected"
    UNDECIDED = "Undecided"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found, as far as it came.

    Attributes:
        fetched: The model's identity; present when every constraint is met.
        prepared: The samples.
        scores: One for each task that has samples.
        total: The competition's score.
        failure: Why there is none.
        stopped_in: The step that failed.
        environment: What must be equal for scores to be compared.
        path: How this model ran.
        seconds: How long each step took.
    """

    fetched: FetchedModel | None = None
    prepared: PreparedSamples | None = None
    scores: tuple[TaskScore, ...] = ()
    total: Fraction | None = None
    failure: Failure | None = None
    stopped_in: Step | None = None
    environment: dict[str, str] = field(default_factory=dict)
    path: dict[str, str] = field(default_factory=dict)
    seconds: tuple[tuple[Step, float], ...] = ()

    @property
    def outcome(self) -> Outcome:
        """A score, a rejection, or neither for reasons that are not the model's."""
        if self.failure is None:
            return Outcome.SCORED
        return Outcome.REJECTED if self.failure.fault is Fault.SUBMISSION else Outcome.UNDECIDED

    @property
    def exit_code(self) -> ExitCode:
        """The contract's code for how it ended."""
        if self.failure is None:
            return ExitCode.DONE
        return exit_code(self.failure.fault, self.failure.reason)

    @property
    def missing(self) -> tuple[PreparedTask, ...]:
        """Tasks without samples, which the others' weights stand for."""
        return tuple(one for one in (self.prepared.tasks if self.prepared else ()) if one.digest is None)


def reach_verdict(question: Question, workplace: Workplace) -> Verdict:
    """Fetch, prepare and evaluate as pods do, and weigh the scores as the operator does.

    Whatever fails ends in the verdict; only the user's interrupt is passed on.
    """
    verdict = Verdict()
    for step, take in _STEPS.items():
        started = workplace.clock()
        try:
            verdict = take(question, workplace, verdict)
        except (KeyboardInterrupt, SystemExit):
            raise
        # As in a pod: whatever was raised, a panic of native code included, is attributed.
        except BaseException as error:  # noqa: BLE001 - see above
            verdict = replace(verdict, failure=_attributed(error, workplace), stopped_in=step)
        took = round(workplace.clock() - started, 3)
        verdict = replace(verdict, seconds=(*verdict.seconds, (step, took)))
        if verdict.failure is not None:
            return verdict
        logger.info("%s took %.1f s", step, took)
    return verdict


def as_told(failure: Failure) -> str:
    """A failure's message as the operator shows it."""
    return printable(failed(_NONCE, failure, 0.0).message)


def printable(text: str) -> str:
    """A message of a task or a failure, which may quote a stranger, as the operator shows it."""
    return "".join(character if character.isprintable() else " " for character in text)


def _fetch(question: Question, workplace: Workplace, verdict: Verdict) -> Verdict:
    request = fetch_request(question.competition, question.model.source, question.hub_endpoint)
    store, hub = workplace.store, workplace.hub
    fetched = EarlierResults(store).fetched(
        request, hub, lambda: fetch(request, store, question.model.mount, hub, workplace.now)
    )
    return replace(verdict, fetched=fetched)


def _prepare(question: Question, workplace: Workplace, verdict: Verdict) -> Verdict:
    request = prepare_request(
        question.competition, question.entry.tasks, question.seed, question.window, question.hub_endpoint
    )
    store, hub = workplace.store, workplace.hub
    prepared = EarlierResults(store).prepared(request, lambda: prepare(request, store, hub, workplace.now))
    return replace(verdict, prepared=prepared)


def _evaluate(question: Question, workplace: Workplace, verdict: Verdict) -> Verdict:
    fetched, prepared = verdict.fetched, verdict.prepared
    if fetched is None or prepared is None:
        raise ValueError("a model and samples are needed first")
    entry = question.entry.only([task.name for task in prepared.tasks if task.digest is not None])
    request = evaluate_request(question.competition, entry.tasks, fetched.manifest_digest, prepared.digest)
    root = workplace.store.root
    model = open_folder(root / "models" / folder_name(fetched.manifest_digest), fetched.manifest_digest)
    samples = open_folder(root / "samples" / folder_name(prepared.digest), prepared.digest)
    scored = score_tasks(request, model, samples, workplace.progress, question.device)
    found = {score.name: score for score in scored.scores}
    verdict = replace(verdict, scores=scored.scores, environment=scored.environment, path=scored.path)
    total = weighted_total(entry.weighings, found)
    if total is not None:
        return replace(verdict, total=total)
    worst = decisive(entry.weighings, found)
    reason = worst.reason if worst is not None and worst.reason is not None else Reason.NON_FINITE_SCORE
    failure = submission(reason, worst.message if worst is not None else "")
    return replace(verdict, failure=failure, stopped_in=Step.EVALUATE)


_STEPS: Final = {Step.FETCH: _fetch, Step.PREPARE: _prepare, Step.EVALUATE: _evaluate}


def _attributed(error: BaseException, workplace: Workplace) -> Failure:
    failure = failure_of(error)
    if failure.reason is Reason.EVALUATOR_BUG:
        logger.error("%s", traceback_text(error))
    if failure.reason is Reason.STORED_BYTES_CHANGED:
        # What is stored is looked at again by whoever stores it again.
        EarlierResults(workplace.store).forget()
    return failure
