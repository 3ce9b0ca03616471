"""Tagged JSON values to Python's natural values and, from a slot of the guest, back: `{"int": "1"}`, `{"list": [...]}`.

For `eval` and the shared vectors only; nothing of it runs on a hit. Mirrors host/tagged.ts.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import enum
import math
import re
import struct
from typing import Any, Dict, Final, List, NoReturn, Tuple

from . import _abi as abi
from ._limits import ERROR_CODES
from .errors import AgentError
from .reading import Carrier, Duration

#: A value with its type, as JSON has it. One key, and `truncated` beside it where a part of the value was cut.
Tagged = Dict[str, Any]

#: Values within values that are turned around.
MAX_DEPTH: Final = 64
_SPECIAL_DOUBLES: Final = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf, "-0": -0.0}
_SECOND: Final = 1_000_000_000
_UNITS: Final = {
    "h": 3600 * _SECOND,
    "m": 60 * _SECOND,
    "s": _SECOND,
    "ms": 1_000_000,
    "us": 1000,
    "µs": 1000,
    "ns": 1,
}
_INTEGER = re.compile(r"-?[0-9]{1,20}")
_TIMESTAMP = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DURATION = re.compile(r"-?([0-9]+(\.[0-9]+)?(h|ms|m|s|us|µs|ns))+")
_DURATION_PART = re.compile(r"([0-9]+)(?:\.([0-9]+))?(h|ms|m|s|us|µs|ns)")


class TaggedError(AgentError):
    """Something is no tagged value."""


def _wrong(what: str) -> NoReturn:
    raise TaggedError(
        "tagged_value",
        f"not a tagged value: {what}",
        'Write one such as {"int":"1"} or {"list":[{"string":"a"}]}.',
    )


# ## To Python


def from_tagged(tagged: object) -> Any:
    """The natural Python value of a tagged one: an object is an instance of a class of that name. Throws TaggedError."""
    return _natural(tagged, 0)


def _natural(tagged: object, depth: int) -> Any:
    if depth > MAX_DEPTH:
        _wrong(f"more than {MAX_DEPTH} levels")
    if not isinstance(tagged, dict):
        _wrong(repr(tagged)[:100])
    if len(tagged) != 1:
        _wrong(f"it has {'more than one' if tagged else 'no'} tag")
    ((tag, content),) = tagged.items()
    if tag == "int":
        return _integer(content, -(2**63), 2**63 - 1)
    if tag == "uint":
        value = _integer(content, 0, 2**64 - 1)
        return value if value >> 63 else Carrier.uint(value)
    if tag == "double":
        if isinstance(content, str) and content in _SPECIAL_DOUBLES:
            return _SPECIAL_DOUBLES[content]
        if isinstance(content, bool) or not isinstance(content, (int, float)):
            _wrong("a double that is no number")
        return float(content)
    if tag == "bool":
        return content if isinstance(content, bool) else _wrong("a bool that is no boolean")
    if tag == "null":
        return None
    if tag == "string":
        return _text(content)
    if tag == "bytes":
        return _bytes(_text(content))
    if tag == "list":
        return [_natural(item, depth + 1) for item in _list(content)]
    if tag == "map":
        return dict(_entry(pair, depth + 1) for pair in _list(content))
    if tag == "type":
        return Carrier.type(_text(content))
    if tag == "timestamp":
        return _timestamp(_text(content))
    if tag == "duration":
        return _duration(_text(content))
    if tag == "object":
        return _instance(_record(content), depth + 1)
    if tag == "enum":
        return _member(_record(content), depth + 1)
    if tag == "error":
        return Carrier.error(_error_code(_text(content)))
    return _wrong(f"`{tag}` is no tag of an input")


def _text(content: object) -> str:
    return content if isinstance(content, str) else _wrong("a text is missing")


def _list(content: object) -> List[Any]:
    return content if isinstance(content, list) else _wrong("a list is missing")


def _record(content: object) -> Dict[str, Any]:
    return content if isinstance(content, dict) else _wrong("an object is missing")


def _integer(content: object, least: int, most: int) -> int:
    if not isinstance(content, str) or not _INTEGER.fullmatch(content):
        _wrong("a whole number is written as decimal text")
    value = int(content)
    return value if least <= value <= most else _wrong(f"{content} is out of range")


def _bytes(text: str) -> bytes:
    try:
        # Without padding, too, as a browser reads it.
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        return _wrong("bytes are written in base64")


def _entry(pair: object, depth: int) -> Tuple[Any, Any]:
    """A uint key becomes an int: a dict finds no carrier again."""
    parts = _list(pair)
    if len(parts) != 2:
        _wrong("an entry of a map has a key and a value")
    key = _natural(parts[0], depth)
    if isinstance(key, Carrier) and key.kind == "uint":
        key = key.first
    try:
        hash(key)
    except TypeError:
        _wrong("a key of a map that Python cannot have")
    return key, _natural(parts[1], depth)


def _instance(content: Dict[str, Any], depth: int) -> object:
    """An instance of a class of that name that has nothing else."""
    made = empty_instance(_text(content.get("class")))
    for name, value in _record(content.get("fields")).items():
        made.__dict__[name] = _natural(value, depth)
    return made


def empty_instance(class_name: str) -> Any:
    """An object without fields whose class has the name."""
    try:
        return type(class_name, (), {})()
    except ValueError:
        return _wrong(f"Python cannot have a class {class_name!r}")


def _member(content: Dict[str, Any], depth: int) -> object:
    """A member of a real Enum where Python can have one of the name."""
    class_name, name = _text(content.get("class")), _text(content.get("name"))
    value = _natural(content.get("value"), depth)
    if (
        class_name.isidentifier()
        and name.isidentifier()
        and not name.startswith("_")
        and name not in ("mro", "name", "value")
    ):
        make: Any = enum.Enum
        member: object = make(class_name, {name: value})[name]
        return member
    return Carrier.enum(class_name, name, value)


def _error_code(name: str) -> int:
    for code, known in ERROR_CODES.items():
        if known == name:
            return code
    return _wrong(f"`{name}` is no error code")


def _timestamp(source: str) -> object:
    """A datetime where that is exact."""
    match = _TIMESTAMP.fullmatch(source)
    try:
        if match is None:
            raise ValueError
        whole = dt.datetime(*(int(part) for part in match.groups()[:6]))  # type: ignore[arg-type]  # noqa: DTZ001
        zone = match.group(8)
        offset = 0 if zone == "Z" else int(zone[0] + "1") * (int(zone[1:3]) * 3600 + int(zone[4:6]) * 60)
    except ValueError:
        _wrong(f"`{source}` is no RFC 3339 timestamp")
    nanoseconds = int((match.group(7) or "").ljust(9, "0"))
    span = whole - dt.datetime(1970, 1, 1)  # noqa: DTZ001
    seconds = span.days * 86_400 + span.seconds - offset
    if nanoseconds % 1000 == 0:
        try:
            moment = whole.replace(microsecond=nanoseconds // 1000) - dt.timedelta(seconds=offset)
            return moment.replace(tzinfo=dt.timezone.utc)
        except OverflowError:
            pass  # a year that only another zone has
    return Carrier.timestamp(seconds, nanoseconds)


def _duration(source: str) -> object:
    """A timedelta where that is exact."""
    if source != "0" and not _DURATION.fullmatch(source):
        _wrong(f"`{source}` is no duration")
    total = 0
    for whole, fraction, unit in _DURATION_PART.findall(source):
        scale = _UNITS[unit]
        total += int(whole) * scale + int(fraction or "0") * scale // 10 ** len(fraction)
    if source.startswith("-"):
        total = -total
    if not -(2**63) <= total < 2**63:
        _wrong(f"`{source}` is out of range")
    return Duration(total) if total % 1000 else dt.timedelta(microseconds=total // 1000)


# ## From a slot


def to_tagged(memory: memoryview, slot: int) -> Tagged:
    """The value in a result slot, with what hangs on it. `memory`: that of the guest, as bytes."""
    return _SlotReader(memory).value(slot, 0)


class _SlotReader:
    def __init__(self, memory: memoryview) -> None:
        self._memory = memory

    def value(self, slot: int, depth: int) -> Tagged:
        tag = self._i32(slot)
        made: Tagged = {"error": "truncated"} if depth > MAX_DEPTH else self._content(slot, tag, depth)
        if tag & abi.FLAG_TRUNCATED:
            made["truncated"] = True
        return made

    def _content(self, slot: int, tag: int, depth: int) -> Tagged:
        payload = slot + abi.SLOT_PAYLOAD
        kind = tag & abi.TAG_MASK
        if kind == abi.TAG_NULL:
            return {"null": None}
        if kind == abi.TAG_BOOL:
            return {"bool": self._i32(payload) != 0}
        if kind == abi.TAG_INT:
            return {"int": str(self._unpack("<q", payload))}
        if kind == abi.TAG_UINT:
            return {"uint": str(self._unpack("<Q", payload))}
        if kind == abi.TAG_DOUBLE:
            return {"double": _tagged_double(self._unpack("<d", payload))}
        if kind == abi.TAG_BIG:
            return {"big": self._text(self._i32(payload) + 8, self._length(slot))}
        if kind == abi.TAG_STRING:
            return {"string": self._text_of(slot)}
        if kind == abi.TAG_BYTES:
            return {"bytes": base64.b64encode(self._bytes(self._i32(payload), self._length(slot))).decode("ascii")}
        if kind == abi.TAG_TIMESTAMP:
            return {"timestamp": _timestamp_text(self._unpack("<q", payload), self._length(slot))}
        if kind == abi.TAG_DURATION:
            return {"duration": _duration_text(self._unpack("<q", payload))}
        if kind == abi.TAG_LIST:
            items = [self.value(item, depth + 1) for (item,) in self._slots(slot, 0, 1)]
            return {"set" if tag & abi.FLAG_SET else "list": items}
        if kind == abi.TAG_MAP:
            return {"map": self._pairs(slot, 0, depth)}
        if kind == abi.TAG_OBJECT:
            fields = {key["string"]: value for key, value in self._pairs(slot, abi.SLOT_BYTES, depth)}
            return {"object": {"class": self._text_of(self._i32(payload)), "fields": fields}}
        if kind == abi.TAG_ENUM:
            at = self._i32(payload)
            value = self.value(at + 2 * abi.SLOT_BYTES, depth + 1)
            return {"enum": {"class": self._text_of(at), "name": self._text_of(at + abi.SLOT_BYTES), "value": value}}
        if kind == abi.TAG_OPTIONAL:
            at = self._i32(payload)
            return {"optional": None if at == 0 else self.value(at, depth + 1)}
        if kind == abi.TAG_TYPE:
            return {"type": self._text_of(slot)}
        if kind == abi.TAG_OPAQUE:
            return {"opaque": self._text_of(slot)}
        if kind == abi.TAG_ERROR:
            return {"error": error_name(self._length(slot))}
        return {"error": "internal"}

    def _unpack(self, form: str, at: int) -> Any:
        return struct.unpack_from(form, self._memory, at)[0]

    def _i32(self, at: int) -> int:
        return int(self._unpack("<i", at))

    def _length(self, slot: int) -> int:
        return self._i32(slot + abi.SLOT_LENGTH)

    def _bytes(self, at: int, length: int) -> bytes:
        return bytes(self._memory[at : at + length])

    def _text(self, at: int, length: int) -> str:
        return self._bytes(at, length).decode("utf-8", "replace")

    def _text_of(self, slot: int) -> str:
        return self._text(self._i32(slot + abi.SLOT_PAYLOAD), self._length(slot))

    def _slots(self, slot: int, skip: int, width: int) -> List[List[int]]:
        """Addresses of the held elements, `width` slots each, `skip` bytes behind the pointer."""
        start = self._i32(slot + abi.SLOT_PAYLOAD) + skip
        count = self._i32(slot + abi.SLOT_COUNT)
        return [[start + (i * width + j) * abi.SLOT_BYTES for j in range(width)] for i in range(count)]

    def _pairs(self, slot: int, skip: int, depth: int) -> List[List[Tagged]]:
        return [[self.value(at, depth + 1) for at in pair] for pair in self._slots(slot, skip, 2)]


def error_name(packed: int) -> str:
    """The name of a run-time error, such as `no_such_field`. Accepts a whole packed error."""
    return ERROR_CODES.get(packed & abi.ERR_CODE_MASK, "internal")


def _tagged_double(value: float) -> object:
    """A number as JSON and JavaScript write it: a whole one without a point."""
    if value == 0 and math.copysign(1, value) < 0:
        return "-0"
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _fraction_text(nanoseconds: int) -> str:
    digits = f"{nanoseconds:09d}".rstrip("0")
    return f".{digits}" if digits else ""


def _timestamp_text(seconds: int, nanoseconds: int) -> str:
    """RFC 3339 in UTC."""
    whole = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)  # noqa: DTZ001
    return f"{whole.isoformat()}{_fraction_text(nanoseconds)}Z"


def _duration_text(nanoseconds: int) -> str:
    size = abs(nanoseconds)
    return f"{'-' if nanoseconds < 0 else ''}{size // _SECOND}{_fraction_text(size % _SECOND)}s"
