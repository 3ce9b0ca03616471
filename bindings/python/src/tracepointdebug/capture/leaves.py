"""Captures values that hold no other values: text, bytes, numbers. Reads what CPython itself keeps of them, calls nothing of the
program, and costs no more for a large value than for a small one.

Each function takes a plan (what its class says of a value), the value and the limit on its length, and returns a whole value in CBOR.
The shapes are those of host/captured.ts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Final, Optional

from ..reading import access
from . import heads
from .heads import MAPS, REASONS, SIZE, VALUE

if TYPE_CHECKING:
    from .plans import Plan

#: What captures a value by its plan; None where the value has contents after all.
Leaf = Callable[["Plan", Any, int], Optional[bytes]]

#: Decimal digits of the longest integer that is printed: printing is quadratic in the length, and CPython refuses 4,301.
MAX_DIGITS: Final = 1000
#: Bits a decimal digit, a little less, so that a number of so many bits never prints longer.
_BITS_PER_DIGIT: Final = 3.3


def whole(plan: Plan, encoded: bytes) -> bytes:
    """A value that is there to its end."""
    return MAPS[plan.members + 1] + plan.opening + VALUE + encoded


def cut(plan: Plan, encoded: bytes, size: int) -> bytes:
    """A value of which only the beginning is there."""
    return MAPS[plan.members + 3] + plan.opening + VALUE + encoded + SIZE + heads.integer(size) + REASONS["length"]


def bare(plan: Plan) -> bytes:
    """A value of which its class is shown only."""
    return MAPS[plan.members] + plan.opening


def missing(plan: Plan, reason: str) -> bytes:
    """A value that could not be read."""
    return MAPS[plan.members + 1] + plan.opening + REASONS[reason]


def string(value: str, limit: int) -> bytes:
    """An exact `str`. It is cut before it is encoded, so that its length costs nothing."""
    if len(value) > limit:
        return _CUT_STRING + heads.text(value[:limit]) + SIZE + heads.integer(len(value)) + REASONS["length"]
    encoded = heads.utf8(value)
    size = len(encoded)
    return heads.STRINGS[size] + encoded if size < len(heads.STRINGS) else heads.STRING + heads.head(3, size) + encoded


_CUT_STRING: Final = MAPS[4] + heads.opening("string") + VALUE


def text_subclass(plan: Plan, value: Any, limit: int) -> bytes:
    """An instance of a subclass of `str`."""
    kept, is_whole = access.str_prefix(value, limit)
    encoded = heads.text(kept)
    return whole(plan, encoded) if is_whole else cut(plan, encoded, str.__len__(value))


def text_form(plan: Plan, value: object, limit: int) -> bytes:
    """What a standard class writes of its values: UUID, Path, Decimal, Fraction."""
    made = access.text_of(value, limit)
    if made is None:
        return MAPS[plan.members + 2] + plan.opening + VALUE + heads.text("") + REASONS["length"]
    return whole(plan, heads.text(made))


def immutable_bytes(plan: Plan, value: bytes, limit: int) -> bytes:
    """Bytes, or an instance of a subclass."""
    return _bytes(plan, bytes.__getitem__(value, slice(0, limit)), bytes.__len__(value))


def mutable_bytes(plan: Plan, value: bytearray, limit: int) -> bytes:
    """A bytearray, or an instance of a subclass."""
    return _bytes(plan, bytes(bytearray.__getitem__(value, slice(0, limit))), bytearray.__len__(value))


def memory(plan: Plan, value: memoryview, limit: int) -> bytes:
    """The bytes of a view. One that is released or has gaps cannot be read."""
    view = value if value.ndim == 1 and value.format == "B" else value.cast("B")
    return _bytes(plan, bytes(view[:limit]), view.nbytes)


def _bytes(plan: Plan, kept: bytes, size: int) -> bytes:
    encoded = heads.byte_string(kept)
    return whole(plan, encoded) if len(kept) == size else cut(plan, encoded, size)


def integer(value: int, limit: int) -> bytes:
    """An exact `int`: as a number, as decimal text beyond 2^53, or only its bits where that would be long."""
    if 0 <= value < 0x100000000:
        return _INT32 + value.to_bytes(4, "big")
    if -heads.MAX_EXACT <= value <= heads.MAX_EXACT:
        return heads.INT + heads.integer(value)
    return _long_integer(_INT_OPENING, 1, value, limit)


_INT_OPENING: Final = heads.opening("int")
#: Four bytes, whatever the number needs: one call packs it.
_INT32: Final = heads.INT + b"\x1a"


def _long_integer(opening: bytes, members: int, value: int, limit: int) -> bytes:
    bits = value.bit_length()
    if bits > (min(limit, MAX_DIGITS) - 1) * _BITS_PER_DIGIT:
        return MAPS[members + 3] + opening + VALUE + heads.text("") + SIZE + heads.integer(bits) + REASONS["length"]
    return MAPS[members + 1] + opening + VALUE + heads.text(int.__repr__(value))


def int_subclass(plan: Plan, value: object, limit: int) -> bytes:
    """An instance of a subclass of `int`."""
    number = access.int_of(value)
    if -heads.MAX_EXACT <= number <= heads.MAX_EXACT:
        return whole(plan, heads.integer(number))
    return _long_integer(plan.opening, plan.members, number, limit)


def number(value: float) -> bytes:
    """An exact `float`; what JSON lacks is text."""
    return _DOUBLE + heads.pack_double(value) if value and value - value == 0 else _NUMBER + _number(value)


_NUMBER_OPENING: Final = heads.opening("number")
_NUMBER: Final = MAPS[2] + _NUMBER_OPENING + VALUE
_DOUBLE: Final = _NUMBER + b"\xfb"


def _number(value: float) -> bytes:
    if value - value != 0:
        return heads.text("Infinity" if value > 0 else "-Infinity" if value < 0 else "NaN")
    if value == 0 and float.hex(value)[0] == "-":
        return _MINUS_ZERO
    return heads.double(value)


_MINUS_ZERO: Final = heads.text("-0")


def float_subclass(plan: Plan, value: object, _limit: int) -> bytes:
    """An instance of a subclass of `float`."""
    return whole(plan, _number(access.float_of(value)))


def complex_number(plan: Plan, value: complex, _limit: int) -> bytes:
    """A complex number, as Python writes it."""
    return whole(plan, heads.text(complex.__repr__(value)))


def number_range(plan: Plan, value: range, limit: int) -> bytes:
    """A range as Python writes it."""
    bounds = [access.int_of(bound) for bound in (value.start, value.stop, value.step)]
    if sum(bound.bit_length() for bound in bounds) > min(limit, MAX_DIGITS) * _BITS_PER_DIGIT:
        return MAPS[plan.members + 2] + plan.opening + VALUE + heads.text("") + REASONS["length"]
    return whole(plan, heads.text(f"range({', '.join(map(int.__repr__, bounds[: 2 if bounds[2] == 1 else 3]))})"))


def numpy_scalar(plan: Plan, value: object, limit: int) -> bytes:
    """A scalar of numpy as Python's own, with the class that it has."""
    plain = access.scalar_of(value)
    cls = type(plain)
    class_member = plan.opening[len(OPAQUE) :]
    if cls is bool:
        return MAPS[3] + _BOOLEAN + class_member + VALUE + (b"\xf5" if plain else b"\xf4")
    if cls is float:
        return MAPS[3] + _NUMBER_OPENING + class_member + VALUE + _number(plain)
    if cls is int:
        if -heads.MAX_EXACT <= plain <= heads.MAX_EXACT:
            return MAPS[3] + _INT_OPENING + class_member + VALUE + heads.integer(plain)
        return _long_integer(_INT_OPENING + class_member, 2, plain, limit)
    return bare(plan)


OPAQUE: Final = heads.opening("opaque")
_BOOLEAN: Final = heads.opening("boolean")
