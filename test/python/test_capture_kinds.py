"""Kinds of values: one row a kind, as Captured."""

from __future__ import annotations

import array
import asyncio
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import functools
import io
import json
import math
import pathlib
import threading
import types
import uuid
from typing import Any, Dict, List, NamedTuple

import pytest
from tracepointdebug.unavailable import UNAVAILABLE

from captures import captured, fields, number, text


class Order:
    kind = "class attribute, not shown"

    def __init__(self) -> None:
        self.id = 7

    @property
    def total(self) -> int:
        raise AssertionError

    class Line:
        pass


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self) -> None:
        self.b = 2


class Both(Slotted):
    def __init__(self) -> None:
        super().__init__()
        self.c = 3


@dataclasses.dataclass
class Point:
    x: int
    y: int = 2


class Pair(NamedTuple):
    left: int
    right: str


class Color(enum.Enum):
    RED = 1
    DEEP = (1, 2)


class Level(enum.IntEnum):
    HIGH = 3


class Name(str):  # noqa: SLOT000
    pass


class Age(int):
    pass


class Stack(list):
    pass


class Cache(dict):
    pass


class MissingError(KeyError):
    pass


def plain() -> None:
    pass


async def loading() -> None:
    pass


def generate():
    yield 1


_GENERATOR = generate()
_MOMENT = dt.datetime(2026, 11, 22, 10, 20, 30, 500000)  # noqa: DTZ001


def _array(items: List[Any], **more: Any) -> Dict[str, Any]:
    return {"type": "array", **more, "items": items}


def _opaque(name: str, **more: Any) -> Dict[str, Any]:
    return {"type": "opaque", "class": name, **more}


