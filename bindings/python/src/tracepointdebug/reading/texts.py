"""The text of values that the language has as text or as a number beyond an int64: paths, UUIDs, decimals, long ints. Cut off before it is made where it would be long."""

from __future__ import annotations

import types
from typing import Any, Final, Optional

from . import natives
from .layouts import Layout, class_dict, layout_of
from .lookup import MISSING, get

__builtins__ = natives.BUILTINS

#: Bits of an int that is still written out: printing takes quadratic time.
BIG_BITS: Final = 4096
#: Digits of a decimal that is still written out: as many.
BIG_DIGITS: Final = 1234
_PART: Final = 10**500


def text_of(value: Any, limit: int) -> Optional[str]:
    """The exact text of a str, UUID, path, Decimal or Fraction; None where it is longer than `limit` characters or cannot be had."""
    layout = layout_of(type(value))
    try:
        text = _text_of(value, layout, limit)
    except natives.FAULTY as error:
        natives.pass_on(error)
        return None
    return text if text is not None and len(text) <= limit else None


def _text_of(value: Any, layout: Layout, limit: int) -> Optional[str]:
    kind = layout.kind
    if kind == "str":
        return natives.str_slice(value, slice(0, limit + 1))
    if kind == "uuid":
        number = layout.slot_of["int"](value)
        if type(number) is not int:
            return None
        digits = f"{number:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    if kind == "path":
        return _path(value, layout)
    if kind == "decimal":
        return decimal_text(value)
    if kind == "fraction":
        numerator, denominator = layout.slot_of["_numerator"](value), layout.slot_of["_denominator"](value)
        if type(numerator) is not int or type(denominator) is not int:
            return None
        upper, lower = digits_of(numerator), digits_of(denominator)
        return None if upper is None or lower is None else upper if lower == "1" else f"{upper}/{lower}"
    return None


def digits_of(number: int) -> Optional[str]:
    """The decimal text of an exact int, None for one of more than 4096 bits."""
    if number.bit_length() > BIG_BITS:
        return None
    try:
        return str(number)
    except ValueError:
        # The program has lowered the number of digits that may be printed at once.
        upper, lower = divmod(abs(number), _PART)
        return f"{'-' if number < 0 else ''}{digits_of(upper) if upper else ''}{str(lower).zfill(500 if upper else 1)}"


def decimal_text(value: Any) -> Optional[str]:
    """The text of a Decimal of the built-in kind, None for one with far too many digits."""
    for base in natives.type_mro(type(value)):
        held = class_dict(base)
        text, size = get(held, "__str__"), get(held, "__sizeof__")
        if type(text) is types.WrapperDescriptorType and type(size) is types.MethodDescriptorType:
            # A word of 8 bytes holds 19 digits.
            if (size(value) - natives.type_basicsize(base)) // 8 * 19 > BIG_DIGITS + 19 * 8:
                return None
            written = text(value)
            return written if type(written) is str and len(written) <= BIG_DIGITS + 32 else None
    return None


def _slot(value: Any, layout: Layout, name: str) -> Any:
    read = layout.slot_of.get(name)
    try:
        return MISSING if read is None else read(value)
    except natives.FAULTY as error:
        natives.pass_on(error)
        return MISSING


def _path(value: Any, layout: Layout) -> Optional[str]:
    made = _slot(value, layout, "_str")
    if type(made) is str:
        return made
    raw = _slot(value, layout, "_raw_paths")  # from Python 3.12 on
    if type(raw) is list:
        joined = ""
        for part in tuple(raw):
            if type(part) is not str:
                return None
            joined = part if part.startswith("/") or joined == "" else f"{joined}/{part}"
        root = (
            "//" if joined.startswith("//") and not joined.startswith("///") else "/" if joined.startswith("/") else ""
        )
        return (root + "/".join(part for part in joined.split("/") if part not in ("", "."))) or "."
    parts = _slot(value, layout, "_parts")
    if type(parts) is not list or not all(type(part) is str for part in parts):
        return None
    anchor = "".join(
        part for part in (_slot(value, layout, "_drv"), _slot(value, layout, "_root")) if type(part) is str
    )
    return anchor + "/".join(parts[1:]) if anchor else "/".join(parts) or "."
