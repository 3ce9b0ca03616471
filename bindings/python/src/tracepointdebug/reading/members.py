"""One member of an instance by name: of its own dict, of a slot, or plain data of its class. Runs none of the program's code.

What the instance itself holds comes first, also where the class has a property of that name: it is data that belongs to the instance (an ORM's loaded column), and the
only thing that can be read. A member that only a property, another descriptor, `__getattr__` or `__getattribute__` could give is the error `side_effect`.
"""

from __future__ import annotations

from typing import Any, Final

from .. import _abi as abi
from . import natives
from .layouts import MAX_MRO, Layout, class_dict, layout_of
from .lookup import DESCRIPTOR, FAULTS, MISSING, Fault, get

__builtins__ = natives.BUILTINS

_ABSENT: Final = FAULTS[abi.ERR_NO_SUCH_FIELD]
_HIDDEN: Final = FAULTS[abi.ERR_SIDE_EFFECT]


def own_dict(value: Any, layout: Layout) -> Any:
    """The real `__dict__` of an instance, or None."""
    read = layout.get_dict
    if read is None:
        return None
    try:
        held = read(value)
    except natives.FAULTY as error:
        natives.pass_on(error)
        return None
    return held if type(held) is dict or layout_of(type(held)).kind == "dict" else None


def member(value: Any, layout: Layout, name: str) -> Any:
    """The value, or a Fault: `no_such_field`, `side_effect`, or `truncated` where a dict is too large to be searched."""
    held = own_dict(value, layout)
    if held is not None:
        found = get(held, name)
        if found is not MISSING:
            return found
    read = layout.slot_of.get(name)
    if read is not None:
        try:
            return read(value)
        except natives.FAULTY as error:
            natives.pass_on(error)
            return _ABSENT
    return class_member(type(value), value, name)


def class_member(cls: type, value: Any, name: str) -> Any:
    """What a class and those above it hold as plain data under a name, or a Fault. `value`: the instance, for a built-in class's own members."""
    mro = natives.type_mro(cls)
    hooked = False
    for base in mro[:MAX_MRO] if type(mro) is tuple else (cls,):
        if base is object:
            continue
        held = class_dict(base)
        found = get(held, name)
        if found is not MISSING and id(type(found)) not in natives.BUILT_IN_METHODS:
            return _data_of(found, value)
        if not hooked and natives.type_flags(base) & natives.HEAP_TYPE:
            hooked = any(
                hook is not MISSING and id(type(hook)) not in natives.BUILT_IN_METHODS
                for hook in (get(held, "__getattr__"), get(held, "__getattribute__"))
            )
    return _HIDDEN if hooked else _ABSENT


def _data_of(found: Any, value: Any) -> Any:
    kind = type(found)
    if id(kind) in natives.PLAIN:
        return found
    if kind is Fault:
        return found
    if kind is natives.Member:
        try:
            return found.__get__(value)
        except natives.FAULTY as error:
            natives.pass_on(error)
            return _ABSENT
    return DESCRIPTOR if has_member(kind, "__get__") else found


def has_member(cls: type, name: str) -> bool:
    """Whether a class or one above it has such a member, looked up past metaclasses."""
    mro = natives.type_mro(cls)
    return any(get(class_dict(base), name) is not MISSING for base in (mro[:MAX_MRO] if type(mro) is tuple else (cls,)))
