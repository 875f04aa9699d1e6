"""What the chain demands of weights, checked before anything is signed."""

from __future__ import annotations

from podium.core.kinds import ChainView, Neuron, WeightUpdate
from podium.core.signing.vector import LARGEST, Mapped

__all__ = ["objection_of_chain"]

Objection = tuple[str, str]
"""Reason and sentence."""


def objection_of_chain(update: WeightUpdate, view: ChainView, mapped: Mapped) -> Objection | None:
    """Why the chain would refuse these weights now, or None. All of it may change with time.

    The conditions are those of the chain's pallet: `check_rate_limit`, `check_version_key`,
    `check_validator_permit`, `check_length`, `max_weight_limited` and their order does not matter.
    """
    hotkey = update.target.hotkey if update.target is not None else ""
    neuron = view.by_hotkey.get(hotkey)
    if neuron is None:
        return "NotRegistered", f"{hotkey} is not registered on the subnet: register it"
    return _of_validator(update, view, neuron) or _of_vector(update, view, mapped)


def _of_validator(update: WeightUpdate, view: ChainView, neuron: Neuron) -> Objection | None:
    if not neuron.permit:
        return "NoPermit", f"uid {neuron.uid} has no validator permit: it needs more stake"
    if neuron.stake < view.stake_threshold:
        text = f"stake {neuron.stake} is below the {view.stake_threshold} that setting weights needs"
        return "StakeTooLow", text
    if update.version_key < view.version_key:
        text = f"the subnet wants version key {view.version_key}, the update has {update.version_key}"
        return "VersionKeyTooLow", f"{text}: set spec.weights.versionKey of the Subnet"
    again = neuron.last_update + view.rate_limit
    if neuron.last_update and view.block < again:
        text = f"weights were last set at block {neuron.last_update}"
        return "RateLimited", f"{text}; the subnet allows it again at {again}"
    return None


def _of_vector(update: WeightUpdate, view: ChainView, mapped: Mapped) -> Objection | None:
    if update.burn_units and (view.owner_hotkey is None or view.owner_hotkey not in view.by_hotkey):
        return "OwnerNotRegistered", "a share is to be burnt, and the subnet owner's hotkey has no uid"
    if not mapped.vector:
        gone = ", ".join(mapped.dropped[:5]) or "nobody is paid"
        return "NobodyRegistered", f"nobody who is paid has a uid that is old enough: {gone}"
    if len(mapped.vector) < view.min_allowed:
        text = f"the subnet wants {view.min_allowed} weights and has only {len(mapped.vector)} neurons"
        return "TooFewWeights", text
    weights = [weight for _, weight in mapped.vector]
    if len(weights) > 1 and max(weights) * LARGEST > view.max_weight * sum(weights):
        text = f"the largest weight is {max(weights)} of {sum(weights)}, the subnet allows {view.max_weight}"
        return "WeightTooLarge", f"{text} of {LARGEST}: pay more hotkeys or burn less"
    return None
