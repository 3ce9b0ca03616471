"""What runs at each hit: its order, its counts, and that these add up whatever the threads do."""

from __future__ import annotations

import sys
import threading
import time
from types import SimpleNamespace
from typing import Any, List, Tuple

import pytest
from tracepointdebug import _abi as abi
from tracepointdebug.errors import Cause, GuestError
from tracepointdebug.hit import HitContext, make_handler
from tracepointdebug.link.native import get_ident
from tracepointdebug.link.outbox import Outbox
from tracepointdebug.probe import Probe

FRAME: Any = sys._getframe()
OVERLOAD = 3 << abi.ERR_NODE_SHIFT | abi.ERR_NO_SUCH_OVERLOAD
BUDGET = 3 << abi.ERR_NODE_SHIFT | abi.ERR_BUDGET


class World:
    """A probe with a condition and a template of Python, in the place of guests; everything else is the real thing."""

    def __init__(
        self, condition: Any = None, template: Any = None, roots: Tuple[str, ...] = ("x",), **wanted: Any
    ) -> None:
        self.closed: List[Tuple[str, Any, Any]] = []
        self.outbox = Outbox()
        self.context = HitContext(
            self.outbox,
            lambda probe, why, packed, cause: self.closed.append((why, packed, cause)),
            wanted.pop("trace", None),
        )
        self.probe = Probe(
            "p~0~1",
            {
                "id": "p",
                "kind": "tracepoint" if template is None else "logpoint",
                "file": "app.py",
                "line": 3,
                "at": "line",
                "hitLimit": 1000,
                "expiresAt": 0,
                "rate": 1000,
                "onError": "skip",
                **wanted,
            },
        )
        loaded = None if condition is None else SimpleNamespace(roots=roots, test=condition)
        text = None if template is None else SimpleNamespace(roots=roots, render_cut=template)
        self.handler = make_handler(self.probe, loaded, text, lambda frame, names, values: b"\xa0", self.context)

    def hit(self, *values: Any) -> bool:
        fires = self.handler.test(*values)
        if fires:
            names = self.handler.capture_names
            self.handler.fire(FRAME, names or ("x",), values[: len(names)] if names is not None else values)
        return fires

    def counts(self) -> dict:
        counts = self.probe.counts()
        parts = ("notDue", "conditionFalse", "conditionError", "rateLimited", "fired")
        assert counts["reached"] == sum(counts[part] for part in parts)
        return {name: counts[name] for name in (*parts, "dropped", "streak") if counts[name]}

    def kinds(self) -> List[str]:
        return [event.kind for event in self.outbox.unsent(1000)]


def test_a_false_condition_counts_and_does_nothing_else() -> None:
    world = World(lambda x: 0)
    assert [world.hit(1) for _ in range(3)] == [False] * 3
    assert world.counts() == {"conditionFalse": 3}
    assert len(world.outbox) == 0


def test_a_true_one_fires_with_the_hit_in_which_it_did() -> None:
    world = World(lambda x: int(x > 1))
    assert [world.hit(x) for x in (1, 2, 3)] == [False, True, True]
    assert world.counts() == {"conditionFalse": 1, "fired": 2}
    assert [(event.kind, event.hit, event.seq) for event in world.outbox.unsent(9)] == [
        ("snapshot", 2, 1),
        ("snapshot", 3, 2),
    ]


def test_a_probe_without_condition_fires_at_once() -> None:
    world = World(None, lambda x: (f"x is {x}", False))
    assert world.handler.test_names == ()
    assert world.handler.test()
    world.handler.fire(FRAME, ("x",), (7,))
    (event,) = world.outbox.unsent(9)
    assert (event.kind, event.text, event.truncated) == ("log", "x is 7", False)


def test_the_hit_limit_shuts_the_probe_and_what_comes_then_is_not_due() -> None:
    world = World(lambda x: 1, hitLimit=2)
    assert [world.hit(1) for _ in range(4)] == [True, True, False, False]
    assert world.counts() == {"notDue": 2, "fired": 2}
    assert world.closed == [("spent", None, None)]
    assert world.probe.settled == 2


def test_the_rate_is_asked_after_the_condition() -> None:
    world = World(lambda x: int(x > 0), rate=3)
    for x in (0, 1, 1, 1, 1, 1, 0):
        world.hit(x)
    assert world.counts() == {"conditionFalse": 2, "rateLimited": 2, "fired": 3}


