"""The little of SCALE that is not in the SDK's codec: compact integers and texts."""

__all__ = ["compact", "from_hex", "read_compact", "text", "to_hex"]


def compact(number: int) -> bytes:
    """A compact integer, as https://docs.substrate.io/reference/scale-codec says."""
    if number < 1 << 6:
        return bytes([number << 2])
    if number < 1 << 14:
        return (number << 2 | 1).to_bytes(2, "little")
    if number < 1 << 30:
        return (number << 2 | 2).to_bytes(4, "little")
    data = number.to_bytes((number.bit_length() + 7) // 8, "little")
    return bytes([(len(data) - 4) << 2 | 3]) + data


def read_compact(data: bytes, at: int) -> tuple[int, int]:
    """The compact integer at a position, and the position after it."""
    mode = data[at] & 3
    if mode == 0:
        return data[at] >> 2, at + 1
    if mode in (1, 2):
        width = 2 * mode
        return int.from_bytes(data[at : at + width], "little") >> 2, at + width
    width = (data[at] >> 2) + 4
    return int.from_bytes(data[at + 1 : at + 1 + width], "little"), at + 1 + width


def text(value: str) -> bytes:
    """A text with its length in front."""
    return compact(len(value.encode())) + value.encode()


def to_hex(data: bytes) -> str:
    """With ``0x``."""
    return "0x" + bytes(data).hex()


def from_hex(value: str) -> bytes:
    """With or without ``0x``."""
    return bytes.fromhex(value.removeprefix("0x"))
