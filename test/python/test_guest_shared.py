"""Modules that any thread may call at any time: each hit has a guest for itself."""

from __future__ import annotations

import gc
import resource
import signal
import sys
import threading
import weakref

import pytest
from tracepointdebug import _abi as abi
from tracepointdebug.errors import GuestError, VerifyError
from tracepointdebug.guest import MAX_GUESTS, Guests
from tracepointdebug.guest import shared as shared_module

from guest_modules import module, unverified

__all__ = ["unverified"]

MEMORY = -abi.ERR_MEMORY
INTERNAL = -abi.ERR_INTERNAL


def test_conditions_and_templates_run_and_end():
    guests = Guests()
    condition = guests.load(module("x == y"))
    template = guests.load(module("{{a}} and {{b}}"))
    assert (condition.entry, condition.roots, condition.section["source"]) == ("condition", ("x", "y"), "x == y")
    assert [condition.test(1, 1.0), condition.test(1, 2)] == [1, 0]
    assert template.render_cut("a", 1) == ("a and 1", False)
    condition.close()
    condition.close()
    template.close()
    assert condition.test(1, 1) == 0
    with pytest.raises(GuestError) as caught:
        template.render_cut(1, 2)
    assert caught.value.cause.code == "closed"
    assert len(guests._seats) == 1


def test_what_is_no_module_takes_no_room():
    guests = Guests()
    with pytest.raises(VerifyError):
        guests.load(b"nonsense")
    assert guests._segments.used == 0
    assert guests._live == {}


def test_a_finaliser_that_comes_by_a_probe_in_the_middle_of_a_hit_has_a_guest_of_its_own():
    guests = Guests()
    shared = guests.load(module("x == y"))
    inner = []

    class Loop:
        """Garbage that only the collector finds, whose end is a hit."""

        def __init__(self):
            self.me = self

        def __del__(self):
            inner.append(shared.test(["inner"], ["inner"]))

    before = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for i in range(2000):
            Loop()
            # Reading a list makes lists, and so starts the collector.
            assert shared.test([i, [i]], [i, [i]]) == 1
            assert shared.test([i, [i]], [i, [-1]]) == 0
    finally:
        gc.set_threshold(*before)
    gc.collect()
    assert inner == [1] * 2000
    # It did come in the middle of a hit; without a GIL the collector takes its time.
    assert len(guests._seats) > 1 or not getattr(sys, "_is_gil_enabled", lambda: True)()
    assert len(guests._own.idle) == len(guests._seats)


def test_a_signal_handler_between_any_two_instructions_of_a_hit_changes_nothing():
    shared = Guests().load(module("x == y"))
    wrong, handled = [], [0]

    def handler(*_):
        handled[0] += 1
        if handled[0] % 7 == 0:
            signal.raise_signal(signal.SIGALRM)  # and one in the handler
        if shared.test("a", "b") != 0 or shared.test(handled[0], handled[0]) != 1:
            wrong.append("inner")

    before = signal.signal(signal.SIGALRM, handler)
    try:
        for i in range(40_000):
            if i % 20 == 0:
                signal.setitimer(signal.ITIMER_REAL, 0.00001 * (i % 13 + 1))
            if shared.test(i, i) != 1 or shared.test("same text", "same texT") != 0:
                wrong.append("outer")
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert handled[0] > 20
    assert wrong == []


def test_what_a_signal_handler_throws_goes_to_the_program_and_leaves_the_guests_in_order():
    guests = Guests()
    shared = guests.load(module("x == y"))
    thrown = [0]

    def handler(*_):
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, handler)
    try:
        while thrown[0] < 30:
            signal.setitimer(signal.ITIMER_REAL, 0.0003)
            try:
                while True:
                    shared.test(1, 1)
            except KeyboardInterrupt:
                thrown[0] += 1
    finally:
        signal.signal(signal.SIGALRM, before)
    assert shared.test(1, 1) == 1
    assert shared.test(1, 2) == 0


def test_sixty_four_threads_on_two_probes_each_get_their_own_answers():
    guests = Guests()
    condition = guests.load(module("x == y"))
    template = guests.load(module("{{a}} and {{b}}"))
    wrong = []
    switch = sys.getswitchinterval()

    def work(number):
        for i in range(150):
            if condition.test(f"text {number}", f"text {number if i % 2 else i}") != (i % 2 or number == i):
                wrong.append((number, i))
            if i % 10 == 0 and template.render_cut(number, [i]) != (f"{number} and [{i}]", False):
                wrong.append((number, i))

    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(number,)) for number in range(64)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switch)
    assert wrong == []
    assert len(guests._own.idle) == len(guests._seats) <= 65


def test_a_trapped_guest_is_thrown_away_and_the_others_run_on(unverified):
    guests = Guests()
    good = guests.load(module("x == y"))
    bad = guests.load(unverified("unreachable"))
    assert good.test(1, 1) == 1
    (seat,) = guests._own.idle
    trapped = weakref.ref(seat._guest)
    for _ in range(3):
        assert bad.test() == INTERNAL
    gc.collect()
    assert trapped() is None
    assert good.test(1, 1) == 1
    assert len(guests._own.idle) == len(guests._seats) == 1


def test_where_all_guests_are_in_use_the_answer_is_memory_and_nothing_waits():
    guests = Guests()
    shared = guests.load(module("x == y"))
    template = guests.load(module("{{a}} and {{b}}"))
    held = []
    try:
        while True:
            held.append(guests._own.idle.pop() if guests._own.idle else guests._more())
            if held[-1] is None:
                break
        assert len(held) == MAX_GUESTS + 1
        assert shared.test(1, 1) == MEMORY
        with pytest.raises(GuestError) as caught:
            template.render_cut(1, 1)
        assert caught.value.cause.code == "guests_busy"
    finally:
        guests._own.idle.extend(held[:-1])
    assert shared.test(1, 1) == 1


def test_modules_that_come_and_go_leave_nothing_behind():
    guests = Guests()
    stays = guests.load(module("x == y"))
    wasm = module("{{a}} and {{b}}")

    def cycle(count):
        for _ in range(count):
            shared = guests.load(wasm)
            assert shared.render_cut(1, 2)[0] == "1 and 2"
            shared.close()

    cycle(200)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = guests._segments.used
    cycle(600)
    assert guests._segments.used == used
    assert len(guests._seats) == 1
    assert guests._own.idle[0]._guest.store.instances <= shared_module.MAX_RETIRED + 2
    assert stays.test(1, 1) == 1
    # KiB on Linux, bytes on macOS. Six hundred instances that are kept are 11 MiB.
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / (1 if sys.platform == "linux" else 1024)
    assert grown < 5 * 1024
