"""A subnet in storage: who holds which place, and the subnet's rules."""

from dataclasses import dataclass
from typing import Any, Final

from tests.chain.storage import Storage

__all__ = ["MECHANISM_STEP", "Subnet"]

PALLET: Final = "SubtensorModule"
MECHANISM_STEP: Final = 4096
"""Storage of a mechanism is under mechanism * 4096 + netuid."""


@dataclass(frozen=True)
class Subnet:
    """Reads and writes one subnet's state; Any: values are whatever their type in the metadata is."""

    storage: Storage
    netuid: int

    # --- places -----------------------------------------------------------------------------------

    @property
    def size(self) -> int:
        """How many places are taken."""
        return int(self.storage.get(PALLET, "SubnetworkN", self.netuid))

    def uid(self, hotkey: str) -> int | None:
        """The place of a hotkey."""
        found = self.storage.get(PALLET, "Uids", self.netuid, hotkey)
        return None if found is None else int(found)

    def hotkey(self, uid: int) -> str:
        """Who holds a place."""
        return str(self.storage.get(PALLET, "Keys", self.netuid, uid))

    def register(self, hotkey: str, block: int, *, uid: int | None = None, stake: int = 0) -> int:
        """Gives a hotkey a place: a new one, or one that somebody holds."""
        place = self.size if uid is None else uid
        if uid is None:
            self.storage.put(PALLET, "SubnetworkN", self.netuid, value=place + 1)
        else:
            self.storage.drop(PALLET, "Uids", self.netuid, self.hotkey(uid))
        self.storage.put(PALLET, "Uids", self.netuid, hotkey, value=place)
        self.storage.put(PALLET, "Keys", self.netuid, place, value=hotkey)
        self.storage.put(PALLET, "BlockAtRegistration", self.netuid, place, value=block)
        self.set_column("ValidatorPermit", place, False, blank=False)
        self.set_column("LastUpdate", place, block, blank=0)
        self.set_stake(hotkey, stake)
        return place

    def deregister(self, hotkey: str) -> None:
        """Takes the last place away from a hotkey; another place can only change hands."""
        uid = self.uid(hotkey)
        if uid != self.size - 1:
            raise ValueError(f"uid {uid} is not the last one: register somebody else in its place")
        self.storage.drop(PALLET, "Uids", self.netuid, hotkey)
        self.storage.drop(PALLET, "Keys", self.netuid, uid)
        self.storage.put(PALLET, "SubnetworkN", self.netuid, value=uid)

    def set_permit(self, hotkey: str, permit: bool) -> None:  # noqa: FBT001  # it is the value
        """Whether a hotkey's weights count."""
        uid = self.uid(hotkey)
        if uid is not None:
            self.set_column("ValidatorPermit", uid, permit, blank=False)

    def stake(self, hotkey: str) -> int:
        """In rao; kept beside the pallet's items, whose sum it is on a real chain."""
        return int.from_bytes(self.storage.values.get(_stake_key(self.netuid, hotkey), b""), "little")

    def set_stake(self, hotkey: str, stake: int) -> None:
        """In rao."""
        self.storage.values[_stake_key(self.netuid, hotkey)] = stake.to_bytes(8, "little")

    # --- columns and rules ------------------------------------------------------------------------

    def column(self, item: str, mechanism: int = 0) -> list[Any]:
        """A vector with an entry a place."""
        return list(self.storage.get(PALLET, item, mechanism * MECHANISM_STEP + self.netuid))

    def set_column(self, item: str, uid: int, value: Any, *, blank: Any, mechanism: int = 0) -> None:
        """One entry of a vector, which grows with blanks."""
        values = self.column(item, mechanism)
        values += [blank] * (uid + 1 - len(values))
        values[uid] = value
        self.storage.put(PALLET, item, mechanism * MECHANISM_STEP + self.netuid, value=values)

    def rule(self, name: str) -> Any:
        """A hyperparameter, by the name of its storage item."""
        return self.storage.get(PALLET, name, self.netuid)

    def set_rule(self, name: str, value: Any) -> None:
        """Changes a hyperparameter."""
        self.storage.put(PALLET, name, self.netuid, value=value)

    def row(self, uid: int, mechanism: int = 0) -> dict[int, int]:
        """The weights of a validator."""
        index = mechanism * MECHANISM_STEP + self.netuid
        return {int(to): int(weight) for to, weight in self.storage.get(PALLET, "Weights", index, uid)}


def _stake_key(netuid: int, hotkey: str) -> bytes:
    return f"stake/{netuid}/{hotkey}".encode()
