"""What the store keeps when a round's samples are drawn."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta

from podium.core.faults import Fault
from podium.core.jobs import Purpose, StoreSweep
from podium.core.plan import CreatePrepareJob
from tests.podium.core.objects import a_competition, a_submission, failed, fetched
from tests.podium.core.worlds import World


def _world(*names: str, **changes: object) -> World:
    world = World(competition=a_competition(**changes))
    world.add(*(a_submission(name, number + 1) for number, name in enumerate(names)))
    return world


def _sweeps(world: World) -> list[StoreSweep]:
    found = [one.sweep for one in world.applied if isinstance(one, CreatePrepareJob)]
    return [one for one in found if one is not None]


def test_what_submissions_consist_of_stays() -> None:
    world = _world("a", "b")
    world.run_to(190)
    assert _sweeps(world)[-1].models == ("sha256:a", "sha256:b")


def test_the_model_of_a_deleted_submission_goes() -> None:
    world = _world("a", "b")
    world.run_to(190)
    world.submissions.pop("uid-b")
    world.run_to(290)
    assert _sweeps(world)[-1].models == ("sha256:a",)
    assert world.removed == {"sha256:b"}


def test_what_a_running_round_evaluates_stays_though_its_submission_is_deleted() -> None:
    """Its samples are drawn a second time when nothing else names the model any more."""
    world = _world("a", "b")
    world.script[Purpose.PREPARE, "small-100"] = [failed()]
    world.run_to(101)
    assert len(_sweeps(world)) == 1
    world.submissions.pop("uid-b")
    world.run_to(120)
    assert len(_sweeps(world)) == 2
    assert "sha256:b" in _sweeps(world)[-1].models


def test_a_model_that_other_constraints_turned_away_goes() -> None:
    world = _world("a", "b")
    world.run_to(190)
    world.script[Purpose.FETCH, "b"] = [fetched("b"), failed(Fault.SUBMISSION, "TooFewParameters")]
    world.competition = replace(world.competition, constraints_digest="others", generation=2)
    world.run_to(290)
    assert world.submission("b").status.manifest_digest is None
    world.run_to(390)
    assert _sweeps(world)[-1].models == ("sha256:a",)


def test_nothing_goes_while_a_submission_cannot_be_read() -> None:
    world = _world("a", "b")
    world.run_to(190)
    unread = world.submissions.pop("uid-b")
    world.unreadable_submissions = 1
    world.run_to(290)
    prepared = [one for one in world.applied if isinstance(one, CreatePrepareJob)]
    assert prepared[-1].sweep is None
    world.submissions[unread.uid] = unread
    world.unreadable_submissions = 0
    world.run_to(390)
    assert _sweeps(world)[-1].models == ("sha256:a", "sha256:b")
    assert world.removed == set()


def test_a_rejected_model_stays_since_it_may_own_its_content_one_day() -> None:
    world = _world("a", "copy")
    world.contents["copy"] = "a"
    world.run_to(190)
    assert world.reason("copy") == "Duplicate"
    world.submissions.pop("uid-a")
    world.run_to(290)
    assert _sweeps(world)[-1].models == ("sha256:a",)


def test_the_organisers_own_model_stays() -> None:
    world = _world("a", reference_digest="source-and-constraints")
    world.run_to(290)
    reference = world.competition.status.reference
    assert reference is not None
    assert reference.manifest_digest in _sweeps(world)[-1].models


def test_samples_stay_as_long_as_their_round() -> None:
    world = _world("a")
    world.run_to(390)
    for number, round_ in enumerate(sorted(world.rounds.values(), key=lambda one: one.block)):
        samples = round_.status.samples
        assert samples is not None
        status = replace(round_.status, samples=replace(samples, digest=f"sha256:{number}"))
        world.rounds[round_.uid] = replace(round_, status=status)
    number_of_rounds = len(world.rounds)
    world.run_to(490)
    expected = [f"sha256:{number}" for number in reversed(range(number_of_rounds))]
    assert list(_sweeps(world)[-1].samples) == expected


def test_what_was_stored_less_than_a_day_before_stays_whatever_it_is() -> None:
    world = _world("a")
    world.run_to(190)
    round_ = min(world.rounds.values(), key=lambda one: one.block)
    passed = _sweeps(world)[0].stored_before + timedelta(days=1) - round_.created
    assert timedelta() <= passed < timedelta(minutes=5)


def test_of_many_models_every_round_looks_at_another_part() -> None:
    names = [f"m{number}" for number in range(520)]
    world = _world(*names, max_contenders=8, keep_top=1, store_bytes=2**50)
    digests = {name: hashlib.sha256(name.encode()).hexdigest() for name in names}
    for name, submission in tuple(world.submissions.items()):
        status = replace(
            submission.status,
            manifest_digest=f"sha256:{digests[submission.name]}",
            tensors_digest=f"sha256:{digests[submission.name]}",
            constraints_digest=world.competition.constraints_digest,
            commit_block=submission.status.commit_block or 1,
        )
        world.submissions[name] = replace(submission, status=status)
    world.run_to(290)
    sweeps = _sweeps(world)
    beginnings = [one.beginning for one in sweeps]
    assert len(set(beginnings)) == len(beginnings) > 1
    for sweep in sweeps:
        expected = sorted(f"sha256:{one}" for one in digests.values() if one.startswith(sweep.beginning))
        assert list(sweep.models) == expected
        assert 0 < len(sweep.models) <= 512
