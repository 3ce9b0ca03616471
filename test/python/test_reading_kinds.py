"""Each kind of Python value as the language sees it (language.md section 3, the column of Python)."""

from __future__ import annotations

import array
import collections
import datetime as dt
import decimal
import fractions
import functools
import io
import pathlib
import sys
import threading
import types
import uuid

import pytest
from tracepointdebug.reading import Carrier, Duration
from tracepointdebug.unavailable import UNAVAILABLE

from reading_classes import (
    Access,
    Age,
    Both,
    Colour,
    Level,
    Money,
    Order,
    OrderError,
    Pair,
    Point,
    Rate,
    Slotted,
    bag,
    shelf,
)
from reading_world import World, field_of, scalar, value_of


def natural(value):
    """The tags of a plain Python value."""
    if value is None:
        return {"null": None}
    kind = {bool: "bool", int: "int", float: "double", str: "string"}[type(value)]
    return {kind: str(value) if kind == "int" else value}


def obj(name, **fields):
    return {"object": {"class": name, "fields": {key: natural(value) for key, value in fields.items()}}}


UTC = dt.timezone.utc
EAST = dt.timezone(dt.timedelta(hours=2))
EMPTY: types.SimpleNamespace = types.SimpleNamespace()

VALUES = [
    ("None", None, {"null": None}),
    ("True before int", True, {"bool": True}),
    ("an int", 5, {"int": "5"}),
    ("the least int", -(2**63), {"int": str(-(2**63))}),
    ("an int above an int64", 2**63, {"uint": str(2**63)}),
    ("an int above a uint64", 2**64, {"big": str(2**64)}),
    ("an int below an int64", -(2**63) - 1, {"big": str(-(2**63) - 1)}),
    ("a subclass of int", Age(5), {"int": "5"}),
    ("a float", 1.5, {"double": 1.5}),
    ("a subclass of float", Rate(1.5), {"double": 1.5}),
    ("a complex", 1 + 2j, obj("complex", real=1.0, imag=2.0)),
    ("a Decimal", decimal.Decimal("1.50"), {"big": "1.50"}),
    ("a Decimal that is no number", decimal.Decimal("NaN"), {"double": "NaN"}),
    ("an infinite Decimal", decimal.Decimal("-Infinity"), {"double": "-Infinity"}),
    ("a Fraction", fractions.Fraction(1, 4), {"double": 0.25}),
    ("a text", "aé😀", {"string": "aé😀"}),
    ("lone surrogates", "a\ud800\udc00b", {"string": "a\ufffd\ufffdb"}),
    ("a character next to the surrogates", "\ud7ff\ue000", {"string": "\ud7ff\ue000"}),
    ("a subclass of str", Money("5 €"), {"string": "5 €"}),
    ("bytes", b"ab", {"bytes": "YWI="}),
    ("a bytearray", bytearray(b"ab"), {"bytes": "YWI="}),
    ("a memoryview", memoryview(b"abcd")[1:3], {"bytes": "YmM="}),
    ("a memoryview of numbers", memoryview(array.array("H", [1])), {"bytes": "AQA="}),
    ("a memoryview with gaps", memoryview(b"abcd")[::2], {"opaque": "memoryview"}),
    ("a UUID", uuid.UUID(int=255), {"string": "00000000-0000-0000-0000-0000000000ff"}),
    ("a path", pathlib.PurePosixPath("/a//b/./c"), {"string": "/a/b/c"}),
    ("a relative path", pathlib.Path("a", "b"), {"string": "a/b"}),
    ("no path", pathlib.Path(), {"string": "."}),
    ("a list", [1, "a"], {"list": [{"int": "1"}, {"string": "a"}]}),
    ("a tuple", (1,), {"list": [{"int": "1"}]}),
    ("a deque", collections.deque([1]), {"list": [{"int": "1"}]}),
    ("a range", range(1, 6, 2), {"list": [{"int": "1"}, {"int": "3"}, {"int": "5"}]}),
    ("an array", array.array("d", [1.5]), {"list": [{"double": 1.5}]}),
    ("a set", {1}, {"set": [{"int": "1"}]}),
    ("a frozenset", frozenset("a"), {"set": [{"string": "a"}]}),
    ("a subclass of list", bag(), {"list": [{"int": "1"}]}),
    ("a dict", {"a": 1}, {"map": [[{"string": "a"}, {"int": "1"}]]}),
    ("a subclass of dict", shelf(), {"map": [[{"string": "a"}, {"int": "1"}]]}),
    ("a defaultdict", collections.defaultdict(int, a=1), {"map": [[{"string": "a"}, {"int": "1"}]]}),
    ("an OrderedDict", collections.OrderedDict(a=1), {"map": [[{"string": "a"}, {"int": "1"}]]}),
    ("a Counter", collections.Counter("a"), {"map": [[{"string": "a"}, {"int": "1"}]]}),
    ("a mappingproxy", types.MappingProxyType({"a": 1}), {"map": [[{"string": "a"}, {"int": "1"}]]}),
    ("keys that cannot be seen", {(1, 2): 1, "a": 2, 1.5: 3}, {"map": [[{"string": "a"}, {"int": "2"}]]}),
    (
        "a ChainMap is an object",
        collections.ChainMap({}),
        {"object": {"class": "ChainMap", "fields": {"maps": {"list": [{"map": []}]}}}},
    ),
    ("an instance", Point(), obj("Point", x=1, y=None)),
    ("an instance with slots, one of them empty", Slotted(), obj("Slotted", a=1)),
    ("an instance with slots and a dict", Both(), obj("Both", c=3, a=1)),
    ("a dataclass", Order(7), {"object": {"class": "Order", "fields": {"id": {"int": "7"}, "lines": {"list": []}}}}),
    ("a named tuple", Pair(1, "b"), obj("Pair", left=1, right="b")),
    ("a namespace", types.SimpleNamespace(a=1), obj("SimpleNamespace", a=1)),
    ("an enum", Colour.RED, {"enum": {"class": "Colour", "name": "RED", "value": {"string": "r"}}}),
    ("an enum that is an int", Level.LOW, {"enum": {"class": "Level", "name": "LOW", "value": {"int": "1"}}}),
    ("a flag", Access.READ, {"enum": {"class": "Access", "name": "READ", "value": {"int": "1"}}}),
    ("a datetime", dt.datetime(2020, 1, 1, 1, 2, 3, 500, tzinfo=EAST), {"timestamp": "2019-12-31T23:02:03.0005Z"}),
    (
        "a datetime before 1970",
        dt.datetime(1969, 12, 31, 23, 59, 59, 1, tzinfo=UTC),
        {"timestamp": "1969-12-31T23:59:59.000001Z"},
    ),
    ("a datetime out of range", dt.datetime(1, 1, 1, tzinfo=EAST), {"error": "overflow"}),
    ("a time of day", dt.time(1, 2, 3, 4), obj("time", hour=1, minute=2, second=3, microsecond=4)),
    ("a timedelta", dt.timedelta(days=-1, microseconds=1), {"duration": "-86399.999999s"}),
    ("a timedelta out of range", dt.timedelta.max, {"error": "overflow"}),
    ("a duration of the agent", Duration(1_500_000_001), {"duration": "1.500000001s"}),
    ("a variable that cannot be read", UNAVAILABLE, {"error": "undeclared"}),
    ("an error", Carrier.error(4), {"error": "no_such_key"}),
    ("a uint", Carrier.uint(1), {"uint": "1"}),
    ("a type", Carrier.type("int"), {"type": "int"}),
    ("an instant of nanoseconds", Carrier.timestamp(0, 1), {"timestamp": "1970-01-01T00:00:00.000000001Z"}),
    ("a list of which a part is left", Carrier.cut([1], 9), {"list": [{"int": "1"}], "truncated": True}),
]


