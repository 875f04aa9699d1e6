"""Every exception ends in a summary that fits, says whose fault it is, and leaks nothing."""

import errno

import pytest

from podium_evaluator.contract import (
    SUMMARY_BYTES,
    ExitCode,
    Fault,
    FetchedModel,
    PreparedSamples,
    PreparedTask,
    Reason,
    Summary,
    TaskScore,
)
from podium_evaluator.errors import (
    Failure,
    evaluator,
    exit_code,
    infrastructure,
    organizer,
    quoted,
    submission,
)
from podium_evaluator.report import failed, failure_of, fitting, traceback_text
from tests.podium_evaluator.tiny import NONCE

_DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (submission(Reason.TOO_LARGE, ""), ExitCode.SUBMISSION_AT_FAULT),
        (submission(Reason.NOT_YET_PUBLISHED, ""), ExitCode.SUBMISSION_AT_FAULT),
        (infrastructure(Reason.HUB_UNAVAILABLE, ""), ExitCode.HUB_UNAVAILABLE),
        (infrastructure(Reason.DATASET_UNAVAILABLE, ""), ExitCode.HUB_UNAVAILABLE),
        (infrastructure(Reason.STORE_FULL, ""), ExitCode.TRY_AGAIN),
        (infrastructure(Reason.NOT_ISOLATED, ""), ExitCode.TRY_AGAIN),
        (organizer(Reason.DATASET_INVALID, ""), ExitCode.REQUEST_INVALID),
        (evaluator(Reason.REQUEST_INVALID, ""), ExitCode.REQUEST_INVALID),
        (evaluator(Reason.EVALUATOR_BUG, ""), ExitCode.EVALUATOR_BUG),
    ],
)
def test_fault_and_reason_decide_the_exit_code(failure: Failure, code: ExitCode) -> None:
    assert exit_code(failure.fault, failure.reason) is code


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (submission(Reason.TOO_LARGE, ""), Reason.TOO_LARGE),
        (MemoryError(), Reason.OUT_OF_MEMORY),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), Reason.OUT_OF_MEMORY),
        (OSError(errno.ENOSPC, "No space left on device"), Reason.STORE_FULL),
        (OSError(errno.EDQUOT, "Quota exceeded"), Reason.STORE_FULL),
        (OSError(errno.EIO, "I/O error"), Reason.EVALUATOR_BUG),
        (KeyError("secret"), Reason.EVALUATOR_BUG),
        (KeyboardInterrupt(), Reason.EVALUATOR_BUG),
    ],
)
def test_every_exception_is_a_failure(error: BaseException, reason: Reason) -> None:
    assert failure_of(error).reason is reason


def test_an_unexpected_exception_names_its_place_and_none_of_its_words() -> None:
    def broken() -> None:
        raise KeyError("/home/me/secret")

    with pytest.raises(KeyError) as caught:
        broken()
    failure = failure_of(caught.value)

    assert failure.message.startswith("unexpected KeyError in report_test.py:")
    assert "secret" not in failure.message
    assert "secret" in traceback_text(caught.value)


def test_a_message_is_printable_and_bounded() -> None:
    summary = failed(NONCE, submission(Reason.TOO_LARGE, "\x1b[31mé\0\n" * 1000), 1.0)

    assert len(summary.message) == 1024
    assert summary.message.isascii()
    assert summary.message.replace("\n", "").isprintable() is False or "\x1b" not in summary.message
    assert len(fitting(summary).to_json().encode()) <= SUMMARY_BYTES


def test_a_result_is_never_cut_but_its_message_is() -> None:
    def prepared(tasks: int) -> PreparedSamples:
        rows = [PreparedTask(name=f"task-{number}", samples=9, digest=_DIGEST) for number in range(tasks)]
        return PreparedSamples(digest=_DIGEST, tasks=tuple(rows))

    cut = fitting(Summary(nonce=NONCE, prepared=prepared(25), message="m" * 1024))
    assert cut.prepared == prepared(25)
    assert len(cut.to_json().encode()) == SUMMARY_BYTES

    refused = fitting(Summary(nonce=NONCE, prepared=prepared(32), message="m"))
    assert (refused.fault, refused.reason) == (Fault.ORGANIZER, Reason.REQUEST_INVALID)
    assert refused.prepared is None


def test_a_sketch_is_left_out_before_a_result_is_refused() -> None:
    def summary(files: int) -> Summary:
        names = tuple(f"model-{number:05d}-of-{files:05d}.safetensors" for number in range(files))
        model = FetchedModel(
            manifest_digest=_DIGEST, tensors_digest=_DIGEST, bytes=1, files=1, parameters=1,
            architecture="LlamaForCausalLM", hashed_files=names, sketch=172 * "A",
        )  # fmt: skip
        return Summary(nonce=NONCE, fetched=model)

    assert fitting(summary(64)) == summary(64)
    longer = summary(64)
    assert longer.fetched is not None
    names = tuple(f"{name}-{'x' * 21}" for name in longer.fetched.hashed_files)
    long = longer.model_copy(update={"fetched": longer.fetched.model_copy(update={"hashed_files": names})})
    found = fitting(long)
    assert found.fetched is not None
    assert (found.fetched.hashed_files, found.fetched.sketch) == (names, None)


def test_messages_of_tasks_are_cut_before_a_result_is_refused() -> None:
    def summary(tasks: int, reason: Reason | None = Reason.DEGENERATE_OUTPUT) -> Summary:
        scores = [
            TaskScore(
                name=f"task-{number}",
                score=None if reason else 1.0,
                samples=400,
                reason=reason,
                message="m" * 1024,
            )
            for number in range(tasks)
        ]
        return Summary(nonce=NONCE, scores=tuple(scores), message="n" * 100)

    assert fitting(summary(2)) == summary(2)
    for tasks, kept in ((8, 256), (16, 64), (32, 0)):
        cut = fitting(summary(tasks))
        assert cut.scores is not None
        assert {(one.reason, len(one.message)) for one in cut.scores} == {(Reason.DEGENERATE_OUTPUT, kept)}
        assert len(cut.to_json().encode()) <= SUMMARY_BYTES


def test_a_quoted_value_is_short_and_printable() -> None:
    assert quoted("plain") == "'plain'"
    assert quoted("\x1b\ud800é") == r"'\x1b\ud800\xe9'"
    assert len(quoted("x" * 10_000)) == 80
