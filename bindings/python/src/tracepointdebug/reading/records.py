"""What goes into the records of a collection, for macros that go over one: elements of a list, keys of a map or object, or both as pairs. Runs none of the program's code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, List, Sequence, Tuple

from .. import _abi as abi
from . import natives
from .arrays import is_row
from .content import elements_of
from .fields import field_names, object_fields
from .layouts import OBJECTS, layout_of
from .lookup import FAULTS
from .sizes import size_of
from .slots import MAX_SIZE, pack_slot

__builtins__ = natives.BUILTINS

if TYPE_CHECKING:
    from .writer import Copier

#: The address of the first record, the first free byte behind all, and what each is about.
Records = Tuple[int, int, Sequence[Any]]
_LISTS: Final = frozenset({"list", "tuple", "deque", "range", "array"})
_REDACTED: Final = FAULTS[abi.ERR_REDACTED]


def each(copier: Copier, slot: int, value: Any, width: int, top: int) -> Records:
    """The elements of a list or set, the keys of a map, the names of an object's fields; writes the header of their records of `width` bytes."""
    kind = type(value)
    if kind is list or kind is tuple:
        size = len(value)
        count = copier.held(size, width, 1, top)
        return _begin(copier, slot, size, value[:count], count, width, top)
    layout = layout_of(kind)
    known = layout.kind
    if known in _LISTS or known in ("set", "frozenset") or (known == "ndarray" and is_row(value)):
        size = size_of(value)
        count = copier.held(size, width, 1, top)
        return _begin(copier, slot, size, elements_of(value, count), count, width, top)
    if known in ("dict", "mappingproxy"):
        at, top, entries = _entries(copier, slot, value, width, top)
        return at, top, [key for key, _ in entries]
    if known == "carrier" and value.kind == "cut":
        found = each(copier, slot, value.first, width, top)
        copier.cut(slot, value.second)
        return found
    if known in OBJECTS:
        names = field_names(value, layout)
        if names is None:
            copier.error(slot, abi.ERR_TRUNCATED)
            return top, top, ()
        count = copier.held(len(names), width, 1, top)
        return _begin(copier, slot, len(names), names[:count], count, width, top)
    return _not_a_collection(copier, slot, value, top)


def pairs(copier: Copier, slot: int, value: Any, width: int, top: int) -> Records:
    """As `each` of a list, map or object: what is given are (index or key, element or Fault)."""
    layout = layout_of(type(value))
    kind = layout.kind
    if kind in _LISTS or (kind == "ndarray" and is_row(value)):
        size = size_of(value)
        count = copier.held(size, width, 1, top)
        return _begin(copier, slot, size, list(enumerate(elements_of(value, count))), count, width, top)
    if kind in ("dict", "mappingproxy"):
        at, top, entries = _entries(copier, slot, value, width, top)
        return at, top, _judged(copier, entries)
    if kind == "carrier" and value.kind == "cut":
        found = pairs(copier, slot, value.first, width, top)
        copier.cut(slot, value.second)
        return found
    if kind in OBJECTS:
        names = field_names(value, layout)
        if names is None:
            copier.error(slot, abi.ERR_TRUNCATED)
            return top, top, ()
        count = copier.held(len(names), width, 1, top)
        fields = _judged(copier, object_fields(value, layout, count)) if count > 0 else []
        return _begin(copier, slot, len(names), fields, count, width, top)
    return _not_a_collection(copier, slot, value, top)


def _begin(copier: Copier, slot: int, size: int, found: Sequence[Any], count: int, width: int, top: int) -> Records:
    """Room for `count` records; another thread may have left fewer elements than that."""
    held = len(found)
    tag = abi.TAG_EACH | abi.FLAG_TRUNCATED if held < size else abi.TAG_EACH
    pack_slot(copier.memory, slot, tag, min(size, MAX_SIZE), top, held)
    return top, top + count * width, found


def _entries(copier: Copier, slot: int, value: Any, width: int, top: int) -> Tuple[int, int, List[Tuple[Any, Any]]]:
    size = size_of(value)
    if size < 0:
        copier.error(slot, -size)
        return top, top, []
    count = copier.held(size, width, 1, top)
    found, seen = copier.visible(value, count)
    tag = abi.TAG_EACH | abi.FLAG_TRUNCATED if seen < size else abi.TAG_EACH
    pack_slot(copier.memory, slot, tag, min(size, MAX_SIZE), top, len(found))
    return top, top + count * width, found


def _judged(copier: Copier, entries: List[Tuple[Any, Any]]) -> List[Tuple[Any, Any]]:
    """The same without the values behind names that may not be read."""
    redact = copier.redact
    if redact is None:
        return entries
    return [(key, _REDACTED if type(key) is str and redact(key) else value) for key, value in entries]


def _not_a_collection(copier: Copier, slot: int, value: Any, top: int) -> Records:
    size = size_of(value)
    if size in (-abi.ERR_UNDECLARED, -abi.ERR_SIDE_EFFECT):
        copier.error(slot, -size)
    else:
        copier.unusable(slot, abi.ERR_NO_SUCH_OVERLOAD)
    return top, top, ()
