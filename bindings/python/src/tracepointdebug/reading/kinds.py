"""How each kind of value that is neither a container nor an object is written: numbers, texts, bytes, times, enums. Runs none of the program's code."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Callable, Dict, Final

from .. import _abi as abi
from . import natives
from .arrays import scalar_of, shape_of
from .fields import enum_of
from .layouts import Layout, layout_of
from .lookup import MISSING, get
from .members import own_dict
from .names import exact_name, name_of
from .slots import MAX_INT64, MIN_INT64, pack_double, pack_int, pack_uint
from .texts import decimal_text, text_of
from .times import instant_of, nanoseconds_of

__builtins__ = natives.BUILTINS

if TYPE_CHECKING:
    from .writer import Copier


def label_of(value: Any, layout: Layout) -> str:
    """What to call a value whose content is not for reading."""
    kind = layout.kind
    if kind in ("function", "class", "module"):
        name = name_of(value) if kind == "class" else _own_name(value)
        return f"{kind} {name[:100]}" if name else kind
    shape = shape_of(value)
    label = layout.label or name_of(type(value))
    return label if shape is None else f"{label}{shape}"


def _own_name(value: Any) -> str:
    """The name of a function, method or module, as it says itself."""
    kind = type(value)
    if kind is natives.Method:
        value = natives.method_function(value)
        kind = type(value)
    read = natives.FUNCTION_NAMES.get(id(kind))
    if read is not None:
        return exact_name(read(value))
    layout = layout_of(kind)
    held = natives.module_dict(value) if layout.kind == "module" else own_dict(value, layout)
    return "" if held is None else exact_name(get(held, "__name__"))


def _text(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    text = natives.str_slice(value, slice(0, cap + 1)) if layout.kind == "str" else text_of(value, copier.string_bytes)
    if text is None:
        copier.error(slot, abi.ERR_TRUNCATED)
        return top
    return copier.text(slot, text, cap, top)


def _scalar(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    kind = layout.kind
    exact = (
        natives.int_exact(value)
        if kind == "int"
        else natives.float_exact(value)
        if kind == "float"
        else scalar_of(value)
    )
    if exact is MISSING:
        return copier.opaque(slot, label_of(value, layout), value, top)
    return copier.value(slot, exact, depth, cap, top)


def _bytes(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    kind = layout.kind
    most = slice(0, copier.string_bytes)
    if kind == "memoryview":
        if not value.c_contiguous:
            return copier.opaque(slot, kind, value, top)
        return copier.binary(slot, value.cast("B")[most], value.nbytes, top)
    data = natives.bytes_slice(value, most) if kind == "bytes" else natives.bytearray_slice(value, most)
    return copier.binary(slot, data, natives.LENGTHS[kind](value), top)


def _instant(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    found = instant_of(value)
    if isinstance(found, int):
        copier.error(slot, -found)
    else:
        seconds, nanoseconds, naive = found
        copier.timestamp(slot, seconds, nanoseconds, abi.TAG_TIMESTAMP | abi.FLAG_NAIVE if naive else abi.TAG_TIMESTAMP)
    return top


def _duration(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    nanoseconds = nanoseconds_of(value)
    if MIN_INT64 <= nanoseconds <= MAX_INT64:
        pack_int(copier.memory, slot, abi.TAG_DURATION, nanoseconds)
    else:
        copier.error(slot, abi.ERR_OVERFLOW)
    return top


def _decimal(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    digits = decimal_text(value)
    if digits is None:
        copier.error(slot, abi.ERR_TRUNCATED)
        return top
    if "N" in digits or "I" in digits:
        return copier.value(
            slot, math.nan if "N" in digits else math.inf if digits[0] != "-" else -math.inf, 0, cap, top
        )
    return copier.big(slot, float(digits), digits, top)


def _fraction(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    parts = [layout.slot_of[name](value) for name in ("_numerator", "_denominator")]
    if type(parts[0]) is not int or type(parts[1]) is not int:
        copier.error(slot, abi.ERR_CONVERSION)
        return top
    try:
        pack_double(copier.memory, slot, abi.TAG_DOUBLE, parts[0] / parts[1])
    except (OverflowError, ZeroDivisionError):
        copier.error(slot, abi.ERR_OVERFLOW)
    return top


def _member(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    name, content = enum_of(value)
    return copier.enum(slot, name_of(type(value)), name, content, top)


def _carried(copier: Copier, slot: int, value: Any, layout: Layout, depth: int, cap: int, top: int) -> int:
    kind, first, second = value.kind, value.first, value.second
    if kind == "uint":
        pack_uint(copier.memory, slot, abi.TAG_UINT, first)
    elif kind == "timestamp":
        copier.timestamp(slot, first, second)
    elif kind == "type":
        top = copier.text(slot, first, copier.string_bytes, top)
        copier.memory[slot] = abi.TAG_TYPE
    elif kind == "enum":
        return copier.enum(slot, first[0], first[1], second, top)
    elif kind == "cut":
        top = copier.value(slot, first, depth, copier.string_bytes, top)
        copier.cut(slot, None if type(first) is str else second)
    else:
        copier.error(slot, first)
    return top


WRITES: Final[Dict[str, Callable[[Any, int, Any, Layout, int, int, int], int]]] = {
    **dict.fromkeys(("str", "uuid", "path"), _text),
    **dict.fromkeys(("int", "float", "npscalar"), _scalar),
    **dict.fromkeys(("bytes", "bytearray", "memoryview"), _bytes),
    **dict.fromkeys(("datetime", "date"), _instant),
    "timedelta": _duration,
    "decimal": _decimal,
    "fraction": _fraction,
    "enum": _member,
    "carrier": _carried,
}
