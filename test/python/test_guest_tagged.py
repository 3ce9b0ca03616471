"""Tagged values to natural Python values, and what is none."""

from __future__ import annotations

import datetime as dt
import enum
import math
import struct

import pytest
from tracepointdebug.batch import json_line, number_text, value_text
from tracepointdebug.reading import Carrier, Duration
from tracepointdebug.tagged import MAX_DEPTH, TaggedError, from_tagged

UTC = dt.timezone.utc


@pytest.mark.parametrize(
    ("tagged", "wanted"),
    [
        ({"int": "-9223372036854775808"}, -(2**63)),
        ({"uint": "18446744073709551615"}, 2**64 - 1),
        ({"double": 3}, 3.0),
        ({"double": "-Infinity"}, -math.inf),
        ({"bool": True}, True),
        ({"null": None}, None),
        ({"string": "é😀"}, "é😀"),
        ({"bytes": "AP8="}, b"\0\xff"),
        ({"bytes": "AP8"}, b"\0\xff"),
        ({"list": [{"int": "1"}, {"list": []}]}, [1, []]),
        ({"map": [[{"string": "a"}, {"int": "1"}], [{"uint": "2"}, {"null": None}]]}, {"a": 1, 2: None}),
        ({"timestamp": "2024-02-29T12:30:15.25+05:30"}, dt.datetime(2024, 2, 29, 7, 0, 15, 250_000, UTC)),
        ({"timestamp": "0001-01-01T00:00:00Z"}, dt.datetime(1, 1, 1, tzinfo=UTC)),
        ({"timestamp": "9999-12-31T23:59:59.999999Z"}, dt.datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC)),
        ({"duration": "-1h2m3.5s"}, -dt.timedelta(hours=1, minutes=2, seconds=3.5)),
        ({"duration": "0"}, dt.timedelta(0)),
    ],
)
def test_become_the_values_that_a_python_program_has(tagged, wanted):
    found = from_tagged(tagged)
    assert type(found) is type(wanted)
    assert found == wanted


def test_negative_zero_and_nan_are_kept():
    assert struct.pack("d", from_tagged({"double": "-0"})) == struct.pack("d", -0.0)
    assert math.isnan(from_tagged({"double": "NaN"}))


def test_an_object_is_an_instance_of_a_class_of_that_name_with_fields_and_nothing_else():
    made = from_tagged({"object": {"class": "Order", "fields": {"id": {"int": "1"}, "__class__": {"null": None}}}})
    assert type(made).__name__ == "Order"
    assert vars(made) == {"id": 1, "__class__": None}


def test_an_enum_is_a_member_of_a_real_enum_where_python_can_have_it():
    made = from_tagged({"enum": {"class": "Color", "name": "RED", "value": {"int": "1"}}})
    assert isinstance(made, enum.Enum)
    assert (type(made).__name__, made.name, made.value) == ("Color", "RED", 1)
    carried = from_tagged({"enum": {"class": "Color", "name": "not a name", "value": {"int": "1"}}})
    assert (carried.kind, carried.first, carried.second) == ("enum", ("Color", "not a name"), 1)


@pytest.mark.parametrize(
    ("tagged", "kind", "first", "second"),
    [
        ({"uint": "3"}, "uint", 3, None),
        ({"type": "int"}, "type", "int", None),
        ({"error": "redacted"}, "error", 16, None),
        ({"timestamp": "1970-01-01T00:00:01.000000001Z"}, "timestamp", 1, 1),
        ({"timestamp": "0001-01-01T00:00:00+01:00"}, "timestamp", -62_135_600_400, 0),
    ],
)
def test_what_python_has_no_type_for_is_carried(tagged, kind, first, second):
    found = from_tagged(tagged)
    assert type(found) is Carrier
    assert (found.kind, found.first, found.second) == (kind, first, second)


def test_a_duration_finer_than_a_timedelta_is_held_in_nanoseconds():
    found = from_tagged({"duration": "1.000000001s"})
    assert (type(found), found.ns) == (Duration, 1_000_000_001)


def nested(levels):
    tagged = {"int": "1"}
    for _ in range(levels):
        tagged = {"list": [tagged]}
    return tagged


@pytest.mark.parametrize(
    "wrong",
    [
        1,
        None,
        "text",
        [],
        {},
        {"int": "1", "uint": "1"},
        {"int": 1},
        {"int": "1.0"},
        {"int": "9223372036854775808"},
        {"int": "٣"},
        {"uint": "-1"},
        {"uint": "18446744073709551616"},
        {"double": "1"},
        {"double": True},
        {"bool": 1},
        {"string": 1},
        {"bytes": "*"},
        {"list": {}},
        {"list": [1]},
        {"map": [[{"int": "1"}]]},
        {"map": [[{"list": []}, {"int": "1"}]]},
        {"timestamp": "2024-02-30T00:00:00Z"},
        {"timestamp": "2024-02-03 00:00:00Z"},
        {"duration": "1"},
        {"duration": "1y"},
        {"duration": "99999999h"},
        {"object": {"class": "A"}},
        {"object": {"class": "\0", "fields": {}}},
        {"enum": {"class": "A", "name": 1, "value": {"int": "1"}}},
        {"error": "no such code"},
        {"set": []},
        nested(MAX_DEPTH + 1),
    ],
)
def test_what_is_no_tagged_value_is_refused_with_an_example(wrong):
    with pytest.raises(TaggedError) as caught:
        from_tagged(wrong)
    assert caught.value.cause.code == "tagged_value"
    assert "list" in caught.value.cause.remedy


def test_sixty_four_levels_are_allowed():
    from_tagged(nested(MAX_DEPTH))


# As `String(x)` gives them in JavaScript.
@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (1.0, "1"),
        (-1.5, "-1.5"),
        (100.0, "100"),
        (123456789012345680000.0, "123456789012345680000"),
        (1e21, "1e+21"),
        (1.5e300, "1.5e+300"),
        (0.1, "0.1"),
        (0.001234, "0.001234"),
        (0.000001, "0.000001"),
        (0.0000015, "0.0000015"),
        (1e-7, "1e-7"),
        (-1.25e-10, "-1.25e-10"),
        (5e-324, "5e-324"),
        (9007199254740993.0, "9007199254740992"),
        (1e16, "10000000000000000"),
        (12345678901234567.0, "12345678901234568"),
        ("NaN", "NaN"),
        ("-0", "-0"),
    ],
)
def test_doubles_are_printed_as_in_javascript(value, text):
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("tagged", "text"),
    [
        ({"int": "1"}, "1"),
        ({"uint": "1"}, "1u"),
        ({"double": 3}, "3.0"),
        ({"double": 1e21}, "1e+21"),
        ({"bool": True}, "true"),
        ({"null": None}, "null"),
        ({"string": 'é"'}, '"é\\""'),
        ({"list": [{"int": "1"}, {"null": None}]}, "[1, null]"),
        ({"map": [[{"string": "a"}, {"bool": False}]]}, '{"a": false}'),
        ({"object": {"class": "A", "fields": {"x": {"int": "1"}}}}, "A {x: 1}"),
        ({"type": "int"}, '{"type":"int"}'),
    ],
)
def test_values_are_printed_as_the_language_writes_them(tagged, text):
    assert value_text(tagged) == text


def test_a_line_of_json_is_always_valid_utf8():
    assert json_line({"id": "é"}) == '{"id":"é"}\n'
    assert json_line({"id": "\ud800"}) == '{"id":"\\ud800"}\n'