def test_the_rate_of_the_process_leaves_a_tenth_for_quiet_probes() -> None:
    busy = World(lambda x: 1)
    busy.context.follow({"processRate": 20, "consecutiveErrors": 100, "budgetErrors": 10})
    assert sum(busy.hit(1) for _ in range(50)) == 18
    quiet = World(lambda x: 1)
    quiet.context.quota = busy.context.quota
    assert quiet.hit(1)


def test_an_error_is_told_once_by_place_and_code_and_counted_each_time() -> None:
    world = World(lambda x: -OVERLOAD if x == 0 else 1)
    assert [world.hit(x) for x in (0, 0, 1, 0)] == [False, False, True, False]
    assert world.counts() == {"conditionError": 3, "fired": 1, "streak": 1}
    assert [(event.kind, event.fault, event.hit) for event in world.outbox.unsent(9)] == [
        ("error", ("condition", OVERLOAD), 1),
        ("snapshot", None, 3),
    ]


def test_errors_in_a_row_are_the_streak_and_a_false_condition_ends_it() -> None:
    world = World(lambda x: -OVERLOAD if x else 0)
    for x in (1, 1, 1):
        world.hit(x)
    assert world.counts()["streak"] == 3
    world.hit(0)
    assert "streak" not in world.counts()


def test_on_error_fire_fires_and_says_why() -> None:
    world = World(lambda x: -OVERLOAD, onError="fire")
    assert world.hit(1)
    assert world.counts() == {"fired": 1, "streak": 1}
    assert [(event.kind, event.fault) for event in world.outbox.unsent(9)] == [
        ("error", ("condition", OVERLOAD)),
        ("snapshot", ("condition", OVERLOAD)),
    ]
    assert world.probe.despite == {}


def test_ten_costly_errors_shut_the_probe() -> None:
    world = World(lambda x: -BUDGET)
    for _ in range(12):
        world.hit(1)
    assert world.counts() == {"notDue": 2, "conditionError": 10, "streak": 10}
    assert world.closed == [("guard", BUDGET, None)]


def test_a_failed_guest_shuts_the_probe_at_once() -> None:
    world = World(lambda x: -abi.ERR_INTERNAL)
    world.hit(1)
    assert world.closed == [("guard", abi.ERR_INTERNAL, None)]
    assert world.counts() == {"conditionError": 1, "streak": 1}


def test_a_template_that_fails_shuts_the_probe_and_its_event_says_why() -> None:
    def trap(x: object) -> Tuple[str, bool]:
        raise GuestError("internal", "The guest failed.", "Report it.")

    world = World(None, trap)
    assert world.handler.test()
    world.handler.fire(FRAME, ("x",), (1,))
    (event,) = world.outbox.unsent(9)
    assert (event.kind, event.cause.code if event.cause else None) == ("error", "internal")
    assert world.closed == [("guard", None, event.cause)]
    assert world.probe.open is False
    assert world.context.busy == set()


def test_a_hit_inside_of_our_own_code_is_not_due() -> None:
    inner = World(lambda x: 1)

    def render(x: object) -> Tuple[str, bool]:
        assert inner.hit(1) is False
        return "", False

    outer = World(None, render)
    inner.context.busy = outer.context.busy
    outer.handler.test()
    outer.handler.fire(FRAME, ("x",), (1,))
    assert inner.counts() == {"notDue": 1}
    assert inner.hit(1)
    inner.context.busy.add(get_ident())
    assert not inner.hit(1)


@pytest.mark.parametrize("error", [RecursionError, MemoryError])
@pytest.mark.skipif(sys.version_info < (3, 9), reason="Python 3.8 ends a process that catches a full stack and goes on")
def test_a_full_stack_is_told_once_and_the_probe_goes_on(error: type) -> None:
    def condition(x: int) -> int:
        if x:
            raise error
        return 1

    world = World(condition)
    assert [world.hit(x) for x in (1, 1, 0)] == [False, False, True]
    assert world.counts() == {"conditionError": 2, "fired": 1}
    assert world.kinds() == ["error", "snapshot"]


@pytest.mark.skipif(sys.version_info < (3, 9), reason="Python 3.8 ends a process that catches a full stack and goes on")
def test_near_the_recursion_limit_nothing_gets_out() -> None:
    world = World(lambda x: 1, lambda x: ("text", False))

    def deeper() -> int:
        try:
            return deeper() + 1
        except RecursionError:
            world.hit(1)
            return 0

    assert deeper() > 50
    # Before 3.11 there is no room for the call of `fire` either: its error is the placement's to swallow, and here the next frame hits again.
    hits = 2 if sys.version_info < (3, 11) else 1
    assert sum(world.probe.counts()[name] for name in ("fired", "conditionError")) == hits


