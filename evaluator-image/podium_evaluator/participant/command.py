"""`podium-evaluate`: arguments in, a verdict and an exit status out."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from podium_evaluator import contract
from podium_evaluator.contract import ExitCode, HuggingFaceSource, VolumeSource, Window
from podium_evaluator.errors import Failure, exit_code
from podium_evaluator.hub.client import Hub, hub_token
from podium_evaluator.models.table import ARCHITECTURES
from podium_evaluator.participant.advice import advice
from podium_evaluator.participant.arguments import (
    Arguments,
    CommitArguments,
    HashArguments,
    parse_arguments,
)
from podium_evaluator.participant.committing.run import commit
from podium_evaluator.participant.competition import Competition, load_competition
from podium_evaluator.participant.hash_report import hashes_as_json, hashes_as_text, hashes_exit_code
from podium_evaluator.participant.hashes import hash_model
from podium_evaluator.participant.manifest import ManifestError
from podium_evaluator.participant.model import NamedModel, UsageError, find_model
from podium_evaluator.participant.notes import notes_on
from podium_evaluator.participant.progress import Manner, shown_progress
from podium_evaluator.participant.report import as_json, as_text
from podium_evaluator.participant.requests import check_requests, fetch_request
from podium_evaluator.participant.verdict import (
    Device,
    Question,
    Step,
    Verdict,
    Workplace,
    as_told,
    reach_verdict,
)
from podium_evaluator.progress import Progress
from podium_evaluator.report import failure_of, traceback_text
from podium_evaluator.store import Store

__all__ = ["main", "window_of"]

_INTERRUPTED: Final = 130
"""What shells make of an interrupt."""
_HOUR: Final = 3600
_BLOCK_SECONDS: Final = 12
"""Of the usual chain; a file tells the age of commitments in blocks."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    asked = parse_arguments(sys.argv[1:] if arguments is None else list(arguments))
    try:
        with shown_progress(_manner(json=asked.json)) as progress:
            return _carry_out(asked, progress)
    except ManifestError as error:
        return _refuse(f"--competition {asked.competition}: {error}", ExitCode.REQUEST_INVALID)
    except UsageError as error:
        return _refuse(str(error), ExitCode.REQUEST_INVALID)
    except Failure as failure:
        lines = [f"{failure.reason}: {as_told(failure)}", f"fault: {failure.fault}", advice(failure) or ""]
        return _refuse("\n".join(line for line in lines if line), exit_code(failure.fault, failure.reason))
    except KeyboardInterrupt:
        return _refuse("interrupted; what a hub had sent is kept for the next run", _INTERRUPTED)
    # The process edge: what nobody expected is a bug of ours.
    except Exception as error:  # noqa: BLE001 - see above
        return _refuse(f"{traceback_text(error)}\n{as_told(failure_of(error))}", ExitCode.EVALUATOR_BUG)


def _carry_out(asked: Arguments | HashArguments | CommitArguments, progress: Progress) -> int:
    match asked:
        case HashArguments():
            return _hash(asked)
        case CommitArguments():
            competition = load_competition(asked.competition)
            hub, withheld = _hub(asked.hub_endpoint, competition)
            if withheld:
                text = f"--hub-endpoint: expected {hub.endpoint}, which only the competition's file names"
                raise UsageError(f"{text}: name it yourself to send your token there")
            sys.stdout.write(commit(asked, competition, hub))
            return ExitCode.DONE
        case Arguments():
            return _evaluate(asked, progress)


def window_of(competition: Competition, after: int | None, until: int | None, now: float) -> Window:
    """The times of the round that is imagined.

    Its sync block begins at `until`, or at the beginning of the hour, so that the runs of an hour draw the
    same. As in a round, rows are fresh that were made since the end of the newest block in which a
    contender may have committed; how long blocks take is a guess.
    """
    until = int(now) // _HOUR * _HOUR if until is None else until
    blocks = max(competition.spec.rounds.submission_delay_blocks - 1, 0)
    return Window(after=max(until - blocks * _BLOCK_SECONDS, 0) if after is None else after, until=until)


def _evaluate(asked: Arguments, progress: Progress) -> int:
    competition = load_competition(asked.competition)
    entry = competition.active(asked.block)
    check_requests(competition, entry)
    entry = entry.only(asked.tasks) if asked.tasks else entry
    _check_device(asked.device)
    _check_cache(asked.cache)
    now = time.time()
    hub, withheld = _hub(asked.hub_endpoint, competition)

    def question(model: NamedModel) -> Question:
        window = window_of(competition, asked.after, asked.until, now)
        return Question(competition, entry, model, asked.seed, window, asked.device, asked.hub_endpoint)

    try:
        about = question(find_model(asked.model, hub))
        verdict = reach_verdict(about, Workplace(Store(asked.cache), hub, progress, now))
    except Failure as failure:
        about = question(NamedModel.unfound(asked.model))
        verdict = Verdict(failure=failure, stopped_in=Step.FETCH)
    notes = notes_on(about, verdict, token_withheld=withheld)
    sys.stdout.write(f"{as_json(about, verdict, notes)}\n" if asked.json else as_text(about, verdict, notes))
    return verdict.exit_code


def _hash(asked: HashArguments) -> int:
    competition = load_competition(asked.competition) if asked.competition else None
    hub, _ = _hub(asked.hub_endpoint, competition)
    model = find_model(asked.model, hub)
    request = fetch_request(competition, model.source) if competition else _any_request(model.source)
    hashes = hash_model(model, request, asked.hotkey, hub)
    policy = request.tokenizer.policy
    sys.stdout.write(
        f"{hashes_as_json(model.label, policy, asked.hotkey, hashes)}\n"
        if asked.json
        else hashes_as_text(model.label, policy, asked.hotkey, hashes, assumed=competition is None)
    )
    return hashes_exit_code(hashes)


def _any_request(source: HuggingFaceSource | VolumeSource) -> contract.FetchRequest:
    """Of a competition that admits every architecture and has a fixed tokenizer."""
    most = 2**63
    return contract.FetchRequest.model_validate(
        {
            "nonce": "0" * 32,
            "source": source,
            "maximum_bytes": most,
            "limits": {
                "architectures": tuple(ARCHITECTURES),
                "maximum_parameters": most,
                "sequence_length": 16,
            },
            "tokenizer": {"policy": "Fixed"},
        }
    )


def _hub(endpoint: str | None, competition: Competition | None) -> tuple[Hub, bool]:
    """The hub, and whether the user's token is kept from it.

    An address that only the competition's file names gets no token: somebody else wrote that file.
    """
    named = competition.spec.hub.endpoint if competition and competition.spec.hub else None
    token = hub_token()
    if endpoint is None and named is not None:
        return Hub(named), token is not None
    return Hub(endpoint, token), False


def _check_device(device: Device) -> None:
    if device != "cuda":
        return
    # Importing torch takes seconds, which a wrong argument is worth.
    import torch  # noqa: PLC0415

    if not torch.cuda.is_available():
        raise UsageError(
            f"--device cuda: PyTorch {torch.__version__} finds no GPU: look at its driver (nvidia-smi), or"
            " leave --device out to compute on the CPU"
        )


def _check_cache(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--cache: {folder} cannot be made: {error.strerror}") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"--cache: {folder} cannot be written to")


def _manner(*, json: bool) -> Manner:
    if json:
        return "Silent"
    return "Bars" if sys.stderr.isatty() else "Lines"


def _refuse(message: str, status: int) -> int:
    sys.stderr.write(f"podium-evaluate: {message}\n")
    return status
