"""Capturing runs no code of the program: every hook that Python offers notes its call, and none may be called. Nor does it raise,
keep anything, or mind what other threads do.
"""

from __future__ import annotations

import collections
import datetime as dt
import gc
import sys
import threading
import time
import weakref
from typing import Any, Dict, List

import pytest
from tracepointdebug.capture import Capturer, plans, walk
from tracepointdebug.link import cbor

from captures import captured, fields, number, text, variables_of

_HOOKS = (
    "__repr__ __str__ __len__ __iter__ __next__ __eq__ __ne__ __lt__ __hash__ __bool__ __contains__ __getitem__ __getattr__ "
    "__getattribute__ __call__ __int__ __index__ __float__ __format__ __sizeof__ __reduce_ex__ __dir__ __enter__ __length_hint__ "
    "__get__ __fspath__ __bytes__ __complex__ __array__ keys items values get copy isoformat utcoffset tzname dst tolist"
).split()


def _recorder(calls: List[str]) -> Dict[str, Any]:
    def hook(name: str) -> Any:
        def run(*_args: object, **_more: object) -> Any:
            calls.append(name)
            raise AssertionError(name)

        return run

    members: Dict[str, Any] = {name: hook(name) for name in _HOOKS}
    members["__class__"] = property(hook("__class__"))
    members["value"] = members["name"] = members["args"] = members["message"] = property(hook("a property"))
    return members


def _hostile_values(calls: List[str]) -> Dict[str, object]:
    hooks = _recorder(calls)
    meta_hooks = {name: hook for name, hook in hooks.items() if name not in ("__getattribute__", "__class__")}
    meta = type(
        "Meta", (type,), {**meta_hooks, "__instancecheck__": hooks["__eq__"], "__subclasscheck__": hooks["__eq__"]}
    )
    made: Dict[str, object] = {}
    bases: List[Any] = [
        object,
        int,
        float,
        str,
        bytes,
        list,
        tuple,
        dict,
        set,
        frozenset,
        bytearray,
        complex,
        Exception,
    ]
    bases += [collections.deque, collections.OrderedDict, dt.datetime, dt.date, dt.timedelta, dt.time]
    arguments: Dict[Any, Any] = {
        int: (5,), float: (1.5,), str: ("text",), list: ([1],), tuple: ([1],), dict: ({"a": 1},), set: ([1],), bytes: (b"x",),
        Exception: ("bad", 2), dt.datetime: (2026, 1, 2), dt.date: (2026, 1, 2), dt.timedelta: (1,), collections.deque: ([1],),
    }  # fmt: skip
    for base in bases:
        cls = (
            meta(f"Evil_{base.__name__}", (base,), dict(hooks)) if base is not object else meta("Evil", (), dict(hooks))
        )
        new = base.__new__
        value = new(cls, *arguments.get(base, ()))
        if base in (list, set, dict, collections.deque):
            base.__init__(value, *arguments[base])
        made[f"of_{base.__name__}"] = value
        made[f"class_{base.__name__}"] = cls
    evil = made["of_object"]
    key = type("Key", (), {"__hash__": lambda _self: 1, "__eq__": hooks["__eq__"]})
    made["a_dict_with_such_keys"] = {key(): evil}
    made["a_list"] = [evil]
    made["a_tuple"] = (evil,)
    made["an_exception"] = ValueError(evil)
    zone = type("Zone", (dt.tzinfo,), dict(hooks))
    made["a_datetime_with_such_a_zone"] = dt.datetime(2026, 1, 2, tzinfo=zone.__new__(zone))
    return made


