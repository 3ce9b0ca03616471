"""Every function that runs the code has the probe, whoever refers to it, and gets its very own code back."""

from __future__ import annotations

import asyncio
import dis
import functools
import gc
import json.decoder
import pickle
import sys
import textwrap
import threading
import traceback

import pytest

from placing_case import BEST, Probes, line_of

needs_bytecode = pytest.mark.skipif(BEST != "bytecode", reason="only before 3.12 is code changed")


SHAPES = """
import asyncio, contextlib, functools, weakref

def decorate(f):
    @functools.wraps(f)
    def wrapper(*args):
        return f(*args)  # wrapper
    return wrapper

@decorate
def decorated(a):
    return a  # decorated

class Case:
    def method(self, a):
        return a  # method
    @classmethod
    def made(cls, a):
        return a  # classmethod
    @staticmethod
    def plain(a):
        return a  # staticmethod
    @property
    def value(self):
        a = 1
        return a  # property
    @functools.lru_cache(None)
    def cached(self, a):
        return a  # cached
    def __call__(self, a):
        return a  # call

def base(a, b=0):
    return a  # partial
partial = functools.partial(base, b=1)

def outer(n):
    def inner(a):
        return a + n  # closure
    return inner
early = outer(0)

def factory():
    class Local:
        def method(self, a):
            return a  # local class
    return Local

def generator(a):
    yield a  # generator
    yield a

async def coroutine(a):
    await asyncio.sleep(0)
    return a  # coroutine

async def agenerator(a):
    yield a  # asynchronous generator

@contextlib.contextmanager
def manager(a):
    yield a  # manager

hidden = [lambda a: a]  # lambda
keeper = {"f": [lambda a, b=(lambda a: a): b(a)]}

def default(a, f=lambda a: a):  # default
    return f(a)

def deep():
    def middle():
        def inner(a):
            return a  # deep
        return inner
    return middle

async def gather(values):
    return [a async for a in (agenerator(values[0]))]

def entered(a):
    with manager(a) as b:
        return b
"""

CALLS = {
    "wrapper": lambda m: m.decorated(5),
    "decorated": lambda m: m.decorated(5),
    "method": lambda m: m.Case().method(5),
    "classmethod": lambda m: m.Case.made(5),
    "staticmethod": lambda m: m.Case.plain(5),
    "property": lambda m: m.Case().value + 4,
    "cached": lambda m: m.Case().cached(5),
    "call": lambda m: m.Case()(5),
    "partial": lambda m: m.partial(5),
    "closure": lambda m: m.early(5),
    "local class": lambda m: m.factory()().method(5),
    "generator": lambda m: next(m.generator(5)),
    "coroutine": lambda m: asyncio.run(m.coroutine(5)),
    "asynchronous generator": lambda m: asyncio.run(m.gather([5]))[0],
    "manager": lambda m: m.entered(5),
    "lambda": lambda m: m.hidden[0](5),
    "default": lambda m: m.default(5),
    "deep": lambda m: m.deep()()(5),
}


@pytest.mark.parametrize("shape", CALLS)
def test_reaches_functions_of_every_shape(program, probes, shape):
    module, path = program.load(SHAPES)
    call = CALLS[shape]
    before = {id(f): f.__code__ for f in gc.get_objects() if type(f) is type(call) and f.__globals__ is vars(module)}
    probes.installed(path, line_of(SHAPES, shape))
    assert call(module) == 5
    assert len(probes.hits["p"]) == 1
    probes.remove()
    assert call(module) == 5
    assert len(probes.hits["p"]) == 1
    after = {id(f): f.__code__ for f in gc.get_objects() if type(f) is type(call) and f.__globals__ is vars(module)}
    assert all(code is after[key] for key, code in before.items() if key in after)


def test_reaches_closures_of_before_and_after_and_gives_all_their_code_back(program, probes):
    module, path = program.load(SHAPES)
    original = module.early.__code__
    outer = module.outer.__code__
    probes.installed(path, line_of(SHAPES, "closure"), names=("n",), test=lambda n: True)
    late = module.outer(1)
    assert (module.early(5), late(5)) == (5, 6)
    assert [hit["n"] for hit in probes.hits["p"]] == [0, 1]
    probes.remove()
    assert late.__code__ is original
    assert module.early.__code__ is original
    assert module.outer.__code__ is outer
    assert any(constant is original for constant in outer.co_consts)
    late(5)
    assert len(probes.hits["p"]) == 2


def test_reaches_copies_that_share_the_code(program, probes):
    module, path = program.load(SHAPES)
    copy = type(module.base)(module.base.__code__, vars(module), "copy", (0,))
    probes.installed(path, line_of(SHAPES, "partial"))
    late = type(module.base)(module.base.__code__, vars(module), "late", (0,))
    assert (copy(1), late(2)) == (1, 2)
    assert len(probes.hits["p"]) == 2
    original = module.base.__code__
    probes.remove()
    assert copy.__code__ is late.__code__ is module.base.__code__
    assert (BEST == "bytecode" and probes.engine != "pytrace") == (original is not module.base.__code__)


def test_a_call_under_way_ends_as_it_began(program, probes):
    source = "def f(go):\n    while go():\n        x = 1\n    return 1\n"
    module, path = program.load(source)
    started, ended = threading.Event(), threading.Event()

    def go():
        started.set()
        return not ended.wait(0.001)

    thread = threading.Thread(target=module.f, args=(go,))
    thread.start()
    started.wait()
    state = probes.installed(path, 3)
    try:
        if BEST == "bytecode" and probes.engine != "pytrace":
            assert "under way go on without the probe" in state.note
            assert probes.hits["p"] == []
            assert module.f(iter([1, 0]).__next__) == 1
            assert len(probes.hits["p"]) == 1
        elif probes.engine == "monitoring":
            for _ in range(2000):
                if probes.hits["p"]:
                    break
                ended.wait(0.001)
            assert probes.hits["p"]
    finally:
        probes.remove()
        count = len(probes.hits["p"])
        ended.set()
        thread.join()
    assert len(probes.hits["p"]) in (count, count + 1)


