"""What numpy and pandas made, without importing them: shapes, elements and scalars, by built-in methods only: of a subclass they may be the program's."""

from __future__ import annotations

import types
from typing import Any, Callable, Optional, Tuple

from . import natives
from .layouts import class_dict, layout_of
from .lookup import MISSING, Fault, get
from .members import member, own_dict

__builtins__ = natives.BUILTINS


def shape_of(value: Any) -> Optional[Tuple[int, ...]]:
    """The shape of a numpy array or of a pandas frame, series or index, or None."""
    if layout_of(type(value)).kind != "ndarray":
        return frame_shape(value)
    for base in natives.type_mro(type(value)):
        if layout_of(base).kind == "ndarray" and not natives.type_flags(base) & natives.HEAP_TYPE:
            read = natives.type_dict(base).get("shape")
            if type(read) is natives.GetSet:
                shape = read.__get__(value)
                return shape if type(shape) is tuple else None
    return None


def frame_shape(value: Any) -> Optional[Tuple[int, ...]]:
    """The shape of what pandas made, from the arrays that it keeps in its dicts, or None."""
    layout = layout_of(type(value))
    held = own_dict(value, layout) if layout.kind == "opaque" else None
    if held is None:
        return None
    data, numbers = get(held, "_data"), get(held, "_range")  # of an index
    if type(numbers) is range:
        return (len(numbers),)
    if data is not MISSING:
        return shape_of(data) if layout_of(type(data)).kind == "ndarray" else None
    manager = get(held, "_mgr")
    axes, blocks = _compiled_field(manager, "axes"), _compiled_field(manager, "blocks")
    if type(axes) is not list or type(blocks) is not tuple:
        return None
    shapes = [shape_of(_compiled_field(block, "values")) for block in blocks]
    rows = next((shape[-1] for shape in shapes if shape), None)
    if rows is None:
        return None
    columns = sum(shape[0] if shape is not None and len(shape) > 1 else 1 for shape in shapes)
    return (rows,) if len(axes) == 1 else (rows, columns)


def _compiled_field(value: Any, name: str) -> Any:
    """A field of an instance, or a public one of an extension's class: what its own getset gives."""
    found = member(value, layout_of(type(value)), name)
    if type(found) is not Fault:
        return found
    for base in natives.type_mro(type(value)):
        read = class_dict(base).get(name)
        if type(read) is natives.GetSet and natives.getset_owner(read) is base:
            return read.__get__(value)
    return None


def is_plain_array(value: Any) -> bool:
    """An array of numpy's own class, whose methods are built in: of a subclass they may be the program's."""
    held = natives.type_dict(type(value))
    methods = type(held.get("tolist")), type(held.get("__getitem__"))
    return methods[0] is types.MethodDescriptorType and methods[1] is types.WrapperDescriptorType


def is_row(value: Any) -> bool:
    """Such an array of one dimension: the language sees it as a list."""
    shape = shape_of(value) if is_plain_array(value) else None
    return shape is not None and len(shape) == 1


def scalar_of(value: Any) -> Any:
    """The Python value of a numpy scalar, or MISSING."""
    for base in natives.type_mro(type(value)):
        read: Optional[Callable[[Any], Any]] = class_dict(base).get("item")
        if type(read) is types.MethodDescriptorType:
            try:
                found = read(value)
            except natives.FAULTY as error:
                natives.pass_on(error)
                return MISSING
            return found if layout_of(type(found)).kind != "npscalar" else MISSING
    return MISSING
