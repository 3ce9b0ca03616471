"""Fields, elements, sizes and records of each kind of Python value, and names that may not be read."""

from __future__ import annotations

import array
import collections
import datetime as dt
import sys
import types

import pytest
from tracepointdebug.reading import Carrier
from tracepointdebug.unavailable import UNAVAILABLE

from reading_classes import Both, Colour, Order, Pair, Point, Slotted, bag, shelf
from reading_world import World, field_of, holder, records, scalar, size_of, value_of

UTC = dt.timezone.utc

FIELDS = [
    ("a field", Point(), "x", {"int": "1"}),
    ("a field that is null", Point(), "y", {"null": None}),
    ("plain data of the class", Point(), "shared", {"string": "class"}),
    ("a missing field", Point(), "z", {"error": "no_such_field"}),
    ("a slot", Slotted(), "a", {"int": "1"}),
    ("an empty slot", Slotted(), "b", {"error": "no_such_field"}),
    ("a slot of a base", Both(), "a", {"int": "1"}),
    ("a field of a dataclass that stands in its class", Order.__new__(Order), "state", {"string": "new"}),
    ("an index of an object", Point(), 0, {"error": "no_such_field"}),
    ("a field of a named tuple", Pair(1, "b"), "right", {"string": "b"}),
    ("an index of a named tuple", Pair(1, "b"), 1, {"string": "b"}),
    ("a key", {"a": 1}, "a", {"int": "1"}),
    ("a missing key", {"a": 1}, "b", {"error": "no_such_key"}),
    ("an int key", {1: "a"}, 1, {"string": "a"}),
    ("a float key by an int", {1.0: "a"}, 1, {"string": "a"}),
    ("a bool key by an int", {True: "a"}, 1, {"error": "no_such_key"}),
    ("a key of a subclass of dict", shelf(), "a", {"int": "1"}),
    ("a field of a subclass of dict", shelf(), "label", {"string": "L"}),
    ("a method of dict is no key", shelf(), "items", {"error": "no_such_key"}),
    ("an element", [1, 2], 1, {"int": "2"}),
    ("an element behind the last", [1, 2], 2, {"error": "index"}),
    ("an element before the first", [1, 2], -1, {"error": "index"}),
    ("an element of a tuple", (1, 2), 1, {"int": "2"}),
    ("an element of a deque", collections.deque([1, 2]), 1, {"int": "2"}),
    ("an element of a range", range(5), 4, {"int": "4"}),
    ("an element of a huge range", range(10**30), 5, {"int": "5"}),
    ("an element of an array", array.array("i", [7]), 0, {"int": "7"}),
    ("an element of a set", {1}, 0, {"error": "no_such_overload"}),
    ("an element of a text", "ab", 0, {"error": "no_such_overload"}),
    ("an element of bytes", b"ab", 0, {"error": "no_such_overload"}),
    ("a field of a list", [1], "a", {"error": "no_such_overload"}),
    ("a field of a subclass of list", bag(), "label", {"string": "L"}),
    ("a field of None", None, "a", {"error": "null_deref"}),
    ("an index of None", None, 0, {"error": "null_deref"}),
    ("a field of what is not there", UNAVAILABLE, "a", {"error": "undeclared", "up": 1}),
    ("a field of an int", 5, "real", {"error": "no_such_overload"}),
    ("a field of a datetime", dt.datetime(2020, 1, 1, tzinfo=UTC), "year", {"error": "no_such_overload"}),
    ("a field of a function", len, "name", {"error": "no_such_overload"}),
    ("the name of an enum", Colour.RED, "name", {"string": "RED"}),
    ("the value of an enum", Colour.RED, "value", {"string": "r"}),
    ("a variable of a module", sys, "maxsize", {"int": str(sys.maxsize)}),
    ("plain data of a class itself", Point, "shared", {"string": "class"}),
    ("a part of a time of day", dt.time(7), "hour", {"int": "7"}),
    ("a field of a list that was cut", Carrier.cut([1], 9), 5, {"error": "truncated"}),
    ("a field of an error", Carrier.error(4), "a", {"error": "no_such_key"}),
]


@pytest.mark.parametrize(("value", "key", "wanted"), [pytest.param(*case[1:], id=case[0]) for case in FIELDS])
def test_field(value, key, wanted):
    assert field_of(value, key) == wanted


