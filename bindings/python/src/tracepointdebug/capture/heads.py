"""Pieces of CBOR (RFC 8949) that a snapshot is put together from: heads, text, and whole values that are always the same. Definite
lengths only; integers stay within 2^53, since what reads them holds numbers as doubles.
"""

from __future__ import annotations

from struct import Struct
from typing import Dict, Final, List, Optional

_ARRAY: Final = 4
_MAP: Final = 5

_U16: Final = Struct(">BH").pack
_U32: Final = Struct(">BI").pack
_U64: Final = Struct(">BQ").pack
#: The eight bytes of a floating-point number, without its head.
pack_double: Final = Struct(">d").pack

#: The largest integer that every reader of the wire holds exactly.
MAX_EXACT: Final = 2**53 - 1


def head(major: int, argument: int) -> bytes:
    """The head of a value: major type 0 to 5, and its argument from 0 to 2^64 - 1 in the fewest bytes."""
    kind = major << 5
    if argument < 24:
        return bytes((kind | argument,))
    if argument < 0x100:
        return bytes((kind | 24, argument))
    if argument < 0x10000:
        return _U16(kind | 25, argument)
    if argument < 0x100000000:
        return _U32(kind | 26, argument)
    return _U64(kind | 27, argument)


def integer(value: int) -> bytes:
    """An integer of 64 bits."""
    return head(0, value) if value >= 0 else head(1, -1 - value)


def double(value: float) -> bytes:
    """A floating-point number of 64 bits."""
    return b"\xfb" + pack_double(value)


def utf8(value: str) -> bytes:
    """An exact `str` as UTF-8. Half a surrogate pair becomes U+FFFD; no error handler that the program registered takes part."""
    try:
        return value.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= unit <= "\udfff" else unit for unit in value).encode()


def text(value: str) -> bytes:
    """An exact `str`."""
    encoded = utf8(value)
    return head(3, len(encoded)) + encoded


def byte_string(value: bytes) -> bytes:
    """Bytes as they are."""
    return head(2, len(value)) + value


#: The head of a pair.
PAIR: Final = head(_ARRAY, 2)


def pair_head(name: str) -> bytes:
    """The beginning of `[name, value]`."""
    return PAIR + text(name)


def opening(kind: str, class_name: Optional[str] = None) -> bytes:
    """The first members of a captured value: its type and, if it has one, its class."""
    made = TYPE + text(kind)
    return made if class_name is None else made + CLASS + text(class_name)


def omitted_value(reason: str) -> bytes:
    """A value that says nothing but why it is not there."""
    return b"\xa2" + opening("omitted") + OMITTED + text(reason)


# Keys of the members of a captured value.
TYPE: Final = text("type")
CLASS: Final = text("class")
ID: Final = text("id")
VALUE: Final = text("value")
SIZE: Final = text("size")
ITEMS: Final = text("items")
FIELDS: Final = text("fields")
ENTRIES: Final = text("entries")
CAUSE: Final = text("cause")
OMITTED: Final = text("omitted")

#: Heads of maps and arrays with few members, by their number.
MAPS: Final[List[bytes]] = [head(_MAP, count) for count in range(16)]


def array_head(count: int) -> bytes:
    """What begins an array of so many values."""
    return head(_ARRAY, count)


#: The same for as many values as there are by default.
ARRAYS: Final[List[bytes]] = [array_head(count) for count in range(101)]


# Values that are always the same.
NULL: Final = b"\xa1" + opening("null")
TRUE: Final = b"\xa2" + opening("boolean") + VALUE + b"\xf5"
FALSE: Final = b"\xa2" + opening("boolean") + VALUE + b"\xf4"
UNAVAILABLE_VALUE: Final = omitted_value("unavailable")
REDACTED_VALUE: Final = omitted_value("redacted")

#: Code points of a text whose head is made already: no more than are shown by default.
LONGEST: Final = 256
#: What texts begin with, by the number of their UTF-8 bytes, and small whole numbers: by far the most of all values.
STRING: Final = b"\xa2" + opening("string") + VALUE
STRINGS: Final[List[bytes]] = [STRING + head(3, size) for size in range(4 * LONGEST + 1)]
INT: Final = b"\xa2" + opening("int") + VALUE
SMALL_INTS: Final[List[bytes]] = [INT + head(0, value) for value in range(256)]

#: Members that say why something was left out, by the reason.
REASONS: Final[Dict[str, bytes]] = {
    reason: OMITTED + text(reason) for reason in ("depth", "items", "fields", "length", "bytes", "time", "unavailable")
}
