"""Signers with one thing wrong each: the simulation's checker must tell every one from the real one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from podium.cluster.resources import Raw, Resource
from podium.core.kinds import ChainView, UpdatePhase, WeightUpdate
from podium.core.signing import beginning, following, vector, verifying
from podium.core.signing.world import ChainSide, Record, Sign, SignerWorld, Step, Submit
from podium.reconcile import chain_signing
from podium.reconcile.chain_signing import ChainSigning
from tests.podium.reconcile.recording import Recording
from tests.podium.signing.memory_chain import MemoryChain

__all__ = ["MUTANTS"]

Mutate = Callable[[pytest.MonkeyPatch], None]
_decide, _begin, _map = following.decide_chain_update, beginning.begin, vector.map_weights


def _a_new_nonce_on_every_doubt(patch: pytest.MonkeyPatch) -> None:
    """Bytes that are not seen at once are signed again, with the next nonce."""

    def decide(world: SignerWorld) -> Step:
        step = _decide(world)
        attempts = following.open_attempts(world.update.status)
        if not isinstance(step, Submit) or world.chain is None or not world.chain.sent_block:
            return step
        again = _begin(world, world.chain)
        return replace(again, nonce=attempts[-1].nonce + 1) if isinstance(again, Sign) else step

    patch.setattr(chain_signing, "decide_chain_update", decide)


def _sends_before_it_stores(patch: pytest.MonkeyPatch) -> None:
    take = ChainSigning._take

    async def eager(self: ChainSigning, binding: Any, world: SignerWorld, step: Step, raw: Raw) -> None:
        if isinstance(step, Sign):
            attempt, _ = await binding.chain.sign(step)
            await binding.chain.submit(attempt.bytes)
        await take(self, binding, world, step, raw)

    patch.setattr(ChainSigning, "_take", eager)


def _remembers_the_first_uids(patch: pytest.MonkeyPatch) -> None:
    first: list[ChainView] = []

    def stale(update: WeightUpdate, view: ChainView) -> vector.Mapped:
        first.append(view)
        return _map(update, first[max(0, len(first) - 40)])

    patch.setattr(beginning, "map_weights", stale)


def _names_by_index(patch: pytest.MonkeyPatch) -> None:
    """The object's name does not lock the epoch, and nobody minds."""
    from podium.core import subnet  # noqa: PLC0415  # only to break it
    from podium.core.signing import objections  # noqa: PLC0415

    made: list[str] = []

    def by_index(target: str, start: int) -> str:
        made.append(target)
        return f"weights-{start}-{len(made) % 2}"

    patch.setattr(subnet, "update_name", by_index)
    patch.setattr(objections, "objection_of_content", lambda *_: None)
    patch.setattr(beginning, "objection_of_content", lambda *_: None)


def _trusts_blocks_that_are_not_final(patch: pytest.MonkeyPatch) -> None:
    made = MemoryChain.__post_init__

    def careless(self: MemoryChain) -> None:
        made(self)
        self.reads_best = True

    patch.setattr(MemoryChain, "__post_init__", careless)


def _forgets_that_an_object_can_come_back(patch: pytest.MonkeyPatch) -> None:
    """Weights that no attempt explains are not looked for."""
    patch.setattr(beginning, "_already_set", lambda *_: None)


def _takes_any_used_nonce_for_its_own(patch: pytest.MonkeyPatch) -> None:
    def spend(world: SignerWorld, *_: object, **__: object) -> Any:
        view = world.chain.view if world.chain is not None else None
        return replace(
            world.update.status, phase=UpdatePhase.VERIFIED, finalized_block=view.block if view else None
        )

    patch.setattr(following, "_spend", spend)


def _takes_included_for_done(patch: pytest.MonkeyPatch) -> None:
    included = following._included

    def blind(world: SignerWorld, chain: ChainSide, nonce: int) -> Step:
        found = replace(chain.inclusion, error=None) if chain.inclusion is not None else None
        step = included(world, replace(chain, inclusion=found), nonce)
        assert isinstance(step, Record)
        return Record(replace(step.status, phase=UpdatePhase.VERIFIED))

    patch.setattr(following, "_included", blind)


def _pays_whoever_has_the_hotkey_now(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(vector, "_may_be_paid", lambda _, view, name: name in view.by_hotkey)


def _signs_for_past_epochs(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(beginning, "_too_late", lambda *_: None)
    patch.setattr(beginning, "_era", lambda _: 32)


def _lets_bytes_live_beyond_the_epoch(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(beginning, "_era", lambda _: 64)


def _does_not_look_at_the_mode(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(beginning, "_switched_off", lambda *_: None)


def _spends_all_attempts_at_once(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(beginning, "_too_early", lambda *_: None)
    patch.setattr(beginning, "LONGEST_ERA", 8)


def _writes_over_what_it_did_not_see(patch: pytest.MonkeyPatch) -> None:
    """Two signers store their bytes under each other's feet."""
    written = Recording.replace_status

    async def forced(self: Recording, resource: Resource, observed: Raw, status: Raw) -> Raw:
        metadata = observed["metadata"]
        current = await self.get(resource, metadata["namespace"], metadata["name"])
        return await written(self, resource, current, status)

    patch.setattr(Recording, "replace_status", forced)


def _leaves_nobody_out_when_places_changed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(verifying, "_reassigned", lambda *_: None)


def _gives_up_before_the_era_has_passed(patch: pytest.MonkeyPatch) -> None:
    """A nonce is taken for unused while its bytes can still land, and the next one is signed."""

    def decide(world: SignerWorld) -> Step:
        step, chain = _decide(world), world.chain
        if isinstance(step, Submit) and chain is not None and chain.sent_block is not None:
            status = following._spend(world, step.attempt.nonce, chain.view.block, "Lost", "gone")
            return Record(replace(status, attempts=()))
        return step

    patch.setattr(chain_signing, "decide_chain_update", decide)


def _believes_what_a_block_no_longer_tells(patch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether an included extrinsic took effect, so it is taken for one that did."""
    patch.setattr(following, "_not_applied", lambda *_: None)


MUTANTS: tuple[Mutate, ...] = (
    _a_new_nonce_on_every_doubt,
    _sends_before_it_stores,
    _remembers_the_first_uids,
    _names_by_index,
    _trusts_blocks_that_are_not_final,
    _forgets_that_an_object_can_come_back,
    _takes_any_used_nonce_for_its_own,
    _takes_included_for_done,
    _pays_whoever_has_the_hotkey_now,
    _signs_for_past_epochs,
    _lets_bytes_live_beyond_the_epoch,
    _does_not_look_at_the_mode,
    _spends_all_attempts_at_once,
    _writes_over_what_it_did_not_see,
    _leaves_nobody_out_when_places_changed,
    _gives_up_before_the_era_has_passed,
    _believes_what_a_block_no_longer_tells,
)