def test_what_a_signal_handler_raises_goes_through() -> None:
    class Timeout(Exception):  # noqa: N818
        pass

    def late(*_: object) -> Any:
        raise Timeout

    with pytest.raises(Timeout):
        World(late).hit(1)
    world = World(None, late)
    assert world.handler.test()
    with pytest.raises(Timeout):
        world.handler.fire(FRAME, ("x",), (1,))
    # The hit was let through and its event was never made: it is lost, and said to be.
    assert world.counts() == {"fired": 1, "dropped": 1}
    assert world.probe.settled == 1
    assert world.context.busy == set()


@pytest.mark.parametrize("arity", [0, 1, 2, 5, 40])
def test_any_number_of_variables_is_handed_over_in_order(arity: int) -> None:
    seen: List[Tuple[Any, ...]] = []

    def condition(*values: Any) -> int:
        seen.append(values)
        return 0

    world = World(condition, roots=tuple(f"v{i}" for i in range(arity)))
    world.hit(*range(arity))
    assert seen == [tuple(range(arity))]
    with pytest.raises(TypeError):
        world.handler.test(*range(arity + 1))


def test_specials_stand_where_the_expression_has_them_and_the_placement_does_not_supply_them() -> None:
    seen: List[Tuple[Any, ...]] = []

    def condition(*values: Any) -> int:
        seen.append(values)
        return 1

    roots = ("@hits", "a", "@line", "@args", "@file", "@traceId", "@spanId")
    world = World(condition, roots=roots, trace=lambda: {"trace_id": "t1", "span_id": 7})
    assert world.handler.test_names == ("a", "@args")
    for _ in range(2):
        world.hit(5, {"a": 5})
    assert seen == [(0, 5, 3, {"a": 5}, "app.py", "t1", None), (1, 5, 3, {"a": 5}, "app.py", "t1", None)]


def test_condition_and_template_see_the_same_moment_and_the_same_number_of_hits() -> None:
    seen: List[Any] = []

    def look(*values: Any) -> int:
        seen.append(values)
        return 1

    def render(*values: Any) -> Tuple[str, bool]:
        seen.append(values)
        return "", False

    world = World(look, render, roots=("@now", "@hits", "@thread", "@threadId"))
    world.hit()
    assert seen[0] == seen[1]
    now, hits, thread, thread_id = seen[0]
    assert abs(now.timestamp() - time.time()) < 5
    assert (hits, thread, thread_id) == (0, "MainThread", threading.get_native_id())


def test_a_trace_that_fails_is_null() -> None:
    seen: List[Any] = []
    world = World(lambda value: seen.append(value) or 0, roots=("@traceId",), trace=lambda: 1 / 0)
    world.hit()
    assert seen == [None]


def test_64_threads_on_one_probe_add_up_exactly() -> None:
    world = World(lambda x: (0, 1, -OVERLOAD)[x % 3], rate=100, hitLimit=70)
    each = 600
    start = threading.Barrier(64)

    def run() -> None:
        start.wait()
        for x in range(each):
            world.hit(x)

    old = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=run) for _ in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(old)
    counts = world.counts()
    counts.pop("streak", None)
    assert sum(counts.values()) == 64 * each
    assert counts["fired"] == 70 == world.probe.settled
    assert world.closed == [("spent", None, None)]
    assert [event.seq for event in world.outbox.unsent(1000)] == list(range(1, 72))


def test_a_forked_process_counts_for_itself() -> None:
    world = World(lambda x: x, hitLimit=3)
    for x in (0, 1, 0):
        world.hit(x)
    world.probe.renew()
    assert world.counts() == {}
    assert world.probe.hit_limit == 2
    for x in (0, 1, 1, 1):
        world.hit(x)
    assert world.counts() == {"notDue": 1, "conditionFalse": 1, "fired": 2}


def test_a_cause_says_what_it_is() -> None:
    cause = Cause("a", "b", "c", ("d",))
    assert cause == Cause("a", "b", "c", ("d",))
    assert cause.to_wire() == {"code": "a", "message": "b", "remedy": "c", "details": ["d"]}
