"""Writes Python values into slots under the caps on one hit. Runs none of the program's code (see access.py); races with other threads end as `truncated`."""

from __future__ import annotations

import math
from typing import Any, Callable, Dict, Final, List, Optional, Tuple

from .. import _abi as abi
from .._limits import LIMITS
from ..unavailable import UNAVAILABLE
from . import natives
from .access import field
from .content import behind_proxy, elements_of, entries_of
from .fields import listed, object_fields, object_size, own_kind_fields
from .kinds import WRITES, label_of
from .layouts import OBJECTS, Layout, layout_of
from .lookup import MISSING, Fault, get, key_of
from .names import name_of
from .sizes import size_of
from .slots import (
    MAX_INT64,
    MAX_SIZE,
    MAX_UINT64,
    MIN_INT64,
    Slots,
    pack_double,
    pack_f64,
    pack_int,
    pack_slot,
    pack_uint,
)
from .texts import digits_of

__builtins__ = natives.BUILTINS

_SLOT: Final = abi.SLOT_BYTES
_PAIR: Final = 2 * abi.SLOT_BYTES
_LABEL: Final = 128
#: Kinds that have no field `length` of their own.
_LENGTHLESS: Final = frozenset(
    {"str", "list", "tuple", "deque", "range", "array", "ndarray", "set", "frozenset", "bytes", "bytearray"}
)

Redact = Callable[[str], bool]


class Writer:
    """What the readers of one guest share. `redact`: names whose values may not be read."""

    def __init__(self, memory: memoryview, redact: Optional[Redact] = None) -> None:
        self.memory = memory
        #: The same memory in steps of 8 bytes.
        self.words = memory.cast("q")
        self.doubles = memory.cast("d")
        self.redact = redact