def test_calls_nothing_of_the_program() -> None:
    calls: List[str] = []
    values = _hostile_values(calls)
    del calls[:]
    made = dict(variables_of(values, depth=6))
    assert calls == []
    assert made["of_int"] == {"type": "int", "class": "Evil_int", "value": 5}
    assert made["of_str"]["value"] == "text"
    assert made["of_list"]["items"] == [number(1)]
    assert made["of_dict"]["entries"] == [[text("a"), number(1)]]
    assert made["of_Exception"]["value"] == "bad"
    assert made["of_object"]["class"] == "Evil"
    assert made["a_datetime_with_such_a_zone"]["omitted"] == "unavailable"


def test_a_class_that_hides_its_dict_is_read_past_it() -> None:
    class Hidden:
        def __init__(self) -> None:
            object.__getattribute__(self, "__class__")
            self.shown = 1

        @property
        def __dict__(self) -> Dict[str, Any]:  # type: ignore[override]
            raise AssertionError

    assert captured(Hidden())["fields"] == [["shown", number(1)]]


def test_what_stands_in_an_instance_without_being_text_has_no_name() -> None:
    class Thing:
        pass

    thing = Thing()
    thing.__dict__[5] = "five"  # type: ignore[index]
    assert captured(thing)["fields"] == [["?", text("five")]]


class TestRedaction:
    def test_hides_variables_fields_and_keys(self) -> None:
        class User:
            def __init__(self) -> None:
                self.name = "bob"
                self.password = "p"

        hidden = {"type": "omitted", "omitted": "redacted"}
        seen: List[str] = []

        def redact(name: str) -> bool:
            seen.append(name)
            return name in ("password", "token")

        variables = {"token": "t", "user": User(), "headers": {"token": "t", b"token": "t", "x": {"password": "p"}}}
        made = dict(variables_of(variables, redact))
        assert made["token"] == hidden
        assert fields(made["user"]) == {"name": text("bob"), "password": hidden}
        (_, first), (_, second), (_, third) = made["headers"]["entries"]
        assert first == second == hidden
        assert third["entries"] == [[text("password"), hidden]]
        assert {"name", "headers", "x"} <= set(seen)

    def test_hides_what_is_under_a_key_of_a_subclass_of_str(self) -> None:
        class Key(str):  # noqa: SLOT000
            def __eq__(self, _other: object) -> bool:
                raise AssertionError

            __hash__ = str.__hash__

        made = captured({Key("password"): "p"}, lambda name: name == "password")
        assert made["entries"][0][1] == {"type": "omitted", "omitted": "redacted"}

    def test_asks_before_the_value_is_looked_at(self) -> None:
        calls: List[str] = []
        evil = _hostile_values(calls)["of_object"]
        assert captured([evil], lambda _name: True) == {"type": "omitted", "omitted": "redacted"}

    def test_is_asked_each_time_or_remembers_for_good(self) -> None:
        capturer = Capturer(redact=lambda name: name == "pin")
        for _ in range(3):
            made = dict(cbor.decode(capturer.snapshot(None, ["pin", "pins"], ["1", "2"]))["variables"])
            assert (made["pin"].get("omitted"), made["pins"]) == ("redacted", text("2"))


