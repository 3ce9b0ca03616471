"""Captures values that are known by their name: functions, classes, modules, members of an enum; and what is never opened, by its class
and shape.
"""

from __future__ import annotations

from types import BuiltinFunctionType, FunctionType, MethodType
from typing import TYPE_CHECKING, Final, Optional

from ..reading import access
from ..reading.natives import module_dict
from . import heads, leaves

if TYPE_CHECKING:
    from .plans import Plan

#: Code points of a name.
MAX_NAME: Final = 128

_FUNCTION_NAME: Final = FunctionType.__dict__["__qualname__"].__get__
_BUILTIN_NAME: Final = BuiltinFunctionType.__dict__["__name__"].__get__
_METHOD_FUNCTION: Final = MethodType.__dict__["__func__"].__get__


def function(plan: Plan, value: object, _limit: int) -> bytes:
    """A function, bound method or built-in function, by its name."""
    if type(value) is MethodType:
        value = _METHOD_FUNCTION(value)
    cls = type(value)
    name = _FUNCTION_NAME(value) if cls is FunctionType else _BUILTIN_NAME(value) if cls is BuiltinFunctionType else ""
    return leaves.whole(plan, heads.text(_short(name)))


def class_object(plan: Plan, value: type, _limit: int) -> bytes:
    """A class, by its name."""
    return leaves.whole(plan, heads.text(class_label(value)))


def module(plan: Plan, value: object, _limit: int) -> bytes:
    """A module, by its name; nothing of what it holds."""
    return leaves.whole(plan, heads.text(_short(access.get(module_dict(value), "__name__"))))


def _short(name: object) -> str:
    return name[:MAX_NAME] if type(name) is str else ""


def class_label(cls: type) -> str:
    """The name of a class within its module: `Outer.Inner`; one that is made in a function without the names of that."""
    name: str = access.qualname_of(cls)
    return name[name.rfind("<locals>.") + 9 :] if "<locals>." in name else name


def opaque(plan: Plan, value: object, _limit: int) -> bytes:
    """A value that is not opened; of tables and arrays of more than one dimension their shape."""
    shape = access.shape_of(value)
    return leaves.bare(plan) if shape is None else leaves.whole(plan, heads.text(tuple.__repr__(shape)))


def numpy_array(plan: Plan, value: object, _limit: int) -> Optional[bytes]:
    """None of an array of one dimension, whose elements can be shown."""
    shape = access.shape_of(value)
    if shape is not None and len(shape) == 1 and access.is_plain_array(value):
        return None
    class_member = plan.opening[len(_ARRAY) :]
    made = leaves.OPAQUE + class_member
    return (
        heads.MAPS[2] + made
        if shape is None
        else heads.MAPS[3] + made + heads.VALUE + heads.text(tuple.__repr__(shape))
    )


_ARRAY: Final = heads.opening("typedarray")


def enum(plan: Plan, value: object, limit: int) -> bytes:
    """A member by its name, and its value where that is a plain one."""
    name, inner = access.enum_of(value)
    made = _plain(inner, limit)
    return (
        heads.MAPS[plan.members + 2] + plan.opening + heads.VALUE + heads.text(_short(name))
        + heads.FIELDS + heads.array_head(1) + _VALUE_FIELD + (_NOT_OPENED if made is None else made)
    )  # fmt: skip


_VALUE_FIELD: Final = heads.pair_head("value")
_NOT_OPENED: Final = heads.omitted_value("depth")


def _plain(value: object, limit: int) -> Optional[bytes]:
    cls = type(value)
    if cls is str:
        return leaves.string(value, limit)  # type: ignore[arg-type]
    if cls is int:
        return leaves.integer(value, limit)  # type: ignore[arg-type]
    return leaves.number(value) if cls is float else None  # type: ignore[arg-type]