@pytest.mark.parametrize(("value", "wanted"), [pytest.param(value, wanted, id=name) for name, value, wanted in VALUES])
def test_value(value, wanted):
    assert value_of(value) == wanted


def test_naive_times_are_flagged():
    world = World()
    for value, flagged in (
        (dt.datetime(2020, 1, 1), True),  # noqa: DTZ001
        (dt.date(2020, 1, 1), True),
        (dt.datetime(2020, 1, 1, tzinfo=UTC), False),
    ):
        assert value_of(value, world=world) == {"timestamp": "2020-01-01T00:00:00Z"}
        start = 0x12000
        assert bool(world.memory[start + 1] & 0x04) is flagged


def test_keys_of_several_kinds():
    found = value_of({1: "a", 2.0: "c", "k": "d", False: "e", Level.LOW: "f" if 0 else "a"})["map"]
    assert [key for key, _ in found] == [{"int": "1"}, {"double": 2.0}, {"string": "k"}, {"bool": False}]


def opaques():
    async def coroutine():
        pass

    async def asynchronous():
        yield

    def plain():
        pass

    started = coroutine()
    started.close()
    return [
        (plain, "function plain"),
        (len, "function len"),
        ([].append, "function append"),
        (str.upper, "function upper"),
        (Point().__init__, "function __init__"),
        (functools.lru_cache(maxsize=None)(plain), "function plain"),
        (Point, "class Point"),
        (int, "class int"),
        (sys, "module sys"),
        ((index for index in range(3)), "generator"),
        (started, "coroutine"),
        (asynchronous(), "async generator"),
        (iter([]), "iterator"),
        (iter({}), "iterator"),
        (threading.Lock(), "lock"),
        (io.StringIO("a"), "file"),
        (functools.partial(plain), "partial"),
        (object(), "object"),
        (NotImplemented, "NotImplementedType"),
    ]


def test_what_is_not_for_reading_has_a_label():
    assert [value_of(value) for value, _ in opaques()] == [{"opaque": label} for _, label in opaques()]


def test_opaque_values_are_told_apart():
    world = World()
    first, second = object(), object()
    world.read([scalar("a", 0), scalar("b", 1), scalar("c", 2)], first, second, first)
    identities = [world.memory[0x12000 + slot * 16 + 12] for slot in range(3)]
    assert identities == [1, 2, 1]


def test_an_exception_without_asking_for_its_text():
    found = value_of(OrderError(5))["object"]
    assert found == {
        "class": "OrderError",
        "fields": {
            "type": {"string": "OrderError"},
            "message": {"string": "it failed"},
            "args": {"list": [{"string": "it failed"}, {"int": "5"}]},
            "code": {"int": "5"},
        },
    }
    assert field_of(OSError(2, "no such file"), "message") == {"string": "no such file"}
    assert field_of(OSError(2, "no such file"), "errno") == {"int": "2"}
    assert field_of(KeyError("k"), "message") == {"string": "k"}
    assert field_of(KeyError(), "message") == {"string": ""}
    assert field_of(KeyError(), "nothing") == {"error": "no_such_field"}
