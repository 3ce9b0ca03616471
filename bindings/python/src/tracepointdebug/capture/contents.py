"""Captures what a value holds: elements, entries, fields. The cost depends on the limits, never on how much there is, and no iterator,
comparison or property of the program takes part.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Callable, Final, List, Optional, Sequence, Tuple

from ..reading import access
from ..reading.natives import pass_on
from . import heads
from .heads import CAUSE, ENTRIES, FIELDS, ITEMS, REASONS, SIZE, VALUE

if TYPE_CHECKING:
    from .plans import Plan
    from .walk import Walk

#: Writes what a value holds behind what is there, at a depth; returns how many members it has written.
Fill = Callable[["Walk", "Plan", Any, List[bytes], int], int]

_Pairs = Sequence[Tuple[Any, Any]]


def fill_list(walk: Walk, _plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """The elements of an exact list or tuple."""
    elements = value[: walk.terms.items]
    out.append(b"")
    count = walk.listed(out, elements, depth)
    out[0] = _ITEMS[count] if count < _FEW else ITEMS + heads.array_head(count)
    size = len(value)
    return 1 if count >= size else 1 + _rest(walk, out, "items", count, len(elements), size)


def fill_dict(walk: Walk, _plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """The entries of an exact dict, in the order in which they were put in; a redacted key hides its value."""
    size = len(value)
    limit = walk.terms.items
    try:
        # A copy, made by one call into the interpreter.
        pairs: _Pairs = list(value.items()) if size <= limit else list(islice(value.items(), limit))
    except RuntimeError as error:
        pass_on(error)
        # Another thread, or a finaliser, has changed it meanwhile.
        pairs = access.entries_of(value, limit)
    out.append(b"")
    count = walk.named(out, pairs, depth, walk.terms.key_heads)
    out[0] = _ENTRIES[count] if count < _FEW else ENTRIES + heads.array_head(count)
    return 1 if count >= size else 1 + _rest(walk, out, "items", count, len(pairs), size)


_FEW: Final = len(heads.ARRAYS)
_ITEMS: Final = [ITEMS + array for array in heads.ARRAYS]
_ENTRIES: Final = [ENTRIES + array for array in heads.ARRAYS]


def fill_items(walk: Walk, plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """The elements of a set, deque or array, or of a subclass, and what a subclass of the program has as fields."""
    elements = access.elements_of(value, walk.terms.items)
    out.append(b"")
    count = walk.listed(out, elements, depth)
    out[0] = ITEMS + heads.array_head(count)
    rest = _rest(walk, out, "items", count, len(elements), size_of(value))
    return 1 + rest + _fields_besides(walk, plan, value, out, depth)


def fill_entries(walk: Walk, plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """The entries of a mappingproxy or a subclass of dict, and its fields."""
    pairs = access.entries_of(value, walk.terms.items)
    out.append(b"")
    count = walk.named(out, pairs, depth, walk.terms.key_heads)
    out[0] = ENTRIES + heads.array_head(count)
    rest = _rest(walk, out, "items", count, len(pairs), size_of(value))
    return 1 + rest + _fields_besides(walk, plan, value, out, depth)


def fill_instance(walk: Walk, plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """The fields of an object that has a dict and no slots, by far the most of all objects. Never a property."""
    held = plan.layout.get_dict(value)  # type: ignore[misc]
    if type(held) is not dict:
        return fill_fields(walk, plan, value, out, depth)
    size = len(held)
    limit = walk.terms.fields
    try:
        pairs: _Pairs = list(held.items()) if size <= limit else list(islice(held.items(), limit))
    except RuntimeError as error:
        pass_on(error)
        pairs = access.entries_of(held, limit)
    out.append(b"")
    count = walk.named(out, pairs, depth, walk.terms.field_heads)
    out[0] = _FIELDS[count] if count < _FEW else FIELDS + heads.array_head(count)
    return 1 if count >= size else 1 + _rest(walk, out, "fields", count, len(pairs), size)


_FIELDS: Final = [FIELDS + array for array in heads.ARRAYS]


def fill_fields(walk: Walk, _plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """The fields of an object: its dict, then its slots; of a named tuple its items."""
    return _write_fields(walk, out, depth, access.fields_of(value, walk.terms.fields), size_of(value))


def _write_fields(walk: Walk, out: List[bytes], depth: int, pairs: _Pairs, size: Optional[int]) -> int:
    at = len(out)
    out.append(b"")
    count = walk.named(out, pairs, depth, walk.terms.field_heads)
    out[at] = FIELDS + heads.array_head(count)
    return 1 + _rest(walk, out, "fields", count, len(pairs), size)


def _fields_besides(walk: Walk, plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """Fields that a subclass of a built-in class has besides its elements."""
    layout = plan.layout
    if layout.get_dict is None and not layout.slots:
        return 0
    pairs = access.fields_of(value, walk.terms.fields)
    if not pairs:
        return 0
    at = len(out)
    out.append(b"")
    count = walk.named(out, pairs, depth, walk.terms.field_heads)
    out[at] = FIELDS + heads.array_head(count)
    return 1


def fill_exception(walk: Walk, plan: Plan, value: Any, out: List[bytes], depth: int) -> int:
    """An exception: its message, its fields, and its cause. Its traceback holds frames of the program and is not walked."""
    args, cause, context, is_suppressed, message = access.exception_of(value)
    out.append(_message(message, walk.terms.string_length))
    walk.charge(len(message))
    pairs = list(access.fields_of(value, walk.terms.fields))
    if args and not (len(args) == 1 and args[0] is message):
        pairs.insert(0, ("args", args))
    written = 1 + _write_fields(walk, out, depth, pairs, None)
    reason = cause if cause is not None or is_suppressed else context
    if reason is None:
        return written
    out.append(CAUSE)
    out.append(heads.UNAVAILABLE_VALUE)
    out[-1] = walk.leaf(reason, out, len(out) - 1, depth)
    return written + 1


def message_of(value: Any, limit: int) -> bytes:
    """The member that holds the message of an exception."""
    return _message(access.exception_of(value)[4], limit)


def _message(message: str, limit: int) -> bytes:
    return VALUE + heads.text(message[:limit])


def size_of(value: Any) -> Optional[int]:
    """How much a value holds, where that is known at no cost."""
    size: int = access.size_of(value)
    return size if size >= 0 else None


def _rest(walk: Walk, out: List[bytes], limited: str, count: int, read: int, size: Optional[int]) -> int:
    """Says how much there is and why the rest is not there, if there is a rest; returns how many members that are."""
    if count < read:
        reason = walk.stopped or "unavailable"
    elif size is None or count >= size:
        return 0
    else:
        reason = limited if read else _NOTHING_READ
    if size is not None:
        out.append(SIZE + heads.integer(size))
    out.append(REASONS[reason])
    return 1 if size is None else 2


#: Of what other threads change all the time nothing can be read.
_NOTHING_READ: Final = "unavailable"
