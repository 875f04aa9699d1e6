"""Key and value state under a runtime's real storage keys, encoded as its metadata says."""

from typing import Any

from bittensor._transport.codec import RuntimeCodec

__all__ = ["Storage"]


class Storage:
    """The state of one chain. Any: decoded values are whatever their type in the metadata is."""

    def __init__(self, codec: RuntimeCodec, values: dict[bytes, bytes] | None = None) -> None:
        self.codec = codec
        self.values = dict(values or {})

    def key(self, pallet: str, item: str, *keys: Any) -> bytes:
        """The full key of an entry."""
        return bytes(self.codec.storage_key(self.codec.storage_entry(pallet, item), list(keys)))

    def put(self, pallet: str, item: str, *keys: Any, value: Any) -> None:
        """Sets an entry."""
        entry = self.codec.storage_entry(pallet, item)
        self.values[self.key(pallet, item, *keys)] = bytes(self.codec.encode(entry.value_type, value))

    def get(self, pallet: str, item: str, *keys: Any) -> Any:
        """An entry, or its default; None where it has none."""
        entry = self.codec.storage_entry(pallet, item)
        raw = self.values.get(self.key(pallet, item, *keys))
        if raw is None:
            raw = entry.default_bytes if entry.modifier == "Default" else None
        return None if raw is None else self.codec.decode(entry.value_type, raw)

    def drop(self, pallet: str, item: str, *keys: Any) -> None:
        """Removes an entry."""
        self.values.pop(self.key(pallet, item, *keys), None)

    def copy(self) -> "Storage":
        """The same state, apart from this one."""
        return Storage(self.codec, self.values)
