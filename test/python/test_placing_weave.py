"""Changed code (before 3.12) computes what it computed before, with probes at every line, unbound names in the middle of expressions included."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import heapq
import json
import json.decoder
import json.encoder
import json.scanner
import sys
import textwrap
from types import CodeType, FunctionType

import pytest
from tracepointdebug.placing import PlaceRequest
from tracepointdebug.placing.codes import CO_OPTIMIZED, CodePlace, lines_of, local_names
from tracepointdebug.placing.seat import Seat
from tracepointdebug.placing.variables import Names

from placing_case import BEST, Probes, Program

pytestmark = pytest.mark.skipif(BEST != "bytecode", reason="only before 3.12 is code changed")


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Program(tmp_path)
    yield made
    made.forget()


EXPRESSIONS = """
import asyncio, contextlib

def plain(xs, go):
    if go:
        late = 1
    for x in xs:
        y = (x,
             [x,
              dict(a=x,
                   b=go)],
             go)
    return (y,
            [z for z in xs
             if go]) if go else y

def generator(xs, go):
    if go:
        late = 1
    with contextlib.suppress(KeyError):
        for x in xs:
            y = (x,
                 (yield [x,
                         x]),
                 go)
            if not go: raise KeyError(
                x)
    return y

async def coroutine(xs, go):
    if go:
        late = 1
    async def one(x):
        try:
            return (await asyncio.sleep(0,
                                        x),
                    go)
        finally:
            x = None
    return [await one(x)
            for x in xs]

def nested(xs, go):
    try:
        try:
            if go:
                late = 1
                return (xs,
                        late)
            raise ValueError(
                xs)
        except ValueError as error:
            return [error.args,
                    go]
        finally:
            del xs
    finally:
        go = None

def closure(xs, go):
    if go:
        late = 1
    def inner(x):
        return (late if go else 0,
                x)
    return [inner(x)
            for x in xs]
"""


def answers(module):
    made = []
    for go in (True, False):
        made.append(module.plain([1, 2], go))
        made.append(list(module.generator([1, 2], go)))
        made.append(asyncio.run(module.coroutine([1, 2], go)))
        made.append(module.nested([1], go))
        made.append(module.closure([1, 2], go))
    return made


@pytest.mark.parametrize("with_exits", [False, True])
def test_an_unbound_name_anywhere_changes_nothing(program, with_exits):
    module, path = program.load(EXPRESSIONS)
    expected = answers(module)
    probes = Probes("bytecode")
    functions = [module.plain, module.generator, module.coroutine, module.nested, module.closure]
    codes = [f.__code__ for f in functions]
    for function in functions:
        for line in lines_of(function.__code__):
            probes.installed(path, line, names=("late",), test=lambda late: False, probe=f"{line}")
        if with_exits:
            line = function.__code__.co_firstlineno + 1
            probes.installed(
                path, line, at="exit", names=("late", "@duration"), test=lambda *v: False, probe=f"exit {line}"
            )
            probes.installed(path, line, at="entry", names=("xs",), test=lambda xs: False, probe=f"entry {line}")
    assert answers(module) == expected
    probes.placement.close()
    assert [f.__code__ for f in functions] == codes
    assert all(f.__code__ is code for f, code in zip(functions, codes))


def seated(code, name):
    """The code, and what is nested in it, with seats at each line, entry and exit that read every variable."""
    from tracepointdebug.placing.weave import woven

    constants = tuple(seated(c, f"{name}.{c.co_name}") if type(c) is CodeType else c for c in code.co_consts)
    code = code.replace(co_consts=constants)
    if not code.co_flags & CO_OPTIMIZED:
        return code
    place = CodePlace(code, name, None)
    names = local_names(code)
    seats = []
    for at, line in [("line", line) for line in lines_of(code)] + [("entry", 1), ("exit", 1)]:
        request = PlaceRequest("p", "f", line, at, None, names, None, lambda *_: False, print, print)
        seats.append(Seat(request, place, line, Names(place, at, {}, ()), may_clear=True))
    return woven(code, seats)


def library():
    text = json.dumps({"a": [1, 2.5, None, True, "ä\n"], "b": {"c": []}}, indent=2)
    decoder = json.decoder.JSONDecoder()
    decoder.parse_string = json.decoder.py_scanstring
    decoder.scan_once = json.scanner.py_make_scanner(decoder)
    encoder = json.encoder.JSONEncoder(indent=1, sort_keys=True)
    failed = []
    for bad in ("{", "[1,", '{"a" 1}', '"\\x"'):
        try:
            decoder.decode(bad)
        except ValueError as error:
            failed.append(str(error))
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.suppress(KeyError))
        stack.callback(failed.append, "left")
        raise KeyError(1)
    merged = list(heapq.merge([3, 5], [4], key=lambda x: -x, reverse=True)), heapq.nlargest(2, "abc", key=ord)
    return (
        decoder.decode(text),
        "".join(encoder.iterencode(decoder.decode(text))),
        textwrap.fill(text * 3, 30, max_lines=4),
        failed,
        merged,
    )


def test_the_library_works_with_probes_at_every_line():
    modules = (json.decoder, json.scanner, json.encoder, textwrap, contextlib, heapq)
    functions = [
        f for f in gc.get_objects() if type(f) is FunctionType and any(f.__globals__ is vars(m) for m in modules)
    ]
    expected = library()
    codes = [f.__code__ for f in functions]
    made = {}
    try:
        for function in functions:
            code = function.__code__
            if id(code) not in made:
                made[id(code)] = seated(code, function.__qualname__)
            function.__code__ = made[id(code)]
        assert library() == expected
    finally:
        for function, code in zip(functions, codes):
            function.__code__ = code
    assert len(made) > 60


def test_a_hit_is_quick_where_all_variables_are_plain(program):
    module, path = program.load("def f(a, b):\n    c = a + b\n    return c\n")
    probes = Probes("bytecode")
    probes.installed(path, 3, names=("a", "c"), test=lambda a, c: False)
    frames = []
    original = sys._getframe
    seat = probes.placement._entries["p"].placed[0][1][0]
    seat.gate[1] = seat.gate[2] = seat.gate[3] = lambda *_: frames.append(original(1))
    assert module.f(1, 2) == 3
    assert frames == []  # neither the frame nor its locals were asked for
    probes.placement.close()
