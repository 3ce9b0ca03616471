"""What is known of a class before any of its values is looked at: how its values are captured, and the pieces of CBOR that all of
them share. A plan is made once a class and goes with it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Dict, Final, Optional, Tuple

from ..reading.layouts import Layout, layout_of
from ..reading.natives import HEAP_TYPE, type_flags
from ..unavailable import UNAVAILABLE
from . import contents, heads, leaves, moments, named
from .heads import ENTRIES, FIELDS, ITEMS, MAPS, REASONS, SIZE


class Plan:
    """How the values of one class are captured: by `leaf` at once, or by `fill` when their turn comes.

    opening      the first members: the type, and the class where the type does not say it
    members      how many these are
    placeholder  a value that waits, complete in itself; what the byte budget is charged for it
    """

    __slots__ = ("fill", "layout", "leaf", "members", "opening", "placeholder", "unfilled")

    def __init__(self, layout: Layout, shown_as: str, class_name: Optional[str]) -> None:
        self.layout = layout
        self.opening = heads.opening(shown_as, class_name)
        self.members = 1 if class_name is None else 2
        self.leaf: Optional[leaves.Leaf] = None
        self.fill: contents.Fill = contents.fill_fields
        self.unfilled = b""
        self.placeholder = heads.UNAVAILABLE_VALUE

    def without_contents(self, reason: str, size: Optional[int], *further: bytes) -> bytes:
        """A value with nothing in it, and why; an empty one is complete. `further`: more members."""
        made = self.opening + b"".join(further) + self.unfilled
        count = self.members + len(further) + 1
        if size is not None:
            made += SIZE + heads.integer(size)
            count += 1
        if size != 0:
            made += REASONS[reason]
            count += 1
        return MAPS[count] + made

    def unopened(self, value: Any, reason: str, limit: int, ident: bytes = b"") -> bytes:
        """This value with nothing in it: how much there would be, where that costs nothing, and why it is not there."""
        further = [ident] if ident else []
        if self.fill is contents.fill_exception:
            further.append(contents.message_of(value, limit))
        return self.without_contents(reason, None if self.unfilled is _NO_FIELDS else contents.size_of(value), *further)


_NO_FIELDS: Final = FIELDS + heads.array_head(0)
_NO_ITEMS: Final = ITEMS + heads.array_head(0)
_NO_ENTRIES: Final = ENTRIES + heads.array_head(0)

#: Kinds of values that hold no others: what they are shown as, and what captures them.
_LEAVES: Final[Dict[str, Tuple[str, leaves.Leaf]]] = {
    "str": ("string", leaves.text_subclass),
    "int": ("int", leaves.int_subclass),
    "float": ("number", leaves.float_subclass),
    "complex": ("complex", leaves.complex_number),
    "bytes": ("bytes", leaves.immutable_bytes),
    "bytearray": ("bytes", leaves.mutable_bytes),
    "memoryview": ("bytes", leaves.memory),
    "datetime": ("date", moments.date_time),
    "date": ("date", moments.day),
    "time": ("time", moments.time_of_day),
    "timedelta": ("duration", moments.duration),
    "decimal": ("decimal", leaves.text_form),
    "fraction": ("decimal", leaves.text_form),
    "uuid": ("string", leaves.text_form),
    "path": ("string", leaves.text_form),
    "range": ("range", leaves.number_range),
    "enum": ("enum", named.enum),
    "function": ("function", named.function),
    "class": ("function", named.class_object),
    "module": ("opaque", named.module),
    "npscalar": ("opaque", leaves.numpy_scalar),
    "opaque": ("opaque", named.opaque),
}
#: Kinds of values that hold others: what they are shown as, what fills them, and what stands there where nothing does.
_CONTAINERS: Final[Dict[str, Tuple[str, contents.Fill, bytes]]] = {
    "list": ("array", contents.fill_items, _NO_ITEMS),
    "deque": ("array", contents.fill_items, _NO_ITEMS),
    "tuple": ("tuple", contents.fill_items, _NO_ITEMS),
    "set": ("set", contents.fill_items, _NO_ITEMS),
    "frozenset": ("set", contents.fill_items, _NO_ITEMS),
    "array": ("typedarray", contents.fill_items, _NO_ITEMS),
    "ndarray": ("typedarray", contents.fill_items, _NO_ITEMS),
    "dict": ("map", contents.fill_entries, _NO_ENTRIES),
    "mappingproxy": ("map", contents.fill_entries, _NO_ENTRIES),
    "namedtuple": ("object", contents.fill_fields, _NO_FIELDS),
    "exception": ("error", contents.fill_exception, _NO_FIELDS),
    "object": ("object", contents.fill_fields, _NO_FIELDS),
}
#: Classes that what a value is shown as says already, by identity.
_PLAIN: Final = frozenset(map(id, (list, tuple, set, dict, complex, range, datetime, timedelta)))


def _make(cls: type, layout: Layout) -> Plan:
    kind = layout.kind
    if cls is type(UNAVAILABLE):
        plan = Plan(layout, "omitted", None)
        plan.leaf = _say_unavailable
        return plan
    if kind in _CONTAINERS:
        shown_as, fill, unfilled = _CONTAINERS[kind]
        plan = Plan(layout, shown_as, _class_name(cls))
        plan.fill, plan.unfilled = fill, unfilled
        plan.placeholder = plan.without_contents("bytes", None)
        if cls is list or cls is tuple:
            plan.fill = contents.fill_list
        elif cls is dict:
            plan.fill = contents.fill_dict
        elif kind == "object" and layout.get_dict is not None and not layout.slots:
            plan.fill = contents.fill_instance
        if kind == "ndarray":
            plan.leaf = named.numpy_array
        return plan
    shown_as, leaf = _LEAVES.get(kind, _LEAVES["opaque"])
    name = "class" if kind == "class" else layout.label or _class_name(cls)
    plan = Plan(layout, shown_as, name)
    plan.leaf = leaf
    return plan


def _say_unavailable(_plan: Plan, _value: object, _limit: int) -> bytes:
    return heads.UNAVAILABLE_VALUE


def _class_name(cls: type) -> Optional[str]:
    return None if id(cls) in _PLAIN else named.class_label(cls)


#: Plans of classes that are built into the interpreter and so never go, by identity: to hash a class may run its metaclass. The
#: others are found by their layouts, which let go of the program's classes.
plans: Final[Dict[int, Plan]] = {}


def plan_of(cls: type) -> Plan:
    """The plan of a class, `type(value)`."""
    layout = layout_of(cls)
    plan: Optional[Plan] = layout.plan
    if plan is None:
        plan = layout.plan = _make(cls, layout)
        if not type_flags(cls) & HEAP_TYPE:
            plans[id(cls)] = plan
    return plan
