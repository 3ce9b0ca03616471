"""The limits of one snapshot: what is left out, and that it is said."""

from __future__ import annotations

import sys
import time
from typing import Any, Dict, List

import pytest
from tracepointdebug._limits import CAPTURE_LIMITS
from tracepointdebug.capture import Capturer, walk
from tracepointdebug.capture.capturer import MAX_VARIABLES
from tracepointdebug.link import cbor

from captures import captured, fields, number, snapshot_of, text, variables_of


class Node:
    def __init__(self, **values: object) -> None:
        self.__dict__.update(values)


def _nested(levels: int) -> object:
    return Node(inner=_nested(levels - 1)) if levels else 1


class TestDepth:
    def test_opens_three_levels_by_default(self) -> None:
        third = fields(fields(fields(captured(_nested(4)))["inner"])["inner"])
        assert third["inner"] == {"type": "object", "class": "Node", "fields": [], "omitted": "depth"}

    @pytest.mark.parametrize(
        ("value", "size"), [([1, 2], 2), ((1,), 1), ({1, 2, 3}, 3), ({"a": 1}, 1), (frozenset(), 0), ({}, 0)]
    )
    def test_says_how_much_is_not_opened(self, value: object, size: int) -> None:
        made = captured(value, depth=0)
        assert made["size"] == size
        assert made.get("omitted") == ("depth" if size else None)

    def test_an_exception_that_is_not_opened_tells_its_message(self) -> None:
        assert captured(ValueError("bad"), depth=0) == {
            "type": "error",
            "class": "ValueError",
            "value": "bad",
            "fields": [],
            "omitted": "depth",
        }


class TestWidth:
    def test_fields(self) -> None:
        made = captured(Node(a=1, b=2, c=3), fields=2)
        assert made["fields"] == [["a", number(1)], ["b", number(2)]]
        assert (made["size"], made["omitted"]) == (3, "fields")

    @pytest.mark.parametrize("make", [list, tuple, set, frozenset])
    def test_items(self, make: Any) -> None:
        made = captured(make(range(1000)), items=2)
        assert len(made["items"]) == 2
        assert (made["size"], made["omitted"]) == (1000, "items")

    def test_entries(self) -> None:
        made = captured(dict.fromkeys("abc"), items=2)
        assert [key["value"] for key, _ in made["entries"]] == ["a", "b"]
        assert (made["size"], made["omitted"]) == (3, "items")

    def test_what_is_just_as_long_as_the_limit_is_whole(self) -> None:
        assert "omitted" not in captured([1, 2], items=2)

    def test_variables(self) -> None:
        made = variables_of({f"v{i}": i for i in range(MAX_VARIABLES + 5)}, eventBytes=10**6)
        assert len(made) == MAX_VARIABLES
        assert made[-1] == ["more variables", {"type": "omitted", "omitted": "unavailable"}]


class TestLength:
    def test_of_text(self) -> None:
        assert captured("x" * 300) == {"type": "string", "value": "x" * 256, "size": 300, "omitted": "length"}
        assert captured("ż" * 256) == text("ż" * 256)
        assert captured("😀" * 257)["value"] == "😀" * 256

    def test_of_text_beyond_the_default(self) -> None:
        assert captured("ż" * 900, stringLength=1000) == text("ż" * 900)

    def test_of_bytes(self) -> None:
        for value in (b"x" * 300, bytearray(b"x" * 300), memoryview(b"x" * 300)):
            made = captured(value)
            assert (made["value"], made["size"], made["omitted"]) == (b"x" * 256, 300, "length")

    def test_of_a_subclass_of_str(self) -> None:
        class Name(str):  # noqa: SLOT000
            pass

        made = captured(Name("x" * 300))
        assert (made["class"], len(made["value"]), made["size"], made["omitted"]) == ("Name", 256, 300, "length")

    def test_of_a_key(self) -> None:
        [[key, value]] = captured({"k" * 300: 1})["entries"]
        assert (key["size"], key["omitted"], value) == (300, "length", number(1))

    def test_of_a_name(self) -> None:
        [[name, _]] = captured(Node(**{"n" * 300: 1}))["fields"]
        assert name == "n" * 256

    def test_of_an_int_is_not_what_it_takes_to_print_it(self) -> None:
        started = time.thread_time()
        made = captured(1 << 50_000_000)
        assert time.thread_time() - started < 0.1
        assert (made["value"], made["size"], made["omitted"]) == ("", 50_000_001, "length")

    def test_a_huge_text_costs_no_more_than_a_short_one(self) -> None:
        def cost(value: object) -> float:
            capturer = Capturer()
            best = 1.0
            for _ in range(200):
                started = time.perf_counter()
                capturer.snapshot(None, ["v"], [value])
                best = min(best, time.perf_counter() - started)
            return best

        assert cost("x" * (64 << 20)) - cost("x") < 50e-6


