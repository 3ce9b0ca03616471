"""Each cap on what one hit copies, and that what is far too large costs nothing."""

from __future__ import annotations

import collections
import sys
import time
import types

import pytest
from tracepointdebug import _abi as abi
from tracepointdebug.reading import access

from reading_world import World, field_of, holder, records, scalar, size_of, value_of, whole

MEBIBYTES_64 = 64 * 1024 * 1024


def quick(action, seconds=0.25):
    """Done in a small part of what walking the whole value would take. The best of three: the machine is shared."""
    took = min(timed(action) for _ in range(3))
    assert took < seconds


def timed(action):
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def test_string_bytes():
    assert value_of("a" * 9, stringBytes=8) == {"string": "a" * 8, "truncated": True}
    assert value_of("a" * 8, stringBytes=8) == {"string": "a" * 8}
    assert value_of(b"a" * 9, stringBytes=8) == {"bytes": "YWFhYWFhYWE=", "truncated": True}
    assert value_of(b"a" * 8, stringBytes=8) == {"bytes": "YWFhYWFhYWE="}


@pytest.mark.parametrize(
    ("text", "held"), [("aaaaaaé", "aaaaaa"), ("ééééé", "ééé"), ("😀😀", "😀"), ("aaaaa\ud800", "aaaaa")]
)
def test_a_text_is_cut_between_characters(text, held):
    assert value_of(text, stringBytes=7) == {"string": held, "truncated": True}


def test_the_cap_of_a_path_that_is_only_compared():
    assert World().read([scalar("x", cap=3)], "abcdef") == [{"string": "abc", "truncated": True}]
    assert World().read([scalar("x", cap=3)], "abc") == [{"string": "abc"}]
    assert World().read([holder(scalar("a", cap=3))], {"a": "é" * 9}) == [{"string": "é", "truncated": True}]


def test_items_of_lists_sets_and_maps():
    assert value_of([1, 2, 3], items=2) == {"list": [{"int": "1"}, {"int": "2"}], "truncated": True}
    assert value_of(collections.deque([1, 2, 3]), items=2) == {"list": [{"int": "1"}, {"int": "2"}], "truncated": True}
    assert len(value_of({1, 2, 3}, items=2)["set"]) == 2
    assert value_of({"a": 1, "b": 2}, items=1) == {"map": [[{"string": "a"}, {"int": "1"}]], "truncated": True}
    assert value_of(types.SimpleNamespace(a=1, b=2), items=1)["truncated"] is True
    assert records([1, 2, 3], world=World(items=2)) == {
        "held": 2,
        "size": 3,
        "cut": True,
        "rows": [[{"int": "1"}], [{"int": "2"}]],
    }
    assert records({"a": 1, "b": 2}, world=World(items=1)) == {
        "held": 1,
        "size": 2,
        "cut": True,
        "rows": [[{"string": "a"}]],
    }


def test_records_in_one_go_keep_the_cap():
    rows = [{"price": float(index)} for index in range(300)]
    found = records(rows, "price")
    assert (found["held"], found["size"], found["cut"]) == (256, 300, True)
    assert found["rows"][255] == [{"double": 255.0}]


def test_depth():
    assert value_of([[1]], depth=1) == {"list": [{"list": [], "truncated": True}]}
    assert value_of([[1]], depth=2) == {"list": [{"list": [{"int": "1"}]}]}
    assert value_of({"a": {"b": 1}}, depth=1)["map"][0][1] == {"map": [], "truncated": True}


def test_cycles_end_at_the_depth():
    cycle = []
    cycle.append(cycle)
    assert value_of(cycle, depth=3) == {"list": [{"list": [{"list": [{"list": [], "truncated": True}]}]}]}
    node = types.SimpleNamespace()
    node.self = node
    assert field_of(node, "self", "self", "self") != {"error": "internal"}


def test_input_bytes():
    found = value_of(["a" * 100] * 100, inputBytes=2000)
    texts = [item["string"] for item in found["list"]]
    assert len(texts) == 100
    assert sum(map(len, texts)) <= 400
    assert found["list"][-1] == {"string": "", "truncated": True}
    assert World(inputBytes=64).read([whole("x")], list(range(9)))[0] == {
        "list": [{"int": str(i)} for i in range(4)],
        "truncated": True,
    }
    assert value_of(types.SimpleNamespace(a=1), inputBytes=8) == {"error": "truncated"}
    assert value_of(2**70, inputBytes=8) == {"error": "truncated"}
    assert records([{"a": 1.0}] * 100, "a", world=World(inputBytes=160))["held"] == 10


def test_the_arena():
    slots = 500
    world = World(arenaBytes=slots * 16 + 64)
    found = world.read([scalar(f"v{index}", index) for index in range(slots)], *["abcdefgh"] * slots)
    assert found[7] == {"string": "abcdefgh"}
    assert found[8] == {"string": "", "truncated": True}