SIZES = [
    ("aé😀", 3),
    ("", 0),
    (b"abc", 3),
    ([1, 2], 2),
    ({1}, 1),
    ({"a": 1, (1,): 2}, 2),
    (collections.deque([1]), 1),
    (range(0, 10, 3), 4),
    (range(10, 0, -3), 4),
    (range(5, 5), 0),
    (array.array("i", [1]), 1),
    (Pair(1, 2), 2),
    (Point(), 2),
    (Slotted(), 1),
    (bag(), 1),
    (memoryview(b"abc"), 3),
]


@pytest.mark.parametrize(("value", "size"), SIZES, ids=[type(value).__name__ + str(size) for value, size in SIZES])
def test_size(value, size):
    assert size_of(value) == {"int": str(size)}


@pytest.mark.parametrize("value", [None, 5, 1.5, True, Colour.RED, len, object(), dt.date(2020, 1, 1)], ids=repr)
def test_what_has_no_size(value):
    assert size_of(value) == {"error": "no_such_overload", "unusable": True}


def test_records_of_every_collection():
    one = [[{"int": "1"}]]
    for value in (
        [1],
        (1,),
        {1},
        frozenset([1]),
        collections.deque([1]),
        range(1, 2),
        array.array("i", [1]),
        bag(),
        {1: "a"},
    ):
        assert records(value) == {"held": 1, "size": 1, "rows": one}
    assert records(Point())["rows"] == [[{"string": "x"}], [{"string": "y"}]]
    assert records(Pair(1, 2))["rows"] == [[{"string": "left"}], [{"string": "right"}]]
    for value in (None, 5, "ab", b"ab", dt.date(2020, 1, 1), len, Colour.RED):
        assert records(value) == {"error": "no_such_overload", "unusable": True}
    assert records(UNAVAILABLE) == {"error": "undeclared"}


def test_pairs_of_every_collection():
    for value in (["a"], ("a",), collections.deque(["a"])):
        assert records(value, go="pairs")["rows"] == [[{"int": "0"}, {"string": "a"}]]
    assert records({"k": "a", (1,): "b"}, go="pairs") == {
        "held": 1,
        "size": 2,
        "rows": [[{"string": "k"}, {"string": "a"}]],
    }
    assert records(Point(), go="pairs")["rows"] == [[{"string": "x"}, {"int": "1"}], [{"string": "y"}, {"null": None}]]
    assert records({1}, go="pairs") == {"error": "no_such_overload", "unusable": True}
    assert records(Pair(1, 2), go="pairs")["rows"][1] == [{"string": "right"}, {"int": "2"}]


def test_a_field_named_length_wins_over_the_size():
    def length_of(value):
        return World().read([holder({"key": "length", "slot": 0, "want": "scalar", "alias": True})], value)[0]

    assert length_of([1, 2]) == {"int": "2"}
    assert length_of("abc") == {"int": "3"}
    assert length_of({"length": "long"}) == {"string": "long"}
    assert length_of({"a": 1}) == {"int": "1"}
    assert length_of(types.SimpleNamespace(length=7)) == {"int": "7"}
    assert length_of(None) == {"error": "null_deref"}
    assert length_of(UNAVAILABLE) == {"error": "undeclared", "up": 1}
    assert length_of(5) == {"error": "no_such_overload", "unusable": True}


def test_names_that_may_not_be_read():
    def redact(name):
        return name == "token"

    world = World(redact=redact)
    wanted = {"error": "redacted"}
    assert world.read([holder(scalar("token"), scalar("a", 1))], {"token": "t", "a": 1}) == [wanted, {"int": "1"}]
    assert world.read([scalar("token")], "t") == [wanted]
    assert value_of({"token": "t"}, world=world) == {"map": [[{"string": "token"}, wanted]]}
    assert value_of(types.SimpleNamespace(token="t"), world=world)["object"]["fields"] == {"token": wanted}
    assert records([{"token": 1.0}] * 9, "token", world=world)["rows"][8] == [wanted]
    assert records({"token": 1}, go="pairs", world=world)["rows"] == [[{"string": "token"}, wanted]]
    assert b"secret" not in bytes(world.memory)