class Copier(Slots):
    """Writes values for one reader. Keeps nothing of the program's once `opaques` is emptied, which the reader does."""

    def __init__(self, writer: Writer, end: int, limits: Dict[str, int]) -> None:
        super().__init__(writer.memory, end, limits)
        self.redact = writer.redact
        #: The opaque values of this hit; the position of one is its identity.
        self.opaques: List[Any] = []

    def value(self, slot: int, value: Any, depth: int, cap: int, top: int) -> int:
        """A value with `depth` levels of its content; 0 gives containers as their header. `cap`: bytes of text that decide."""
        kind = type(value)
        if kind is float:
            pack_double(self.memory, slot, abi.TAG_DOUBLE, value)
            return top
        if kind is str:
            return self.text(slot, value, cap, top)
        if kind is int:
            return self._integer(slot, value, top)
        if kind is bool:
            pack_slot(self.memory, slot, abi.TAG_BOOL, 0, 1 if value else 0, 0)
            return top
        if value is None:
            pack_slot(self.memory, slot, abi.TAG_NULL, 0, 0, 0)
            return top
        if value is UNAVAILABLE:
            self.error(slot, abi.ERR_UNDECLARED)
            return top
        layout = layout_of(kind)
        write = _WRITES.get(layout.kind)
        try:
            if write is None:
                return self.opaque(slot, label_of(value, layout), value, top)
            return write(self, slot, value, layout, depth, cap, top)
        except natives.FAULTY as error:
            if not natives.is_own(error):
                raise
            self.error(slot, abi.ERR_TRUNCATED)
            return top

    def _integer(self, slot: int, value: int, top: int) -> int:
        if MIN_INT64 <= value <= MAX_INT64:
            pack_int(self.memory, slot, abi.TAG_INT, value)
            return top
        if 0 < value <= MAX_UINT64:
            pack_uint(self.memory, slot, abi.TAG_UINT, value)
            return top
        # Printing takes quadratic time: one that is far too long to show is not printed at all.
        digits = digits_of(value)
        if digits is None:
            self.error(slot, abi.ERR_TRUNCATED)
            return top
        try:
            nearest = float(value)
        except OverflowError:
            nearest = math.inf if value > 0 else -math.inf
        return self.big(slot, nearest, digits, top)

    def big(self, slot: int, nearest: float, digits: str, top: int) -> int:
        """A number of which no other tag can hold all digits."""
        after = (top + 8 + len(digits) + 7) & -8
        if after > self.end:
            self.error(slot, abi.ERR_TRUNCATED)
            return top
        pack_f64(self.memory, top, nearest)
        self.memory[top + 8 : top + 8 + len(digits)] = digits.encode()
        pack_slot(self.memory, slot, abi.TAG_BIG, len(digits), top, 0)
        return after

    def opaque(self, slot: int, label: str, value: Any, top: int) -> int:
        """A value that is only told from others."""
        identity = 0
        for known in self.opaques:
            if known is value:
                break
            identity += 1
        if identity == self.items:
            self.error(slot, abi.ERR_TRUNCATED)
            return top
        if identity == len(self.opaques):
            self.opaques.append(value)
        top = self.text(slot, label, _LABEL, top)
        self.memory[slot : slot + 4] = abi.TAG_OPAQUE.to_bytes(4, "little")
        self.memory[slot + abi.SLOT_COUNT : slot + _SLOT] = (identity + 1).to_bytes(4, "little")
        return top

    def _list(self, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
        size = size_of(value)
        if size < 0:
            return self.opaque(slot, label_of(value, layout), value, top)  # an array of more dimensions
        count = self.held(size, _SLOT, depth, top)
        elements = elements_of(value, count) if count > 0 else []
        at, top = top, top + count * _SLOT
        tag = abi.TAG_LIST | abi.FLAG_SET if layout.kind in ("set", "frozenset") else abi.TAG_LIST
        held = len(elements)
        pack_slot(self.memory, slot, tag | abi.FLAG_TRUNCATED if held < size else tag, min(size, MAX_SIZE), at, held)
        for element in elements:
            top = self.value(at, element, depth - 1, self.string_bytes, top)
            at += _SLOT
        return top

    def visible(self, value: Any, count: int) -> Tuple[List[Tuple[Any, Any]], int]:
        """Up to `count` entries whose keys the language can see, with exact keys, and how many entries were met."""
        if count <= 0:
            return [], 0
        for most in (count, LIMITS["visitedEntries"]):
            entries = entries_of(value, most)
            found: List[Tuple[Any, Any]] = []
            seen = 0
            for key, content in entries:
                seen += 1
                exact = key_of(key)
                if exact is not MISSING:
                    found.append((exact, content))
                    if len(found) == count:
                        return found, seen
            if seen < most:
                break
        return found, seen

    def _map(self, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
        size = size_of(value)
        if size < 0:
            self.error(slot, -size)
            return top
        count = self.held(size, _PAIR, depth, top)
        at, top = top, top + count * _PAIR
        entries, seen = self.visible(value, count)
        pair = at
        for key, content in entries:
            top = self.value(pair, key, 0, self.string_bytes, top)
            if type(key) is str and self.redact is not None and self.redact(key):
                self.error(pair + _SLOT, abi.ERR_REDACTED)
            else:
                top = self.value(pair + _SLOT, content, depth - 1, self.string_bytes, top)
            pair += _PAIR
        tag = abi.TAG_MAP | abi.FLAG_TRUNCATED if seen < size else abi.TAG_MAP
        pack_slot(self.memory, slot, tag, min(size, MAX_SIZE), at, len(entries))
        return top

    def _object(self, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
        size = object_size(value, layout)
        if size < 0:
            self.error(slot, -size)
            return top
        # One pair's room less, for the slot of the class name.
        room = (self.end - top) // _PAIR - 1
        count = max(0, min(self.held(size, _PAIR, depth, top), room))
        after = top + _SLOT + count * _PAIR
        if after > self.end:
            self.error(slot, abi.ERR_TRUNCATED)
            return top
        fields = object_fields(value, layout, count) if count > 0 else []
        at, top = top, after
        held = len(fields)
        tag = abi.TAG_OBJECT | abi.FLAG_TRUNCATED if held < size else abi.TAG_OBJECT
        pack_slot(self.memory, slot, tag, size, at, held)
        top = self.text(at, name_of(type(value)), _LABEL, top)
        pair = at + _SLOT
        for name, content in fields:
            top = self.text(pair, name, self.string_bytes, top)
            if self.redact is not None and self.redact(name):
                self.error(pair + _SLOT, abi.ERR_REDACTED)
            else:
                top = self.value(pair + _SLOT, content, depth - 1, self.string_bytes, top)
            pair += _PAIR
        return top

    def enum(self, slot: int, class_name: str, name: str, content: Any, top: int) -> int:
        """A member of an enum."""
        at, after = top, top + 3 * _SLOT
        if after > self.end:
            self.error(slot, abi.ERR_TRUNCATED)
            return top
        top = self.text(at, class_name, self.string_bytes, after)
        top = self.text(at + _SLOT, name, self.string_bytes, top)
        top = self.value(at + 2 * _SLOT, content, 0, self.string_bytes, top)
        pack_slot(self.memory, slot, abi.TAG_ENUM, 0, at, 0)
        return top

    def timestamp(self, slot: int, seconds: int, nanoseconds: int, tag: int = abi.TAG_TIMESTAMP) -> None:
        """An instant."""
        pack_int(self.memory, slot, tag | nanoseconds << 32, seconds)

    def length_of(self, slot: int, holder: Any, top: int) -> int:
        """`x.length`: a field of that name, else the size."""
        if holder is None:
            self.error(slot, abi.ERR_NULL_DEREF)
            return top
        if holder is UNAVAILABLE:
            self.error(slot, abi.ERR_UNDECLARED, 1)
            return top
        if layout_of(type(holder)).kind not in _LENGTHLESS:
            found = field(holder, "length")
            if type(found) is not Fault:
                return self.value(slot, found, 0, self.string_bytes, top)
            if found.code == abi.ERR_SIDE_EFFECT:
                self.error(slot, found.code)
                return top
        self.size(slot, holder)
        return top

    def size(self, slot: int, value: Any) -> None:
        """How many elements, entries, fields, bytes or code points a value has: an INT, or the error."""
        size = size_of(value)
        if size == -abi.ERR_NO_SUCH_OVERLOAD:
            self.unusable(slot, -size)
        elif size < 0:
            self.error(slot, -size)
        else:
            pack_int(self.memory, slot, abi.TAG_INT, min(size, MAX_INT64))


def write_member(copier: Copier, slot: int, value: Any, key: str, top: int) -> int:
    """Whether a map or object has a key, as an answer of its own (MemberNode of conditions/stages.ts). Of anything else one level of its content."""
    layout = layout_of(type(value))
    kind = layout.kind
    held = value if kind == "dict" else behind_proxy(value) if kind == "mappingproxy" else None
    if held is not None:
        found = get(held, key)
    elif kind in OBJECTS:
        found = None if key in own_kind_fields(layout) else listed(value, layout, key)
    else:
        return copier.value(slot, value, 1, copier.string_bytes, top)
    if type(found) is Fault:  # too many keys to be gone through
        copier.error(slot, found.code)
        return top
    pack_slot(copier.memory, slot, abi.TAG_BOOL | abi.FLAG_SET, 0, 0 if found is MISSING else 1, 0)
    return top


_Write = Callable[[Copier, int, Any, Layout, int, int, int], int]
_WRITES: Final[Dict[str, _Write]] = {
    **WRITES,
    **dict.fromkeys(("list", "tuple", "deque", "range", "array", "ndarray", "set", "frozenset"), Copier._list),
    **dict.fromkeys(("dict", "mappingproxy"), Copier._map),
    **dict.fromkeys(OBJECTS, Copier._object),
}