class TestOtherThreads:
    def test_containers_that_change_all_the_time_are_read_or_said_to_be_unreadable(self) -> None:
        numbers: Dict[int, int] = {}
        names = set()
        queue: collections.deque[int] = collections.deque()
        stop = threading.Event()

        def change() -> None:
            i = 0
            while not stop.is_set():
                numbers[i % 1000] = i
                numbers.pop((i + 500) % 1000, None)
                names.add(i % 100)
                names.discard((i + 50) % 100)
                queue.append(i)
                if len(queue) > 50:
                    queue.popleft()
                i += 1

        threads = [threading.Thread(target=change) for _ in range(2)]
        interval = sys.getswitchinterval()
        sys.setswitchinterval(1e-5)
        try:
            for thread in threads:
                thread.start()
            end = time.monotonic() + 0.7
            while time.monotonic() < end:
                made = dict(variables_of({"numbers": numbers, "names": names, "queue": queue}))
                assert made["numbers"].get("omitted") in (None, "items", "unavailable")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
            sys.setswitchinterval(interval)

    def test_one_capturer_serves_all_of_them(self) -> None:
        capturer = Capturer()
        wrong: List[Any] = []

        def run(i: int) -> None:
            value = {"id": i, "rows": [[i, j] for j in range(20)]}
            for _ in range(50):
                [[_, made]] = cbor.decode(capturer.snapshot(sys._getframe(), ["v"], [value]))["variables"]
                if made["entries"][0][1] != captured(i) or len(made["entries"][1][1]["items"]) != 20:
                    wrong.append(made)

        threads = [threading.Thread(target=run, args=(i,)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []


class TestTheEnd:
    def test_of_the_stack_is_no_error(self) -> None:
        capturer = Capturer()
        value = {"a": [{"b": (1, {2})}]}
        capturer.snapshot(None, ["v"], [value])
        made: List[bytes] = []
        left: List[int] = []

        def down(room: int) -> None:
            if room:
                down(room - 1)
                return
            made.append(capturer.snapshot(None, ["v"], [value]))

        def measure(levels: int) -> None:
            left.append(levels)
            measure(levels + 1)

        with pytest.raises(RecursionError):
            measure(0)
        outcomes = []
        for short in range(30):
            try:
                down(len(left) - 3 - short)
            except RecursionError:
                outcomes.append("no room for the call itself")
                continue
            outcomes.append(cbor.decode(made[-1])["variables"])
        assert outcomes[-1][0][1]["type"] == "map"

    def test_of_memory_is_no_error(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_args: object) -> None:
            raise MemoryError

        monkeypatch.setattr(walk.Walk, "named", fail)
        made = cbor.decode(Capturer().snapshot(None, ["v"], [1]))
        assert (made["frames"], made["framesOmitted"], made["variables"]) == ([], True, [])

    def test_of_what_can_be_read_is_said_where_it_is(self, monkeypatch: pytest.MonkeyPatch) -> None:
        view = memoryview(b"x")
        view.release()
        made = captured([view, 1])
        assert made["items"] == [{"type": "omitted", "omitted": "unavailable"}, number(1)]


class TestKeeping:
    def test_no_value_is_kept(self) -> None:
        class Thing:
            pass

        capturer = Capturer()
        thing = Thing()
        thing.inner = Thing()
        references = [weakref.ref(thing), weakref.ref(thing.inner)]
        capturer.snapshot(sys._getframe(), ["thing"], [thing])
        del thing
        gc.collect()
        assert [reference() for reference in references] == [None, None]

    @pytest.mark.skipif(
        sys.version_info[:2] == (3, 13) and not getattr(sys, "_is_gil_enabled", lambda: True)(),
        reason="the free-threaded 3.13 keeps every class for good once a second thread has run",
    )
    def test_a_class_that_goes_takes_its_plan_with_it(self) -> None:
        def make() -> weakref.ref[type]:
            cls = type("Passing", (), {})
            captured(cls())
            return weakref.ref(cls)

        before = len(plans.plans)
        reference = make()
        # Without a GIL one collection merges the counts of references that threads kept, and the next one finds it.
        for _ in range(2):
            gc.collect()
        assert reference() is None
        assert len(plans.plans) == before

    def test_the_names_that_are_remembered_have_a_bound(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(walk, "MAX_HEADS", 10)
        capturer = Capturer()
        for i in range(50):
            capturer.snapshot(None, [f"v{i}"], [{f"k{i}": 1}])
        assert len(capturer._terms.field_heads) <= 10
        assert len(capturer._terms.key_heads) <= 10


def test_further_pairs_stand_behind_the_variables() -> None:
    made = cbor.decode(Capturer().snapshot(None, ["a"], [1], [("@return", 2)]))
    assert made["variables"] == [["a", number(1)], ["@return", number(2)]]
    assert made["language"] == "python"