KINDS: List[Any] = [
    ("None", None, {"type": "null"}),
    ("True", True, {"type": "boolean", "value": True}),
    ("an int", 5, number(5)),
    ("a negative int", -5, number(-5)),
    ("an int of two bytes", 40_000, number(40_000)),
    ("the largest exact int", 2**53 - 1, number(2**53 - 1)),
    ("an int beyond what is exact everywhere", 2**53, {"type": "int", "value": "9007199254740992"}),
    ("a long int", -(10**30), {"type": "int", "value": "-1000000000000000000000000000000"}),
    ("an int too long to print", 1 << 5000, {"type": "int", "value": "", "size": 5001, "omitted": "length"}),
    ("a subclass of int", Age(33), {"type": "int", "class": "Age", "value": 33}),
    ("a long subclass of int", Age(2**60), {"type": "int", "class": "Age", "value": str(2**60)}),
    ("a float", 1.5, {"type": "number", "value": 1.5}),
    ("zero as float", 0.0, {"type": "number", "value": 0.0}),
    ("minus zero", -0.0, {"type": "number", "value": "-0"}),
    ("NaN", math.nan, {"type": "number", "value": "NaN"}),
    ("minus infinity", -math.inf, {"type": "number", "value": "-Infinity"}),
    ("a complex number", 1 + 2j, {"type": "complex", "value": "(1+2j)"}),
    ("a str", "text", text("text")),
    ("half a surrogate pair", "a\ud83d", text("a\ufffd")),
    ("a subclass of str", Name("bob"), {"type": "string", "class": "Name", "value": "bob"}),
    ("bytes", b"hi", {"type": "bytes", "class": "bytes", "value": b"hi"}),
    ("a bytearray", bytearray(b"hi"), {"type": "bytes", "class": "bytearray", "value": b"hi"}),
    ("a memoryview", memoryview(b"hi"), {"type": "bytes", "class": "memoryview", "value": b"hi"}),
    (
        "a memoryview of numbers",
        memoryview(array.array("H", [1])),
        {"type": "bytes", "class": "memoryview", "value": array.array("H", [1]).tobytes()},
    ),
    ("a memoryview with gaps", memoryview(b"abcd")[::2], {"type": "bytes", "class": "memoryview", "value": b"ac"}),
    ("a list", [1], _array([number(1)])),
    ("a subclass of list", Stack([1]), _array([number(1)], **{"class": "Stack"})),
    ("a tuple", (1, "a"), {"type": "tuple", "items": [number(1), text("a")]}),
    ("an empty tuple", (), {"type": "tuple", "items": []}),
    ("a deque", collections.deque([1]), _array([number(1)], **{"class": "deque"})),
    ("a set", {1}, {"type": "set", "items": [number(1)]}),
    ("a frozenset", frozenset({1}), {"type": "set", "class": "frozenset", "items": [number(1)]}),
    ("a range", range(1, 10, 2), {"type": "range", "value": "range(1, 10, 2)"}),
    ("an array", array.array("d", [1.5]), {"type": "typedarray", "class": "array", "items": [{"type": "number", "value": 1.5}]}),
    ("a dict", {"a": 1, 2: "b"}, {"type": "map", "entries": [[text("a"), number(1)], [number(2), text("b")]]}),
    ("a Counter", collections.Counter("a"), {"type": "map", "class": "Counter", "entries": [[text("a"), number(1)]]}),
    (
        "an OrderedDict",
        collections.OrderedDict(a=1),
        {"type": "map", "class": "OrderedDict", "entries": [[text("a"), number(1)]]},
    ),
    ("a mappingproxy", types.MappingProxyType({"a": 1}), {"type": "map", "class": "mappingproxy", "entries": [[text("a"), number(1)]]}),
    ("an object", Order(), {"type": "object", "class": "Order", "fields": [["id", number(7)]]}),
    ("an object of a nested class", Order.Line(), {"type": "object", "class": "Order.Line", "fields": []}),
    ("an object with slots, one of them empty", Slotted(), {"type": "object", "class": "Slotted", "fields": [["b", number(2)]]}),
    ("an object with slots and a dict", Both(), {"type": "object", "class": "Both", "fields": [["c", number(3)], ["b", number(2)]]}),
    ("a dataclass", Point(1), {"type": "object", "class": "Point", "fields": [["x", number(1)], ["y", number(2)]]}),
    ("a named tuple", Pair(1, "r"), {"type": "object", "class": "Pair", "fields": [["left", number(1)], ["right", text("r")]]}),
    ("a namespace", types.SimpleNamespace(a=1), {"type": "object", "class": "SimpleNamespace", "fields": [["a", number(1)]]}),
    ("an enum", Color.RED, {"type": "enum", "class": "Color", "value": "RED", "fields": [["value", number(1)]]}),
    (
        "an enum whose value is opened elsewhere",
        Color.DEEP,
        {"type": "enum", "class": "Color", "value": "DEEP", "fields": [["value", {"type": "omitted", "omitted": "depth"}]]},
    ),
    ("an IntEnum", Level.HIGH, {"type": "enum", "class": "Level", "value": "HIGH", "fields": [["value", number(3)]]}),
    ("a datetime without zone", _MOMENT, {"type": "date", "value": "2026-11-22T10:20:30.500"}),
    ("a datetime of whole seconds", _MOMENT.replace(microsecond=0), {"type": "date", "value": "2026-11-22T10:20:30"}),
    (
        "a datetime with a zone",
        _MOMENT.replace(microsecond=1, tzinfo=dt.timezone(dt.timedelta(hours=2))),
        {"type": "date", "value": "2026-11-22T08:20:30.000001Z"},
    ),
    ("a date", dt.date(2026, 11, 22), {"type": "date", "class": "date", "value": "2026-11-22"}),
    ("a time", dt.time(10, 20), {"type": "time", "class": "time", "value": "10:20:00"}),
    ("a timedelta", dt.timedelta(days=-1, milliseconds=500), {"type": "duration", "value": "-86399.5s"}),
    ("a Decimal", decimal.Decimal("1.10"), {"type": "decimal", "class": "Decimal", "value": "1.10"}),
    ("a Fraction", fractions.Fraction(3, 4), {"type": "decimal", "class": "Fraction", "value": "3/4"}),
    ("a UUID", uuid.UUID(int=1), {"type": "string", "class": "UUID", "value": "00000000-0000-0000-0000-000000000001"}),
    ("a path", pathlib.PurePosixPath("/a/b"), {"type": "string", "class": "PurePosixPath", "value": "/a/b"}),
    ("a function", plain, {"type": "function", "class": "function", "value": "plain"}),
    ("a bound method", Order().__init__, {"type": "function", "class": "method", "value": "Order.__init__"}),
    ("a built-in function", len, {"type": "function", "class": "builtin_function_or_method", "value": "len"}),
    ("a class", Order, {"type": "function", "class": "class", "value": "Order"}),
    ("a module", json, _opaque("module", value="json")),
    ("a generator", _GENERATOR, _opaque("generator")),
    ("an iterator", iter([1]), _opaque("iterator")),
    ("a lock", threading.Lock(), _opaque("lock")),
    ("a file", io.StringIO("x"), _opaque("file")),
    ("a bare object", object(), _opaque("object")),
    ("a variable without a value", UNAVAILABLE, {"type": "omitted", "omitted": "unavailable"}),
]  # fmt: skip


