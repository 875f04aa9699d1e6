"""Statuses as decisions may make them, within what can be stored."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from hypothesis import strategies as st

from podium.core.conditions import Condition
from podium.core.faults import Cause, Failure, Fault
from podium.core.kinds import (
    Comparison,
    CompetitionStatus,
    Environment,
    Evaluation,
    IsolationVerdict,
    Leader,
    Outcome,
    PreparedTask,
    RankedLine,
    ReferenceStatus,
    Result,
    RoundPhase,
    RoundStatus,
    Samples,
    Similar,
    SubmissionCounts,
    SubmissionStatus,
    SubnetStatus,
    TaskScore,
    UpdatePhase,
    Verdict,
    WeightUpdateStatus,
)
from podium.core.scoring import score_text
from podium.core.shares import UNIT, Share

__all__ = ["COMPETITION", "ROUND", "SUBMISSION", "SUBNET", "UPDATE"]

_ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_HOTKEYS = st.text(_ALPHABET, min_size=47, max_size=48)
_LABELS = st.from_regex(r"\A[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\Z")
_REASONS = st.from_regex(r"\A[A-Z][A-Za-z0-9]{0,30}\Z")
_TEXTS = st.text(max_size=40)
_DIGESTS = st.binary(min_size=32, max_size=32).map(lambda data: f"sha256:{data.hex()}")
_SCORES = st.floats(min_value=0, allow_infinity=False, allow_nan=False).map(
    lambda score: score_text(Fraction(score))
)
_TASK_SCORES = st.builds(TaskScore, _LABELS, _SCORES) | st.builds(
    TaskScore, _LABELS, st.none(), _REASONS, _TEXTS
)
_UNITS = st.integers(0, UNIT)
_BLOCKS = st.integers(0, 2**32 - 1)
_COUNTS = st.integers(0, 2**31 - 1)
_MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001  # hypothesis adds the zone
    lambda moment: moment.replace(microsecond=0)
)
_FAULTS = st.sampled_from(Fault)
_SHARES = st.dictionaries(_HOTKEYS, _UNITS, max_size=3).map(
    lambda held: tuple(sorted(Share(hotkey, units) for hotkey, units in held.items()))
)
_CONDITIONS = st.lists(
    st.builds(Condition, _REASONS, st.sampled_from([True, False, None]), _REASONS, _TEXTS, _MOMENTS, _COUNTS),
    max_size=3,
    unique_by=lambda one: one.type,
).map(lambda found: tuple(sorted(found, key=lambda one: one.type)))


def _maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | values


_FAILURES = st.builds(Failure, _FAULTS, _REASONS, _TEXTS, st.booleans(), _MOMENTS)

SUBMISSION = st.builds(
    SubmissionStatus,
    observed_generation=_COUNTS,
    phase=_REASONS,
    conditions=_CONDITIONS,
    commit_block=_maybe(_BLOCKS),
    manifest_digest=_maybe(_DIGESTS),
    tensors_digest=_maybe(_DIGESTS),
    bytes=_maybe(_COUNTS),
    parameters=_maybe(_COUNTS),
    architecture=_maybe(_REASONS),
    chat_template=_maybe(_REASONS),
    hashed_files=st.lists(_LABELS, max_size=3).map(tuple),
    constraints_digest=_maybe(_DIGESTS),
    duplicate_of=_maybe(_LABELS),
    fetch_attempts=_COUNTS,
    fetch_disruptions=_COUNTS,
    fetch_block=_maybe(_BLOCKS),
    evicted_block=_maybe(_BLOCKS),
    removed=st.booleans(),
    evaluations=st.lists(
        st.builds(
            Evaluation,
            _LABELS,
            _BLOCKS,
            st.sampled_from([one.value for one in Outcome]),
            _maybe(_SCORES),
            _maybe(_SCORES),
            _DIGESTS,
            _maybe(_BLOCKS),
            st.sampled_from(["", "images.example/evaluator@sha256:" + 64 * "a"]),
        ),
        max_size=3,
    ).map(tuple),
    score=_maybe(_SCORES),
    place=_maybe(st.integers(1, 128)),
    units=_maybe(_UNITS),
    failure=_maybe(_FAILURES),
    sketch=_maybe(st.just("AAEC")),
    similar=_maybe(st.builds(Similar, _LABELS, st.integers(0, 64), st.integers(0, 64))),
    quarantine=_maybe(st.just("images.example/evaluator@sha256:" + 64 * "a")),
)

_RESULTS = st.builds(
    Result,
    submission=_LABELS,
    submission_uid=_LABELS,
    outcome=_maybe(st.sampled_from(Outcome)),
    cause=_maybe(st.builds(Cause, _FAULTS, _REASONS, _TEXTS)),
    score=_maybe(_SCORES),
    attempts=_COUNTS,
    evidence=_maybe(_LABELS),
    evidence_digest=_maybe(_DIGESTS),
    gpu_seconds=_COUNTS,
    task_scores=st.lists(_TASK_SCORES, max_size=2).map(tuple),
    disruptions=_COUNTS,
    ends=st.lists(_REASONS, max_size=3).map(tuple),
    environment=st.sampled_from(["", 16 * "a"]),
)
_VALUES = st.dictionaries(_LABELS, _TEXTS, max_size=3).map(lambda found: tuple(sorted(found.items())))
_TASKS = st.builds(PreparedTask, _LABELS, _COUNTS, _COUNTS, _maybe(st.just(40 * "a")), _DIGESTS) | st.builds(
    PreparedTask, _LABELS, st.just(0), _COUNTS, st.none(), st.none(), st.just("Gone"), _TEXTS
)
ROUND = st.builds(
    RoundStatus,
    phase=st.sampled_from(RoundPhase),
    conditions=_CONDITIONS,
    prepare_attempts=_COUNTS,
    samples=_maybe(st.builds(Samples, _DIGESTS, st.lists(_TASKS, max_size=2).map(tuple))),
    results=st.lists(_RESULTS, max_size=3).map(tuple),
    ranking=st.lists(
        st.builds(
            RankedLine,
            submission=_LABELS,
            hotkey=_HOTKEYS,
            place=st.integers(1, 128),
            score=_maybe(_SCORES),
            wins=st.integers(0, 128),
            win_rate=st.integers(0, 10**6).map(lambda millionths: f"{millionths / 10**6:.6f}"),
            units=_UNITS,
        ),
        max_size=3,
    ).map(tuple),
    moving_average=_SHARES,
    environment=_VALUES,
    environments=st.lists(st.builds(Environment, st.just(16 * "a"), _VALUES), max_size=2).map(tuple),
    reference=_maybe(_RESULTS),
    audits=st.lists(_RESULTS, max_size=2).map(tuple),
    comparisons=st.lists(
        st.builds(
            Comparison,
            _LABELS,
            _LABELS,
            st.sampled_from(Verdict),
            _maybe(_SCORES),
            _maybe(_SCORES),
            _maybe(_SCORES),
            st.just("0.950000"),
            st.sampled_from(["", "TooFewSamples"]),
        ),
        max_size=2,
    ).map(tuple),
    started=_maybe(_MOMENTS),
    completed=_maybe(_MOMENTS),
)


@st.composite
def _competitions(draw: st.DrawFn) -> CompetitionStatus:
    last, average = draw(st.booleans()), draw(st.booleans())
    return CompetitionStatus(
        observed_generation=draw(_COUNTS),
        phase=draw(_REASONS),
        conditions=draw(_CONDITIONS),
        current_round=draw(_maybe(_LABELS)),
        last_round=draw(_LABELS) if last else None,
        last_round_uid=draw(_maybe(_LABELS)) if last else None,
        last_round_block=draw(_BLOCKS) if last else None,
        last_round_phase=draw(_REASONS) if last else None,
        next_round_block=draw(_maybe(_BLOCKS)),
        average_round=draw(_LABELS) if average else None,
        average_round_uid=draw(_maybe(_LABELS)) if average else None,
        average_block=draw(_maybe(_BLOCKS)),
        moving_average=draw(_SHARES),
        leader=draw(_maybe(st.builds(Leader, _LABELS, _HOTKEYS, _SCORES, _UNITS))),
        counts=draw(st.builds(SubmissionCounts, _COUNTS, _COUNTS, _COUNTS, _COUNTS)),
        isolation=draw(
            _maybe(
                st.builds(
                    IsolationVerdict,
                    _DIGESTS,
                    st.booleans(),
                    st.lists(_TEXTS, max_size=2).map(tuple),
                    _COUNTS,
                    _MOMENTS,
                    _TEXTS,
                )
            )
        ),
        reference=draw(
            _maybe(st.builds(ReferenceStatus, _DIGESTS, _maybe(_DIGESTS), _COUNTS, _maybe(_FAILURES)))
        ),
    )


@st.composite
def _subnets(draw: st.DrawFn) -> SubnetStatus:
    head, update = draw(st.booleans()), draw(st.booleans())
    return SubnetStatus(
        observed_generation=draw(_COUNTS),
        conditions=draw(_CONDITIONS),
        head_block=draw(_BLOCKS) if head else None,
        head_time=draw(_MOMENTS) if head else None,
        last_update=draw(_LABELS) if update else None,
        last_update_epoch=draw(_BLOCKS) if update else None,
        last_update_phase=draw(st.sampled_from([one.value for one in UpdatePhase])) if update else None,
    )


COMPETITION = _competitions()
SUBNET = _subnets()
UPDATE = st.builds(
    WeightUpdateStatus,
    observed_generation=_COUNTS,
    phase=st.sampled_from(UpdatePhase),
    conditions=_CONDITIONS,
    recorded_block=_maybe(_BLOCKS),
)
