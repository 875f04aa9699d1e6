"""What calls do to a subnet: the rules of the pallets that Podium meets, with their own names of errors.

Source: pallets/subtensor/src/subnets/weights.rs and pallets/commitments of the subtensor repository.
"""

from collections.abc import Callable
from typing import Any, Final

from tests.chain.extrinsic import Extrinsic
from tests.chain.scale import from_hex
from tests.chain.storage import Storage
from tests.chain.subnet import MECHANISM_STEP, PALLET, Subnet

__all__ = ["DispatchError", "dispatch"]

_WHOLE: Final = 65535
_MOST_COMMITS: Final = 10
_COMMIT_BYTES: Final = 5000


class DispatchError(Exception):
    """A call that a block includes and that changes nothing but the nonce."""

    def __init__(self, name: str, pallet: str = PALLET) -> None:
        super().__init__(name)
        self.name, self.pallet = name, pallet


def dispatch(storage: Storage, call: Extrinsic, block: int) -> None:
    """Carries a call out.

    Raises:
        DispatchError: The pallet refuses it.
    """
    act = _CALLS.get((call.pallet, call.function))
    if act is None:
        raise DispatchError("CallDisabled")
    act(storage, call, block)


def _set_weights(storage: Storage, call: Extrinsic, block: int) -> None:
    arguments = call.arguments
    subnet, mechanism, uid = _validator(storage, call, block, "SettingWeightsTooFast")
    if subnet.rule("CommitRevealWeightsEnabled"):
        raise DispatchError("CommitRevealEnabled")
    dests, weights = list(arguments["dests"]), list(arguments["weights"])
    _check_vector(subnet, uid, dests, weights, int(arguments["version_key"]))
    write_row(subnet, mechanism, uid, dict(zip(dests, weights, strict=True)))
    subnet.set_column("LastUpdate", uid, block, blank=0, mechanism=mechanism)


def write_row(subnet: Subnet, mechanism: int, uid: int, row: dict[int, int]) -> None:
    """Weights as the pallet stores them."""
    index = mechanism * MECHANISM_STEP + subnet.netuid
    pairs = [[to, weight] for to, weight in row.items()]
    subnet.storage.put(PALLET, "Weights", index, uid, value=pairs)


def _validator(storage: Storage, call: Extrinsic, block: int, too_fast: str) -> tuple[Subnet, int, int]:
    """The checks that plain and committed weights share."""
    netuid, mechanism = int(call.arguments["netuid"]), int(call.arguments.get("mecid", 0))
    subnet = Subnet(storage, netuid)
    if not storage.get(PALLET, "NetworksAdded", netuid):
        raise DispatchError("SubnetNotExists")
    if mechanism >= int(storage.get(PALLET, "MechanismCountCurrent", netuid)):
        raise DispatchError("MechanismDoesNotExist")
    uid = subnet.uid(call.signer)
    if uid is None:
        raise DispatchError("HotKeyNotRegisteredInSubNet")
    if subnet.stake(call.signer) < int(storage.get(PALLET, "StakeThreshold")):
        raise DispatchError("NotEnoughStakeToSetWeights")
    updated = subnet.column("LastUpdate", mechanism)
    last = updated[uid] if uid < len(updated) else 0
    if last and block - last < int(subnet.rule("WeightsSetRateLimit")):
        raise DispatchError(too_fast)
    return subnet, mechanism, uid


def _check_vector(subnet: Subnet, uid: int, dests: list[int], weights: list[int], version: int) -> None:
    permits = subnet.column("ValidatorPermit")
    own_only = dests == [uid]
    total, top = sum(weights), max(weights, default=0)
    limit = int(subnet.rule("MaxWeightsLimit"))
    rules = {
        "IncorrectWeightVersionKey": version < int(subnet.rule("WeightsVersionKey")),
        "NeuronNoValidatorPermit": not own_only and not (uid < len(permits) and permits[uid]),
        "WeightVecNotEqualSize": len(dests) != len(weights),
        "UidsLengthExceedUidsInSubNet": len(dests) > subnet.size,
        "DuplicateUids": len(set(dests)) < len(dests),
        "UidVecContainInvalidOne": any(to >= subnet.size for to in dests),
        "WeightVecLengthIsLow": not own_only and len(dests) < int(subnet.rule("MinAllowedWeights")),
        "MaxWeightExceeded": not own_only and top * _WHOLE > limit * total,
    }
    for name, broken in rules.items():
        if broken:
            raise DispatchError(name)


def _commit_weights(storage: Storage, call: Extrinsic, block: int) -> None:
    arguments = call.arguments
    subnet, mechanism, uid = _validator(storage, call, block, "CommittingWeightsTooFast")
    if not subnet.rule("CommitRevealWeightsEnabled"):
        raise DispatchError("CommitRevealDisabled")
    if int(arguments["commit_reveal_version"]) != int(storage.get(PALLET, "CommitRevealWeightsVersion")):
        raise DispatchError("IncorrectCommitRevealVersion")
    commit = from_hex(arguments["commit"]) if isinstance(arguments["commit"], str) else arguments["commit"]
    if len(commit) > _COMMIT_BYTES:
        raise DispatchError("InvalidRevealRound")
    index = mechanism * MECHANISM_STEP + subnet.netuid
    epoch = int(storage.get(PALLET, "SubnetEpochIndex", subnet.netuid))
    pending = list(storage.get(PALLET, "TimelockedWeightCommits", index, epoch))
    if sum(one[0] == call.signer for one in pending) >= _MOST_COMMITS:
        raise DispatchError("TooManyUnrevealedCommits")
    pending.append([call.signer, block, "0x" + bytes(commit).hex(), int(arguments["reveal_round"])])
    storage.put(PALLET, "TimelockedWeightCommits", index, epoch, value=pending)
    subnet.set_column("LastUpdate", uid, block, blank=0, mechanism=mechanism)


def _set_commitment(storage: Storage, call: Extrinsic, block: int) -> None:
    netuid = int(call.arguments["netuid"])
    if Subnet(storage, netuid).uid(call.signer) is None:
        raise DispatchError("AccountNotAllowedCommit", "Commitments")
    record = {"deposit": 0, "block": block, "info": call.arguments["info"]}
    storage.put("Commitments", "CommitmentOf", netuid, call.signer, value=record)
    storage.put("Commitments", "LastCommitment", netuid, call.signer, value=block)


def _remark(storage: Storage, call: Extrinsic, block: int) -> None:
    """Does nothing, as on a real chain: a nonce is used and that is all."""
    del storage, call, block


# Any: a table of functions of one shape.
_CALLS: Final[dict[tuple[str, str], Callable[[Storage, Extrinsic, int], Any]]] = {
    (PALLET, "set_weights"): _set_weights,
    (PALLET, "set_mechanism_weights"): _set_weights,
    (PALLET, "commit_timelocked_mechanism_weights"): _commit_weights,
    ("Commitments", "set_commitment"): _set_commitment,
    ("System", "remark"): _remark,
}