class TestBytes:
    def test_outer_values_are_kept_when_the_bytes_run_out(self) -> None:
        deep = Node(inner=Node(text="y" * 200))
        made = dict(variables_of({"first": deep, "second": "z" * 200}, eventBytes=300))
        assert made["second"] == text("z" * 200)
        assert fields(made["first"])["inner"] == {"type": "object", "class": "Node", "fields": [], "omitted": "bytes"}

    def test_variables_that_nothing_is_left_for_are_named(self) -> None:
        made = variables_of({"a": "x" * 200, "b": 1, "c": [1]}, eventBytes=100)
        assert [name for name, _ in made] == ["a", "b", "c"]
        assert made[1][1] == made[2][1] == {"type": "omitted", "omitted": "bytes"}

    @pytest.mark.parametrize("budget", [300, 1000, 5000, 20_000, 65_536])
    def test_a_snapshot_keeps_to_its_budget(self, budget: int) -> None:
        rows = [{f"key{i}": "ż" * 250, "more": [Node(a="x" * 250)] * 50, (i, "k"): {i}} for i in range(100)]
        limits = {"eventBytes": budget}
        made = Capturer(limits).snapshot(None, ["rows", "again"], [rows, rows[1:]])
        # What is cut says so, which the budget does not foresee.
        assert len(made) < budget * 1.1 + 1500
        assert len(made) > budget * 0.5
        cbor.decode(made)

    def test_a_list_that_was_cut_says_its_size(self) -> None:
        made = captured(["x" * 100] * 4, eventBytes=200)
        assert (len(made["items"]), made["size"], made["omitted"]) == (2, 4, "bytes")

    def test_the_stack_counts(self) -> None:
        frame = sys._getframe()
        made = cbor.decode(Capturer({"eventBytes": 100}).snapshot(frame, ["a", "b"], ["x", "y"]))
        assert made["frames"]
        assert made["variables"][1][1] == {"type": "omitted", "omitted": "bytes"}


class TestTime:
    def test_stops_when_the_time_is_over_and_says_so(self) -> None:
        made = dict(variables_of({"a": 1, "b": [1, 2], "c": Node(a=1)}, timeMs=0))
        assert made["a"] == number(1)
        assert made["b"] == {"type": "array", "items": [], "size": 2, "omitted": "time"}
        assert made["c"]["omitted"] == "time"

    def test_ends_within_its_time_on_values_made_to_be_slow(self) -> None:
        def rows(level: int) -> object:
            return [rows(level - 1) for _ in range(100)] if level else 1

        value = rows(3)
        started = time.thread_time()
        captured_with = Capturer({"eventBytes": 10**9, "depth": 9}).snapshot(None, ["v"], [value])
        assert time.thread_time() - started < 3 * CAPTURE_LIMITS["timeMs"] / 1000
        assert b"dtime" in captured_with

    def test_time_that_other_threads_took_is_not_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        now = [0.0]

        def jumping() -> float:
            now[0] += 1.0
            return now[0]

        monkeypatch.setattr(walk, "perf_counter", jumping)
        assert captured([[1], [2]]) == {
            "type": "array",
            "items": [{"type": "array", "items": [number(1)]}, {"type": "array", "items": [number(2)]}],
        }

    def test_says_how_long_it_took(self) -> None:
        assert 0 < snapshot_of({"a": 1})["captureUs"] < 1e6


class TestSharing:
    def test_a_cycle_ends_at_a_reference(self) -> None:
        node = Node()
        node.me = node
        made = captured(node)
        assert made["id"] == 1
        assert fields(made)["me"] == {"type": "ref", "value": 1}

    def test_a_shared_object_is_captured_once(self) -> None:
        shared: List[int] = [1]
        made = dict(variables_of({"a": shared, "b": shared, "c": [1]}))
        assert made["a"] == {"type": "array", "id": 1, "items": [number(1)]}
        assert made["b"] == {"type": "ref", "value": 1}
        assert "id" not in made["c"]

    def test_a_shared_object_stands_where_it_is_least_deep(self) -> None:
        shared = Node(x=1)
        made = dict(variables_of({"a": Node(b=Node(c=shared)), "d": Node(e=shared)}))
        assert fields(made["d"])["e"]["id"] == 1
        assert fields(fields(made["a"])["b"])["c"] == {"type": "ref", "value": 1}

    def test_a_shared_object_that_was_not_opened_keeps_its_id(self) -> None:
        shared: Dict[str, int] = {"x": 1}
        made = captured([shared, shared], timeMs=0, depth=2)
        assert made["omitted"] == "time"
        first, second = captured([shared, shared, "x" * 300], eventBytes=330)["items"][:2]
        assert (first["id"], first["omitted"], second) == (1, "bytes", {"type": "ref", "value": 1})
