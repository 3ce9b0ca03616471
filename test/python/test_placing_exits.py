"""Entry and exit probes: once for each call, with the returned value, the exception and the duration."""

from __future__ import annotations

import asyncio
import time

import pytest
from tracepointdebug.placing.limits import MAX_TIMED_CALLS
from tracepointdebug.reading import Duration

from placing_case import line_of

SHAPES = """
import asyncio, contextlib, time

def plain(a):
    if a > 1:
        return a * 2  # plain
    for b in range(a):
        pass

def raises(a):
    try:
        raise ValueError(a)  # raises
    finally:
        a += 1

def handles(a):
    try:
        raise ValueError(a)
    except ValueError:
        return a  # handles

def loops(n):
    while n:
        n -= 1  # loops
    return n

def within(a):
    with contextlib.suppress(KeyError):
        for b in [1, 2]:
            try:
                return a  # within
            finally:
                a += 1

def generator(n):
    for i in range(n):
        got = yield i  # generator
    return 9

async def coroutine(a):
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return a  # coroutine

def recursive(n):
    return 1 if n == 0 else n * recursive(n - 1)  # recursive

class Case:
    def method(self, a):
        time.sleep(0.01)
        return self  # method

one = lambda a: a + 1  # lambda
"""


def test_an_exit_has_the_returned_value(program, probes):
    module, path = program.load(SHAPES)
    seen = []
    probes.installed(
        path,
        line_of(SHAPES, "plain"),
        at="exit",
        names=("@return", "@exception", "a"),
        test=lambda *v: seen.append(v) or True,
    )
    assert (module.plain(2), module.plain(1)) == (4, None)
    assert seen == [(4, None, 2), (None, None, 1)]
    hits = probes.hits["p"]
    assert [(hit["@return"], hit["@exception"], hit["a"], type(hit["@duration"])) for hit in hits] == [
        (4, None, 2, Duration),
        (None, None, 1, Duration),
    ]
    probes.remove()
    assert module.plain(2) == 4
    assert len(seen) == 2


def test_an_exit_has_the_exception_and_the_program_gets_it_unchanged(program, probes):
    module, path = program.load(SHAPES)
    probes.installed(path, line_of(SHAPES, "raises"), at="exit", capture=("@exception", "@return", "a"))
    with pytest.raises(ValueError) as caught:
        module.raises(3)
    assert probes.hits["p"] == [{"@exception": caught.value, "@return": None, "a": 4}]
    assert caught.value.args == (3,)
    assert caught.value.__context__ is None
    trace = caught.value.__traceback__.tb_next
    assert (trace.tb_lineno, trace.tb_next) == (line_of(SHAPES, "raises"), None)


def test_an_exception_that_is_handled_is_no_exit(program, probes):
    module, path = program.load(SHAPES)
    probes.installed(path, line_of(SHAPES, "handles"), at="exit", capture=("@exception", "@return"))
    assert module.handles(3) == 3
    assert probes.hits["p"] == [{"@exception": None, "@return": 3}]


def test_an_exit_out_of_nested_blocks(program, probes):
    module, path = program.load(SHAPES)
    probes.installed(path, line_of(SHAPES, "within"), at="exit", capture=("@return", "a"))
    assert module.within(3) == 3
    assert probes.hits["p"] == [{"@return": 3, "a": 4}]


def test_entry_and_exit_come_once_for_each_call(program, probes):
    module, path = program.load(SHAPES)
    for name, call, expected in (
        ("loops", lambda: module.loops(3), 0),
        ("lambda", lambda: module.one(1), 2),
        ("plain", lambda: module.plain(2), 4),
    ):
        entry = probes.installed(path, line_of(SHAPES, name), at="entry", probe="entry")
        probes.installed(path, line_of(SHAPES, name), at="exit", probe="exit", capture=("@return",))
        assert call() == expected
        assert (len(probes.hits["entry"]), probes.hits["exit"]) == (1, [{"@return": expected}]), name
        assert entry.site.line <= line_of(SHAPES, name)


def test_an_entry_reads_the_arguments(program, probes):
    module, path = program.load(SHAPES)
    probes.installed(
        path,
        line_of(SHAPES, "method"),
        at="entry",
        names=("a", "this", "@args"),
        test=lambda a, this, args: args == {"self": this, "a": a},
    )
    case = module.Case()
    assert case.method(1) is case
    assert probes.hits["p"] == [{"self": case, "a": 1}]
    assert probes.states["p"][0].site.class_name == "Case"


def test_a_yield_is_no_exit_and_going_on_is_no_entry(program, probes):
    module, path = program.load(SHAPES)
    probes.installed(path, line_of(SHAPES, "generator"), at="entry", probe="entry")
    probes.installed(path, line_of(SHAPES, "generator"), at="exit", probe="exit", capture=("@return", "@exception"))
    assert list(module.generator(3)) == [0, 1, 2]
    assert (len(probes.hits["entry"]), probes.hits["exit"]) == (1, [{"@return": 9, "@exception": None}])
    probes.installed(path, line_of(SHAPES, "coroutine"), at="entry", probe="entry")
    probes.installed(path, line_of(SHAPES, "coroutine"), at="exit", probe="exit", capture=("@return", "@exception"))
    assert asyncio.run(module.coroutine(4)) == 4
    assert (len(probes.hits["entry"]), probes.hits["exit"]) == (1, [{"@return": 4, "@exception": None}])


def test_an_exception_thrown_into_a_generator_leaves_it(program, probes):
    module, path = program.load(SHAPES)
    probes.installed(path, line_of(SHAPES, "generator"), at="exit", capture=("@return", "@exception"))
    running = module.generator(3)
    next(running)
    with pytest.raises(KeyError) as caught:
        running.throw(KeyError(1))
    assert probes.hits["p"] == [{"@return": None, "@exception": caught.value}]


def test_the_duration_is_that_of_each_call(program, probes):
    module, path = program.load(SHAPES)
    durations = []
    probes.installed(
        path, line_of(SHAPES, "method"), at="exit", names=("@duration",), test=lambda d: durations.append(d.ns)
    )
    started = time.perf_counter_ns()
    module.Case().method(1)
    assert 9_000_000 < durations[0] < time.perf_counter_ns() - started
    depths = []
    probes.installed(
        path,
        line_of(SHAPES, "recursive"),
        at="exit",
        names=("n", "@duration"),
        test=lambda n, d: depths.append((n, d.ns)),
    )
    assert module.recursive(3) == 6
    assert [n for n, _ in depths] == [0, 1, 2, 3]
    assert [d for _, d in depths] == sorted(d for _, d in depths)


def test_calls_that_never_end_do_not_add_up(program, probes):
    module, path = program.load(SHAPES)
    probes.installed(path, line_of(SHAPES, "generator"), at="exit", names=("@duration",), test=lambda d: False)
    seats = [seat for _, placed in probes.placement._entries["p"].placed for seat in placed]
    running = [module.generator(3) for _ in range(MAX_TIMED_CALLS + 50)]
    for one in running:
        next(one)
    assert len(seats[0]._starts) == MAX_TIMED_CALLS
    for one in running:
        one.close()


def test_there_is_no_entry_outside_of_a_function(program, probes):
    _, path = program.load(SHAPES)
    state = probes.put(path, 2, at="entry")
    assert (state.code, state.message) == ("unsupported_place", f"Line 2 of {path} is not inside of a function.")
