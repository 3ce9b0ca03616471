"""Reads of any object of the program, of which none runs the program's code: what a value is, what it holds, one element or field of it.

Nothing here raises, looks an attribute up through the class of a value, hashes or compares it, advances an iterator, takes a lock, or keeps a reference after the call.
The kinds of values, as `kind_of` says them, subclasses included:

    none bool int float complex str bytes bytearray memoryview
    list tuple namedtuple deque range array ndarray npscalar set frozenset dict mappingproxy
    enum exception datetime date time timedelta decimal fraction uuid path
    object        an instance of a class statement: fields are its dict, then its slots
    function class module
    opaque        anything else that is built in: generator, iterator, file, lock ... (`Layout.label`)
    carrier       of carrier.py; unavailable: the sentinel
"""

from __future__ import annotations

from typing import Any, Final

from .. import _abi as abi
from .._limits import LIMITS
from ..unavailable import UNAVAILABLE
from . import natives
from .arrays import is_plain_array, is_row, scalar_of, shape_of
from .content import behind_proxy, class_name, elements_of, entries_of, float_of, int_of, kind_of, str_prefix
from .fields import enum_of, exception_of, fields_of, kind_field
from .layouts import OBJECTS, Layout, layout_of
from .lookup import FAULTS, MISSING, Fault, get, key_of, search
from .members import class_member, member
from .names import name_of, qualname_of
from .sizes import size_of
from .texts import text_of
from .times import instant_of, nanoseconds_of

__builtins__ = natives.BUILTINS

_NO_OVERLOAD: Final = FAULTS[abi.ERR_NO_SUCH_OVERLOAD]
_NO_KEY: Final = FAULTS[abi.ERR_NO_SUCH_KEY]
_INDEX: Final = FAULTS[abi.ERR_INDEX]
_TRUNCATED: Final = FAULTS[abi.ERR_TRUNCATED]
_SIDE_EFFECT: Final = FAULTS[abi.ERR_SIDE_EFFECT]


def field(holder: Any, key: Any) -> Any:
    """`holder.key` or `holder[key]`, or a Fault with the error code. `key`: an exact str or int."""
    if holder is None:
        return FAULTS[abi.ERR_NULL_DEREF]
    if holder is UNAVAILABLE:
        return FAULTS[abi.ERR_UNDECLARED]
    layout = layout_of(type(holder))
    try:
        return _indexed(holder, layout, key) if type(key) is int else _named(holder, layout, key)
    except natives.FAULTY as error:
        natives.pass_on(error)
        return _TRUNCATED  # another thread changed it meanwhile


def _named(holder: Any, layout: Layout, key: str) -> Any:
    kind = layout.kind
    if kind == "object":
        return member(holder, layout, key)
    if kind in ("dict", "mappingproxy"):
        held = holder if kind == "dict" else behind_proxy(holder)
        if held is None:
            return _SIDE_EFFECT
        found = get(held, key)
        if found is not MISSING:
            return found
        return _or(member(holder, layout, key), _NO_KEY) if type(held) is not dict and kind == "dict" else _NO_KEY
    if kind in OBJECTS:
        found = kind_field(holder, layout, key)
        return found if found is not MISSING else member(holder, layout, key)
    if kind == "enum":
        if key in ("name", "value"):
            return enum_of(holder)[key == "value"]
        return _or(member(holder, layout, key), _NO_OVERLOAD)
    if kind == "module":
        held = natives.module_dict(holder)
        found = MISSING if held is None else get(held, key)  # None: not initialised yet
        return _NO_OVERLOAD if found is MISSING else found
    if kind == "class":
        return _or(class_member(holder, None, key), _NO_OVERLOAD)
    if kind == "carrier":
        return _carried(holder, key)
    if layout.get_dict is None and not layout.slots:
        return _NO_OVERLOAD
    return _or(member(holder, layout, key), _NO_OVERLOAD)  # of an instance of a subclass of str, list ...


def _or(found: Any, fault: Fault) -> Any:
    return fault if found is FAULTS[abi.ERR_NO_SUCH_FIELD] else found


def _indexed(holder: Any, layout: Layout, index: int) -> Any:
    kind = layout.kind
    if kind in ("dict", "mappingproxy"):
        held = holder if kind == "dict" else behind_proxy(holder)
        if held is None:
            return _SIDE_EFFECT
        found = search(held, index)
        return _NO_KEY if found is MISSING else found
    if kind == "carrier":
        return _carried(holder, index)
    item = natives.ITEMS.get(kind)
    if item is not None:
        if index < 0:
            return _INDEX
        try:
            return item(holder, index)
        except IndexError:
            return _INDEX
    if kind in ("range", "array") or (kind == "ndarray" and is_row(holder)):
        size = size_of(holder)
        if size == -abi.ERR_NO_SUCH_OVERLOAD:
            return _NO_OVERLOAD
        if not 0 <= index < size:
            return _INDEX
        if kind == "range":
            return holder[index]
        if kind == "array":
            return natives.array_item(holder, index)
        found = natives.type_dict(type(holder))["__getitem__"](holder, index)
        return found if layout_of(type(found)).kind != "npscalar" else scalar_of(found)
    return FAULTS[abi.ERR_NO_SUCH_FIELD] if kind in OBJECTS else _NO_OVERLOAD


def _carried(holder: Any, key: Any) -> Any:
    if holder.kind == "error":
        return FAULTS[holder.first]
    if holder.kind != "cut":
        return _NO_OVERLOAD
    # Of a value that was cut, what is not there may have been cut away.
    found = field(holder.first, key)
    if type(found) is Fault and found.code in (abi.ERR_NO_SUCH_FIELD, abi.ERR_NO_SUCH_KEY, abi.ERR_INDEX):
        return _TRUNCATED
    return found


def presence(holder: Any, key: Any) -> Any:
    """None where the holder has such a member, or a Fault. What only fails to be read is there."""
    found = field(holder, key)
    if type(found) is not Fault or found.there:
        return None
    return found


def has_fields(value: Any) -> bool:
    """True of what reads as an object: of nothing else can a field be missing."""
    return layout_of(type(value)).kind in OBJECTS


def is_visible(key: Any) -> bool:
    """True of what the language sees as the key of a map."""
    return key_of(key) is not MISSING


__all__ = [
    "FAULTS",
    "LIMITS",
    "MISSING",
    "Fault",
    "Layout",
    "class_name",
    "elements_of",
    "entries_of",
    "enum_of",
    "exception_of",
    "field",
    "fields_of",
    "float_of",
    "get",
    "has_fields",
    "instant_of",
    "int_of",
    "is_plain_array",
    "is_row",
    "is_visible",
    "key_of",
    "kind_of",
    "layout_of",
    "name_of",
    "nanoseconds_of",
    "presence",
    "qualname_of",
    "scalar_of",
    "shape_of",
    "size_of",
    "str_prefix",
    "text_of",
]
