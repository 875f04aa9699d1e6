"""The image's command: ``python -m podium_evaluator prepare|fetch|evaluate|probe``.

The request comes in an environment variable, the summary goes to the termination message, evidence
goes to standard output, progress to standard error. Exit codes are the contract's.
"""

from __future__ import annotations

import argparse
import logging
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, assert_never

from pydantic import TypeAdapter, ValidationError

from podium_evaluator.contract import (
    EVIDENCE_PREFIX,
    REQUEST_VARIABLE,
    EvaluateRequest,
    ExitCode,
    FetchRequest,
    PrepareRequest,
    ProbeRequest,
    Reason,
    Request,
    Summary,
)
from podium_evaluator.errors import Failure, evaluator, exit_code
from podium_evaluator.process import supervise
from podium_evaluator.report import failed, failure_of, fitting, traceback_text

__all__ = ["main"]

logger = logging.getLogger(__name__)

_TERMINATION_LOG: Final = Path("/dev/termination-log")
_NO_NONCE: Final = "0" * 32
_NONCE: Final = re.compile(r'"nonce"\s*:\s*"([0-9a-f]{32})"')
_GRACE_SECONDS: Final = 10.0
"""A probe's own time limits end it; this is for what they do not cover."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit status."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    started = time.monotonic()
    text = os.environ.get(REQUEST_VARIABLE, "")
    nonce = found[1] if (found := _NONCE.search(text)) else _NO_NONCE

    def report(failure: Failure) -> int:
        logger.error("%s %s: %s", failure.fault, failure.reason, failure.message)
        _write(options.termination_log, failed(nonce, failure, time.monotonic() - started))
        return exit_code(failure.fault, failure.reason)

    def work(request: Request) -> int:
        try:
            summary, evidence = _run(request, options)
            summary = fitting(summary.model_copy(update={"seconds": round(time.monotonic() - started, 3)}))
        # The process edge: whatever was raised, a panic of native code included, becomes a summary.
        except BaseException as error:  # noqa: BLE001 - see above
            failure = failure_of(error)
            if failure is not error:
                logger.error("%s", traceback_text(error))  # noqa: TRY400 - bounded, unlike exception()
            return report(failure)
        if summary.fault is not None and summary.reason is not None:
            return report(Failure(summary.fault, summary.reason, summary.message))
        if evidence is not None:
            print(f"{EVIDENCE_PREFIX}{evidence}", flush=True)
        _write(options.termination_log, summary)
        return ExitCode.DONE

    try:
        request = _request(text, options.command)
    except Failure as failure:
        return report(failure)
    return supervise(lambda: work(request), report, _seconds(request))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="podium-evaluator", description=__doc__)
    parser.add_argument("command", choices=("prepare", "fetch", "evaluate", "probe"))
    parser.add_argument("--store", type=Path, default=Path("/store"), help="root of the store")
    parser.add_argument("--source", type=Path, default=Path("/source"), help="volume that holds submissions")
    parser.add_argument("--model", type=Path, default=Path("/model"), help="folder of the stored model")
    parser.add_argument("--samples", type=Path, default=Path("/samples"), help="folder of the stored samples")
    parser.add_argument(
        "--termination-log", type=Path, default=_TERMINATION_LOG, help="where the summary goes"
    )
    return parser


def _request(text: str, command: str) -> Request:
    try:
        adapter: TypeAdapter[Request] = TypeAdapter(Request)
        request = adapter.validate_json(text, strict=True)
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(map(str, one['loc'])) or 'request'}: {one['msg']}" for one in error.errors()[:5]
        )
        raise evaluator(Reason.REQUEST_INVALID, f"{REQUEST_VARIABLE}: {places}") from error
    if request.kind.lower() != command:
        raise evaluator(
            Reason.REQUEST_INVALID, f"the request is for {request.kind}, the command is {command}"
        )
    return request


def _seconds(request: Request) -> float | None:
    match request:
        case EvaluateRequest():
            return request.timeout_seconds
        case ProbeRequest():
            return request.timeout_seconds + _GRACE_SECONDS
        case _:
            return None


def _run(request: Request, options: argparse.Namespace) -> tuple[Summary, str | None]:
    # Each command imports only what it needs: evaluate has no hub, the others no torch.
    match request:
        case EvaluateRequest():
            from podium_evaluator.evaluate import evaluate  # noqa: PLC0415

            return evaluate(request, options.model, options.samples)
        case ProbeRequest():
            from podium_evaluator.isolation import reachable, targets_here  # noqa: PLC0415

            return Summary(nonce=request.nonce, reachable=reachable(targets_here())), None
        case FetchRequest() | PrepareRequest():
            return _run_with_hub(request, options), None
    assert_never(request)


def _run_with_hub(request: FetchRequest | PrepareRequest, options: argparse.Namespace) -> Summary:
    from podium_evaluator.hub.client import Hub, hub_token  # noqa: PLC0415
    from podium_evaluator.store import Store  # noqa: PLC0415

    hub, store = Hub(request.hub_endpoint, hub_token()), Store(options.store)
    if isinstance(request, PrepareRequest):
        from podium_evaluator.datasets.prepare import prepare  # noqa: PLC0415

        return Summary(nonce=request.nonce, prepared=prepare(request, store, hub, time.time()))
    from podium_evaluator.hub.fetch import fetch  # noqa: PLC0415

    return Summary(nonce=request.nonce, fetched=fetch(request, store, options.source, hub, time.time()))


def _write(path: Path, summary: Summary) -> None:
    text = fitting(summary).to_json()
    if path != _TERMINATION_LOG or path.exists():
        try:
            path.write_text(text, encoding="utf-8")
        except OSError as error:
            logger.warning("the termination message cannot be written: %s", error.strerror)
        else:
            return
    print(text, flush=True)
