"""The memory of a guest as a writer sees it: slots, room in the arena up to where one hit may copy, text, errors as slots.

The first free byte is not kept but handed on: every function that may take room gets it as `top` and gives it back. So a hit allocates no state of its own, and whatever
interrupts it leaves none behind. Addresses are byte addresses.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Any, Dict, Final, Tuple

from .. import _abi as abi
from . import natives

__builtins__ = natives.BUILTINS

if TYPE_CHECKING:
    from .lookup import Fault

#: The largest size that a slot can say.
MAX_SIZE: Final = 2**31 - 1
MIN_INT64: Final = -(2**63)
MAX_INT64: Final = 2**63 - 1
MAX_UINT64: Final = 2**64 - 1

#: tag, length, pointer, count
pack_slot: Final = Struct("<iiii").pack_into
#: tag and length 0 as one number, payload
pack_double: Final = Struct("<qd").pack_into
pack_int: Final = Struct("<qq").pack_into
pack_uint: Final = Struct("<qQ").pack_into
pack_f64: Final = Struct("<d").pack_into

#: Slots that fail together, as (byte offset, steps up the path).
Missing = Tuple[Tuple[int, int], ...]


class Slots:
    """Writes into `memory`, as far as `end`; for one reader."""

    def __init__(self, memory: memoryview, end: int, limits: Dict[str, int]) -> None:
        self.memory = memory
        self.end = end
        self.items: int = limits["items"]
        self.string_bytes: int = limits["stringBytes"]

    def error(self, slot: int, code: int, up: int = 0) -> None:
        """A read that failed, `up` steps of the path before the node that is blamed."""
        pack_slot(self.memory, slot, abi.TAG_ERROR, up << abi.ERR_UP_SHIFT | code, 0, 0)

    def unusable(self, slot: int, code: int) -> None:
        """The error of a value that was read and is of no use: it is blamed on the use, not on the path."""
        pack_slot(self.memory, slot, abi.TAG_ERROR, code, 1, 0)

    def fail_all(self, base: int, slots: Missing, fault: Fault) -> None:
        """Fails slots at offsets from `base`."""
        code = fault.code
        # Of a variable that is not there the variable is to blame, which is one step up from its first field.
        more = 1 if code == abi.ERR_UNDECLARED else 0
        for offset, up in slots:
            self.error(base + offset, code, max(0, up) + more)

    def integer(self, slot: int, value: int) -> None:
        """An INT of a number that fits."""
        pack_int(self.memory, slot, abi.TAG_INT, value)

    def cut(self, slot: int, size: Any) -> None:
        """Marks what is in a slot as cut; `size`: the true one of a container, else None."""
        memory = self.memory
        tag = memory[slot] | memory[slot + 1] << 8
        if tag & abi.TAG_MASK == abi.TAG_ERROR:
            return
        memory[slot + 1] |= abi.FLAG_TRUNCATED >> 8
        if size is not None:
            memory[slot + abi.SLOT_LENGTH : slot + abi.SLOT_PAYLOAD] = min(size, MAX_SIZE).to_bytes(4, "little")

    def held(self, size: int, width: int, depth: int, top: int) -> int:
        """How many of `size` things of `width` bytes each may be held."""
        if depth <= 0:
            return 0
        return max(0, min(size, self.items, (self.end - top) // width if width > 0 else size))

    def text(self, slot: int, value: str, cap: int, top: int) -> int:
        """UTF-8 of an exact str, cut at `cap` bytes; lone surrogates become U+FFFD."""
        room = max(0, min(cap, self.end - top))
        # No more characters than bytes can be needed: a huge string is not walked.
        part = value if len(value) <= room else value[:room]
        data = part.encode() if part.isascii() else utf8(part)
        size = len(data)
        tag = abi.TAG_STRING
        if size > room:
            size = room
            while size > 0 and data[size] & 0xC0 == 0x80:
                size -= 1
            data = data[:size]
            tag |= abi.FLAG_TRUNCATED
        elif len(part) < len(value):
            tag |= abi.FLAG_TRUNCATED
        self.memory[top : top + size] = data
        pack_slot(self.memory, slot, tag, size, top, 0)
        return (top + size + 7) & -8

    def binary(self, slot: int, data: Any, length: int, top: int) -> int:
        """Bytes. `data`: bytes-like, no more of it than may be copied is needed; `length`: how many there truly are."""
        size = max(0, min(length, self.string_bytes, self.end - top))
        after = (top + size + 7) & -8
        if after > self.end:
            self.error(slot, abi.ERR_TRUNCATED)
            return top
        self.memory[top : top + size] = data[:size]
        pack_slot(
            self.memory, slot, abi.TAG_BYTES | abi.FLAG_TRUNCATED if size < length else abi.TAG_BYTES, size, top, 0
        )
        return after


def utf8(text: str) -> bytes:
    """The UTF-8 of an exact str with lone surrogates replaced. Asks no error handler: the program may have registered one."""
    data = text.encode("utf-8", "surrogatepass")
    at = data.find(b"\xed")
    if at < 0:
        return data
    made = bytearray(data)
    while at >= 0:
        if made[at + 1] >= 0xA0:
            made[at : at + 3] = b"\xef\xbf\xbd"
        at = made.find(b"\xed", at + 3)
    return bytes(made)