def test_suspended_generators_go_on(program, probes):
    source = "def g():\n    for i in range(4):\n        yield i\n"
    module, path = program.load(source)
    running = module.g()
    assert next(running) == 0
    probes.installed(path, 3)
    assert next(running) == 1
    late = module.g()
    assert next(late) == 0
    assert {"i": 0} in probes.hits["p"]
    probes.remove()
    count = len(probes.hits["p"])
    assert (list(late), list(running)) == ([1, 2, 3], [2, 3])
    assert len(probes.hits["p"]) == count


def test_tracebacks_and_what_a_function_says_of_itself_stay_the_same(program, probes):
    source = textwrap.dedent(
        '''
        def f(a, b=2, *c, d: int = 4, **e) -> int:
            """Text."""
            x = 1
            try:
                return (x +
                        a.b)
            finally:
                x = 2
        '''
    )
    module, path = program.load(source)

    def facts():
        code = module.f.__code__
        try:
            module.f(1)
        except AttributeError as error:
            where = [(frame.lineno, frame.name, frame.line) for frame in traceback.extract_tb(error.__traceback__)][1:]
        names = (
            "co_argcount",
            "co_posonlyargcount",
            "co_kwonlyargcount",
            "co_varnames",
            "co_cellvars",
            "co_freevars",
            "co_flags",
            "co_name",
            "co_filename",
            "co_firstlineno",
        )
        return (
            where,
            module.f.__doc__,
            module.f.__defaults__,
            module.f.__annotations__,
            [getattr(code, name) for name in names],
        )

    before = facts()
    for line in (4, 6, 7, 9):
        probes.installed(path, line, probe=f"p{line}")
    probes.installed(path, 4, at="exit", probe="exit")
    probes.installed(path, 4, at="entry", probe="entry")
    assert facts() == before
    assert all(hits for hits in probes.hits.values())


@needs_bytecode
def test_changed_code_keeps_lines_positions_and_instructions():
    from tracepointdebug.placing.ops import ops_of, read, write

    def facts(code):
        lines = dict(dis.findlinestarts(code)) if sys.version_info < (3, 10) else {}
        if sys.version_info >= (3, 10):
            lines = {offset: line for start, end, line in code.co_lines() for offset in range(start, end)}
        positions = list(code.co_positions()) if sys.version_info >= (3, 11) else []
        return [
            (
                instruction.opname,
                None
                if "JUMP" in instruction.opname
                or instruction.opname.startswith(("SETUP_", "FOR_ITER", "SEND", "CALL_FINALLY"))
                else repr(instruction.argval),
                lines.get(instruction.offset),
                positions[instruction.offset // 2] if positions else None,
            )
            for instruction in dis.get_instructions(code)
            if instruction.opname != "EXTENDED_ARG"
        ]

    seen = 0
    for module in (json.decoder, textwrap, functools, asyncio.base_events, asyncio.tasks, traceback, dis, threading):
        for function in [f for f in gc.get_objects() if type(f) is type(facts) and f.__globals__ is vars(module)]:
            code = function.__code__
            bytecode = read(code)
            made = write(bytecode, ops_of(bytecode), code.co_stacksize)
            assert facts(made) == facts(code), code
            seen += 1
    assert seen > 300


@needs_bytecode
def test_functions_with_long_jumps_and_many_constants_can_be_changed(program):
    probes = Probes("bytecode")
    lines = "".join(f"        x = x + {n}.5 if a != '{n}' else f(x - 1)\n" for n in range(400))
    source = f"def f(a, n=2):\n    x = 0\n    for i in range(n):\n        if a == 'no': continue\n{lines}    return x\n"
    module, path = program.load(source)
    answer = module.f("x")
    for line in (4, 5, 200, 404, 405):
        probes.installed(path, line, names=("a", "x"), probe=f"p{line}")
    assert module.f("x") == answer
    assert [len(hits) for hits in probes.hits.values()] == [2, 2, 2, 2, 1]
    probes.placement.close()


@needs_bytecode
def test_a_function_pickled_by_value_carries_a_closed_gate(program):
    probes = Probes("bytecode")
    module, path = program.load("def f(a):\n    return a\n")
    probes.installed(path, 2, names=("a",))
    probes.installed(path, 2, at="exit", probe="exit")
    constants = module.f.__code__.co_consts
    gates = [pickle.loads(pickle.dumps(c)) for c in constants if type(c).__module__.startswith("tracepointdebug")]
    probes.placement.close()
    assert (
        [type(gate) for gate in gates] == [tuple, list]
        or [type(gate) for gate in gates] == [list, list, tuple]
        or len(gates) >= 2
    )
    for gate in gates:
        assert type(gate) in (list, tuple)
        assert not any(call(1, 2) for call in gate)


@needs_bytecode
def test_what_cannot_be_changed_is_left_to_a_trace_function(program, monkeypatch):
    from tracepointdebug.placing import weave

    monkeypatch.setattr(weave, "MAX_WOVEN_BYTES", 4)
    module, path = program.load("def f(a):\n    return a + a + a\n")
    probes = Probes("auto")
    state = probes.installed(path, 2)
    assert (state.engine, "its bytecode is longer than" in state.note) == ("pytrace", True)
    assert module.f(1) == 3
    assert len(probes.hits["p"]) == 1
    probes.placement.close()
    forced = Probes("bytecode")
    assert forced.failed(path, 2) == "engine_refused"
    forced.placement.close()