def test_numbers_that_are_too_long_to_print():
    assert value_of(2**4095) == {"big": str(2**4095)}
    assert value_of(-(2**4097)) == {"error": "truncated"}
    import decimal
    import fractions

    assert value_of(decimal.Decimal(10**2000)) == {"error": "truncated"}
    assert value_of(fractions.Fraction(10**5000, 3)) == {"error": "overflow"}
    huge = 1 << 30_000_000
    quick(lambda: value_of(huge), 0.01)


@pytest.mark.skipif(not hasattr(sys, "set_int_max_str_digits"), reason="digits are limited from 3.11 on")
def test_a_program_that_forbids_long_numbers():
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        found = value_of(-(10**900))
    finally:
        sys.set_int_max_str_digits(before)
    assert found == {"big": str(-(10**900))}


def test_opaque_values():
    assert value_of([object() for _ in range(5)], items=5, depth=1)["list"][4] == {"opaque": "object"}
    world = World(items=2)
    found = world.read([scalar(f"v{index}", index) for index in range(3)], *[object() for _ in range(3)])
    assert found == [{"opaque": "object"}, {"opaque": "object"}, {"error": "truncated"}]


def test_huge_values_cost_nothing():
    text = "é" * MEBIBYTES_64
    quick(lambda: value_of(text), 0.01)
    assert size_of(text) == {"error": "truncated"}
    data = bytearray(MEBIBYTES_64)
    quick(lambda: value_of(data), 0.01)
    numbers = list(range(1_000_000))
    quick(lambda: value_of(numbers), 0.05)
    many = dict.fromkeys(range(1_000_000), 1.0)
    quick(lambda: value_of(many), 0.05)
    quick(lambda: value_of(range(10**40)), 0.05)
    assert value_of(range(10**40), depth=0)["truncated"] is True


def test_a_large_dict_of_texts_is_searched_at_once():
    many = {f"k{index}": index for index in range(200_000)}
    if sys.version_info >= (3, 11):
        assert field_of(many, "k199999") == {"int": "199999"}
        assert field_of(many, "none") == {"error": "no_such_key"}
    else:
        assert field_of(many, "k199999") == {"error": "truncated"}
    quick(lambda: field_of(many, "k199999"), 0.05)


def test_a_large_dict_of_other_keys_is_searched_so_far():
    many = {index: index for index in range(9_999)}
    assert field_of(many, 9_998) == {"int": "9998"}
    many.update({index: index for index in range(20_000)})
    assert field_of(many, 9_998) == {"int": "9998"}
    assert field_of(many, 19_999) == {"error": "truncated"}
    assert World().read([{"key": "x", "members": [{"key": "a", "slot": 0}]}], many) == [{"error": "truncated"}]


def test_entries_whose_keys_cannot_be_seen():
    hidden = {(index,): index for index in range(5000)}
    assert value_of(hidden) == {"map": [], "truncated": True}
    hidden = {**{(index,): index for index in range(1000)}, "a": 1}
    assert value_of(hidden) == {"map": [[{"string": "a"}, {"int": "1"}]]}
    assert records(hidden) == {"held": 1, "size": 1001, "rows": [[{"string": "a"}]]}


def test_objects_with_more_fields_than_may_be_listed():
    crowd = types.SimpleNamespace(**{f"f{index}": index for index in range(10_001)})
    assert value_of(crowd) == {"error": "truncated"}
    assert size_of(crowd) == {"error": "truncated"}
    assert records(crowd) == {"error": "truncated"}
    assert records(crowd, go="pairs") == {"error": "truncated"}
    if sys.version_info >= (3, 11):
        assert field_of(crowd, "f10000") == {"int": "10000"}


def test_names_of_classes_and_labels():
    cls = type("C" * 500, (), {})
    assert value_of(cls())["object"]["class"] == "C" * 128

    def function():
        pass

    function.__name__ = "f" * 500
    assert value_of(function) == {"opaque": f"function {'f' * 100}"}


def test_sizes_that_no_slot_can_say():
    world = World()
    world.read([scalar("x")], range(10**40))
    assert int.from_bytes(world.memory[abi.ARENA_BASE + 4 : abi.ARENA_BASE + 8], "little") == 2**31 - 1
    assert size_of(range(10**40)) == {"int": str(2**63 - 1)}


def test_layouts_are_bounded():
    from tracepointdebug.reading import layouts

    before = layouts.MAX_LAYOUTS
    layouts.layouts.clear()
    try:
        layouts.MAX_LAYOUTS = 5
        kept = [type(f"C{index}", (), {}) for index in range(20)]
        for cls in kept:
            access.layout_of(cls)
            assert len(layouts.layouts) <= 5
    finally:
        layouts.MAX_LAYOUTS = before
