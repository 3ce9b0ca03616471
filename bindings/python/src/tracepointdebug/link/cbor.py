"""The CBOR of the link: a small subset with limits, so that a hostile frame costs nothing but its refusal.

Integers that a double holds exactly, doubles, text, byte strings, lists, maps with text keys, true, false, null. No tags, no
indefinite lengths. Knows no sockets and no messages.
"""

from __future__ import annotations

import struct
from typing import Any, Callable, Dict, List, Type

from .._limits import LINK_LIMITS
from ..errors import LinkError

_MAX_DEPTH = LINK_LIMITS["depth"]
_MAX_ITEMS = LINK_LIMITS["items"]

# The other side has doubles for numbers.
_MAX_INT = (1 << 53) - 1

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_FALSE, _TRUE, _NULL = b"\xf4", b"\xf5", b"\xf6"

_double = struct.Struct(">Bd")
_f16 = struct.Struct(">e")
_f32 = struct.Struct(">f")
_f64 = struct.Struct(">d")
_u16 = struct.Struct(">BH")
_u32 = struct.Struct(">BI")
_u64 = struct.Struct(">BQ")


class Encoded(bytes):
    """CBOR of one value, made elsewhere: goes into a frame as it is."""


def encode(value: Any) -> bytes:
    """Any value of the subset, as bytes. Raises LinkError for another: that is a fault of ours, never of the program."""
    out = bytearray()
    _put(out, value, 0)
    return bytes(out)


def _head(out: bytearray, major: int, count: int) -> None:
    first = major << 5
    if count < 24:
        out.append(first | count)
    elif count < 0x100:
        out += bytes((first | 24, count))
    elif count < 0x10000:
        out += _u16.pack(first | 25, count)
    elif count < 0x100000000:
        out += _u32.pack(first | 26, count)
    else:
        out += _u64.pack(first | 27, count)


def _put(out: bytearray, value: Any, depth: int) -> None:
    put = _PUTS.get(type(value))
    if put is None:
        raise _unencodable(f"a value of the class {type(value).__name__}")
    if depth > _MAX_DEPTH:
        raise _unencodable(f"a value nested more than {_MAX_DEPTH} deep")
    put(out, value, depth)


def _put_null(out: bytearray, value: None, depth: int) -> None:
    out += _NULL


def _put_bool(out: bytearray, value: bool, depth: int) -> None:
    out += _TRUE if value else _FALSE


def _put_int(out: bytearray, value: int, depth: int) -> None:
    if not -_MAX_INT <= value <= _MAX_INT:
        raise _unencodable("an integer over 2^53")
    if value >= 0:
        _head(out, _UNSIGNED, value)
    else:
        _head(out, _NEGATIVE, -1 - value)


def _put_float(out: bytearray, value: float, depth: int) -> None:
    out += _double.pack(0xFB, value)


def _put_text(out: bytearray, value: str, depth: int) -> None:
    data = utf8(value)
    _head(out, _TEXT, len(data))
    out += data


def _put_bytes(out: bytearray, value: bytes, depth: int) -> None:
    _head(out, _BYTES, len(value))
    out += value


def _put_encoded(out: bytearray, value: Encoded, depth: int) -> None:
    out += value


def _put_list(out: bytearray, value: Any, depth: int) -> None:
    _head(out, _ARRAY, len(value))
    for item in value:
        _put(out, item, depth + 1)


def _put_map(out: bytearray, value: Dict[str, Any], depth: int) -> None:
    _head(out, _MAP, len(value))
    for key, item in value.items():
        if type(key) is not str:
            raise _unencodable("a key that is no text")
        _put_text(out, key, depth)
        _put(out, item, depth + 1)


_PUTS: Dict[Type[Any], Callable[[bytearray, Any, int], None]] = {
    type(None): _put_null,
    bool: _put_bool,
    int: _put_int,
    float: _put_float,
    str: _put_text,
    bytes: _put_bytes,
    bytearray: _put_bytes,
    Encoded: _put_encoded,
    list: _put_list,
    tuple: _put_list,
    dict: _put_map,
}


def utf8(text: str) -> bytes:
    """Text as UTF-8. A half of a surrogate pair, which Python allows and UTF-8 does not, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


def _unencodable(what: str) -> LinkError:
    return LinkError("internal", f"A frame of the agent would hold {what}.", "This is our fault: report it.")


def decode(data: bytes) -> Any:
    """The one value that the bytes stand for. Raises LinkError where they are not of the subset or over a limit."""
    decoder = _Decoder(data)
    value = decoder.value(0)
    if decoder.at != len(data):
        raise _malformed("bytes follow the value")
    return value


class _Decoder:
    __slots__ = ("_data", "_left", "at")

    def __init__(self, data: bytes) -> None:
        self.at = 0
        self._data = data
        self._left = _MAX_ITEMS

    def value(self, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            raise _over(f"it has more than {_MAX_ITEMS} values")
        if depth > _MAX_DEPTH:
            raise _over(f"it is nested more than {_MAX_DEPTH} deep")
        first = self._take(1)[0]
        major, extra = first >> 5, first & 31
        if major == _SIMPLE:
            return self._simple(extra)
        count = self._count(extra)
        if major <= _NEGATIVE:
            number = count if major == _UNSIGNED else -1 - count
            if not -_MAX_INT <= number <= _MAX_INT:
                raise _malformed("an integer is over 2^53")
            return number
        if major == _BYTES:
            return self._take(count)
        if major == _TEXT:
            return self._text(count)
        if major == _ARRAY:
            return self._list(count, depth)
        if major == _MAP:
            return self._map(count, depth)
        raise _malformed("it has a tag")

    def _take(self, count: int) -> bytes:
        end = self.at + count
        if end > len(self._data):
            raise _malformed("it ends too early")
        taken = self._data[self.at : end]
        self.at = end
        return taken

    def _count(self, extra: int) -> int:
        if extra < 24:
            return extra
        if extra > 27:
            raise _malformed("it has an indefinite or reserved length")
        return int.from_bytes(self._take(1 << (extra - 24)), "big")

    def _simple(self, extra: int) -> Any:
        if extra in {20, 21}:
            return extra == 21
        if extra == 22:
            return None
        if extra == 25:
            return _f16.unpack(self._take(2))[0]
        if extra == 26:
            return _f32.unpack(self._take(4))[0]
        if extra == 27:
            return _f64.unpack(self._take(8))[0]
        raise _malformed("it has a simple value other than true, false and null")

    def _text(self, count: int) -> str:
        try:
            return self._take(count).decode()
        except UnicodeDecodeError:
            raise _malformed("a text is not UTF-8") from None

    def _room(self, count: int, each: int) -> None:
        # A count that the rest of the bytes cannot hold is refused before anything is made for it.
        if count * each > len(self._data) - self.at:
            raise _malformed("it ends too early")

    def _list(self, count: int, depth: int) -> List[Any]:
        self._room(count, 1)
        return [self.value(depth + 1) for _ in range(count)]

    def _map(self, count: int, depth: int) -> Dict[str, Any]:
        self._room(count, 2)
        found: Dict[str, Any] = {}
        for _ in range(count):
            key = self.value(depth + 1)
            if type(key) is not str:
                raise _malformed("a key is no text")
            if key in found:
                raise _malformed("a key is there twice")
            found[key] = self.value(depth + 1)
        return found


def _malformed(why: str) -> LinkError:
    return LinkError("malformed", f"A frame cannot be read: {why}.", "Use the same release of agent and host.")


def _over(why: str) -> LinkError:
    return LinkError("limit", f"A frame is over a limit: {why}.", "Use the same release of agent and host.")