@pytest.mark.parametrize(("value", "wanted"), [row[1:] for row in KINDS], ids=[row[0] for row in KINDS])
def test_captures(value: object, wanted: Dict[str, Any]) -> None:
    assert captured(value) == wanted


def test_captures_a_coroutine_without_running_it() -> None:
    coroutine = loading()
    assert captured(coroutine) == _opaque("coroutine")
    asyncio.run(coroutine)


def test_a_generator_stands_where_it_stood() -> None:
    assert next(_GENERATOR) == 1


def test_a_cached_function_is_not_called() -> None:
    calls: List[int] = []
    cached = functools.lru_cache(maxsize=None)(calls.append)
    assert captured(cached)["type"] == "function"
    assert calls == []


def test_a_defaultdict_gets_no_keys() -> None:
    counts = collections.defaultdict(list, a=[1])
    assert captured(counts)["entries"] == [[text("a"), _array([number(1)])]]
    assert list(counts) == ["a"]


def test_a_subclass_of_a_container_shows_its_own_fields_too() -> None:
    cache = Cache(a=1)
    cache.hits = 3
    assert captured(cache) == {
        "type": "map",
        "class": "Cache",
        "entries": [[text("a"), number(1)]],
        "fields": [["hits", number(3)]],
    }


def test_an_exception_tells_message_fields_and_cause() -> None:
    error = ValueError("bad")
    error.code = 5
    error.__cause__ = MissingError("key")
    assert captured(error) == {
        "type": "error",
        "class": "ValueError",
        "value": "bad",
        "fields": [["code", number(5)]],
        "cause": {"type": "error", "class": "MissingError", "value": "key", "fields": []},
    }


def test_an_exception_with_several_arguments_shows_them() -> None:
    made = captured(OSError(2, "no such file"))
    assert made["value"] == "no such file"
    assert fields(made)["args"]["items"] == [number(2), text("no such file")]


def test_what_an_exception_came_from_is_its_cause_unless_that_is_suppressed() -> None:
    def failed(suppress: bool) -> Exception:
        try:
            try:
                raise KeyError("first")
            except KeyError:
                if suppress:
                    raise ValueError("then") from None
                raise ValueError("then")  # noqa: B904
        except ValueError as error:
            return error

    assert captured(failed(suppress=False))["cause"]["value"] == "first"
    assert "cause" not in captured(failed(suppress=True))


def test_a_class_made_in_a_function_is_called_without_it() -> None:
    class Local:
        pass

    assert captured(Local())["class"] == "Local"


@pytest.fixture
def numpy() -> Any:
    return pytest.importorskip("numpy")


def test_scalars_of_numpy_are_numbers_with_their_class(numpy: Any) -> None:
    assert captured(numpy.float64(1.5)) == {"type": "number", "class": "float64", "value": 1.5}
    assert captured(numpy.int64(7)) == {"type": "int", "class": "int64", "value": 7}
    assert captured(numpy.bool_(True))["value"] is True


def test_a_row_of_numpy_shows_its_first_elements(numpy: Any) -> None:
    made = captured(numpy.arange(500), items=2)
    assert made == {
        "type": "typedarray",
        "class": "ndarray",
        "items": [number(0), number(1)],
        "size": 500,
        "omitted": "items",
    }


def test_a_table_of_numpy_shows_its_shape(numpy: Any) -> None:
    assert captured(numpy.zeros((3, 2))) == _opaque("ndarray", value="(3, 2)")
