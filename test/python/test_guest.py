"""One guest: modules come, run and go; a trap is an error of ours and nothing else."""

from __future__ import annotations

import gc
import weakref

import pytest
from tracepointdebug import _abi as abi
from tracepointdebug.errors import GuestError
from tracepointdebug.guest import Guest, obstacle
from tracepointdebug.guest.segments import Segments
from tracepointdebug.tagged import to_tagged

from guest_modules import module, unverified

__all__ = ["unverified"]


class Item:
    def __init__(self, price):
        self.price = price


def test_this_machine_runs_wasm():
    assert obstacle() is None


def test_a_condition_answers_one_zero_or_a_negative_error():
    loaded = Guest().load(module("total > 1e12"))
    assert (loaded.entry, loaded.roots, loaded.section["source"]) == ("condition", ("total",), "total > 1e12")
    assert loaded.test(2e12) == 1
    assert loaded.test(1.0) == 0
    assert -loaded.test("text") & abi.ERR_CODE_MASK == abi.ERR_NO_SUCH_OVERLOAD
    assert loaded.test(2 * 10**12) == 1


@pytest.mark.parametrize(
    ("source", "values", "wanted"),
    [
        ("true", (), 1),
        ("x == y", ("a", "a"), 1),
        ("x == y", ("a", "b"), 0),
        ("a + b + c + d > 10.0", (1, 2, 3, 4.5), 1),
        ("a + b + c + d > 10.0", (1, 2, 3, 4.0), 0),
    ],
)
def test_conditions_take_as_many_variables_as_they_name(source, values, wanted):
    assert Guest().load(module(source)).test(*values) == wanted


def test_steps_are_those_of_the_last_evaluation():
    loaded = Guest().load(module("items.exists(i, i.price > 100.0)"))
    assert loaded.test([Item(1.0)] * 20) == 0
    many = loaded.steps()
    assert loaded.test([Item(1.0), Item(200.0)]) == 1
    assert 0 < loaded.steps() < many


def test_a_template_gives_its_text_and_says_when_it_is_cut():
    guest = Guest()
    loaded = guest.load(module("{{a}} and {{b}}"))
    assert loaded.render("é😀", [1, None]) == "é😀 and [1, null]"
    assert loaded.truncated is False
    long = guest.load(module("{{s}}"))
    text, cut = long.render_cut("x" * 5000)
    assert cut is True
    assert text == "x" * abi.OUT_BYTES + "..."
    assert guest.load(module("nothing")).render_cut() == ("nothing", False)


def test_a_value_is_read_from_its_slot():
    guest = Guest()
    loaded = guest.load(module("[1, 2, x]"))
    slot = loaded.evaluate("a")
    assert loaded.error_in(slot) == 0
    assert to_tagged(guest.view, slot) == {"list": [{"int": "1"}, {"int": "2"}, {"string": "a"}]}
    path = guest.load(module("x.y.z"))
    assert path.error_in(path.evaluate({})) & abi.ERR_CODE_MASK == abi.ERR_NO_SUCH_KEY


def test_a_closed_module_gives_its_memory_back_and_a_full_guest_says_so():
    guest = Guest()
    wasm = module("{{a}} and {{b}}")
    first = guest.load(wasm)
    used = guest.segments.used
    assert used > 0
    taken = guest.segments.take(abi.SEGMENTS_END - abi.SEGMENTS_BASE - used)
    with pytest.raises(GuestError) as caught:
        guest.load(wasm)
    assert caught.value.cause.code == "guest_full"
    first.close()
    first.close()
    guest.segments.give(taken, abi.SEGMENTS_END - abi.SEGMENTS_BASE - used)
    assert guest.segments.used == 0
    assert guest.load(wasm).render(1, 2) == "1 and 2"


@pytest.mark.parametrize(
    "body",
    [
        "unreachable",
        "(i32.load (i32.const -4))",
        "(i32.div_u (i32.const 1) (i32.const 0))",
        "(call $deep (i32.const 0))",
    ],
)
def test_a_trap_is_an_error_and_the_process_lives(unverified, body):
    loaded = Guest().load(unverified(body))
    for call in (loaded.test, lambda: loaded.evaluate()):
        for _ in range(3):
            with pytest.raises(GuestError) as caught:
                call()
            assert caught.value.cause.code == "trap"
            assert caught.value.cause.remedy


def test_an_answer_that_no_condition_has_is_a_failure(unverified):
    loaded = Guest().load(unverified("(i32.const 2)"))
    with pytest.raises(GuestError):
        loaded.test()
    assert loaded.evaluate() == 2


def test_a_view_of_the_memory_outlives_its_guest():
    guest = Guest()
    view, store = guest.view, weakref.ref(guest.store)
    loaded = guest.load(module("x == y"))
    del guest
    assert loaded.test(1, 1) == 1
    del loaded
    gc.collect()
    view[abi.ARENA_BASE] = 7
    assert view[abi.ARENA_BASE] == 7
    assert store() is not None
    del view
    gc.collect()
    assert store() is None


def test_segments_are_first_fit_and_joined_again():
    segments = Segments(0, 160)
    assert [segments.take(size) for size in (1, 16, 33, 0)] == [0, 16, 32, 80]
    assert segments.used == 96
    assert segments.take(65) is None
    assert segments.take(64) == 96
    for start, size in ((16, 16), (32, 33), (0, 1), (96, 64), (80, 0)):
        segments.give(start, size)
    assert segments.used == 0
    assert segments.take(160) == 0
