"""How much is in a value, without looking at it. Runs none of the program's code, never raises."""

from __future__ import annotations

from typing import Any, cast

from .. import _abi as abi
from .._limits import LIMITS
from ..unavailable import UNAVAILABLE
from . import natives
from .arrays import is_row, shape_of
from .content import behind_proxy
from .fields import object_size
from .layouts import OBJECTS, Layout, layout_of
from .texts import text_of

__builtins__ = natives.BUILTINS


def size_of(value: Any) -> int:
    """How many elements, entries, fields, bytes or code points a value has, or a negated error code."""
    kind = type(value)
    if kind is str:
        return text_size(value)
    if kind is list or kind is dict or kind is tuple or kind is set:
        return len(value)
    if value is UNAVAILABLE:
        return -abi.ERR_UNDECLARED
    layout = layout_of(kind)
    try:
        return _size_of(value, layout)
    except natives.FAULTY as error:
        natives.pass_on(error)
        return -abi.ERR_TRUNCATED


def _size_of(value: Any, layout: Layout) -> int:
    kind = layout.kind
    if kind == "str":
        return text_size(value)
    if kind in OBJECTS:
        return object_size(value, layout)
    length = natives.LENGTHS.get(kind)
    if length is not None:
        return cast("int", length(value))
    if kind == "range":
        step = value.step
        return max(0, int((value.stop - value.start + step - (1 if step > 0 else -1)) // step))
    if kind == "array":
        return natives.array_len(value)
    if kind == "memoryview":
        return cast("int", value.nbytes)
    if kind == "mappingproxy":
        held = behind_proxy(value)
        return -abi.ERR_SIDE_EFFECT if held is None else natives.dict_length(held)
    if kind == "ndarray" and is_row(value):
        return (shape_of(value) or (0,))[0]
    if kind == "carrier":
        if value.kind == "cut":
            return -abi.ERR_TRUNCATED if type(value.first) is str else cast("int", value.second)
        if value.kind == "error":
            return -cast("int", value.first)
    if kind in ("uuid", "path"):
        text = text_of(value, LIMITS["stringBytes"])
        return -abi.ERR_TRUNCATED if text is None else text_size(text)
    return -abi.ERR_NO_SUCH_OVERLOAD


def text_size(value: Any) -> int:
    """Code points of a text, negated `truncated` for one of more than 4096 UTF-16 units: the same answer in all runtimes."""
    length = natives.str_len(value)
    most = LIMITS["stringBytes"]
    if length > most:
        return -abi.ERR_TRUNCATED
    if length * 2 <= most or natives.str_isascii(value):
        return length
    if len(natives.str_encode(value, "utf-16-le", "surrogatepass")) > 2 * most:
        return -abi.ERR_TRUNCATED
    return length
