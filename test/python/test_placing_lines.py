"""Where a probe at a line hits: as often as a debugger would stop there, in each engine, and with which variables."""

from __future__ import annotations

import asyncio
import sys

import pytest
from tracepointdebug.placing.codes import lines_of

from placing_case import line_of

SAMPLES = {
    "straight": ("def f():\n    a = 1\n    b = a\n\n    return b\n", "f()"),
    "one line": ("def f(): return 1\n", "f()"),
    "branches": (
        "def f(n):\n    if n > 1:\n        x = 1\n    elif n:\n        x = 2\n    else:\n        x = 3\n    return x\n",
        "[f(n) for n in (0, 1, 2)]",
    ),
    "for": (
        "def f(n):\n    t = 0\n    for i in range(n):\n        t += i\n    else:\n        t += 1\n    return t\n",
        "(f(0), f(3))",
    ),
    "while": (
        "def f(n):\n    while n:\n        n -= 1\n    while True:\n        n += 1\n        if n > 2: break\n        continue\n    return n\n",
        "f(3)",
    ),
    "while on one line": ("def f(n):\n    while n: n -= 1\n    for i in range(3): n += i\n    return n\n", "f(3)"),
    "loop at the start": ("def f(n=[3]):\n    while n[0]:\n        n[0] -= 1\n", "f()"),
    "try": (
        (
            "def f(n):\n    try:\n        x = 1 // n\n    except ZeroDivisionError as e:\n        x = str(e)\n    except ValueError:\n        pass\n"
            "    else:\n        x += 1\n    finally:\n        n += 1\n    return x\n"
        ),
        "(f(0), f(1))",
    ),
    "return in finally": (
        "def f(n):\n    for i in range(3):\n        try:\n            if i == n: return i\n        finally:\n            n -= 0\n    return -1\n",
        "(f(1), f(5))",
    ),
    "with": (
        (
            "import contextlib\n@contextlib.contextmanager\ndef g():\n    yield 1\ndef f(n):\n    with g() as a, contextlib.suppress(KeyError):\n"
            "        if n: raise KeyError(a)\n        n = 2\n    return n\n"
        ),
        "(f(0), f(1))",
    ),
    "calls over lines": (
        "def g(*a, **k): return self\ndef f(n):\n    x = g(\n        n,\n        *[1],\n        k=n,\n    )\n    return x\nself = 1\n",
        "f(1)",
    ),
    "chain of methods": (
        "def f(t):\n    return (\n        t\n        .strip()\n        .replace('a', 'b')\n        .split(sep='b', maxsplit=1)\n    )\n",
        "f(' abab ')",
    ),
    "closure": ("def f(n):\n    def g(k):\n        return n + k\n    n += 1\n    return g(1) + g(2)\n", "f(1)"),
    "generator": (
        "def g(n):\n    for i in range(n):\n        x = i\n        yield x\n    return 1\ndef f(n):\n    y = yield from g(n)\n    yield y\n",
        "list(f(3))",
    ),
    "await": (
        (
            "import asyncio\nasync def g(n):\n    await asyncio.sleep(0)\n    return n\nasync def f(n):\n    a = await g(n)\n    for _ in range(2):\n"
            "        a += await g(1)\n    return a\n"
        ),
        "asyncio.run(f(3))",
    ),
    "async with and for": (
        (
            "import asyncio\nclass C:\n    async def __aenter__(self): return self\n    async def __aexit__(self, *a): return True\n    def __aiter__(self): self.n = 2; return self\n"
            "    async def __anext__(self):\n        self.n -= 1\n        if self.n < 0: raise StopAsyncIteration\n        return self.n\n"
            "async def f():\n    async with C() as c:\n        async for x in c:\n            y = x\n    return y\n"
        ),
        "asyncio.run(f())",
    ),
    "lambda": ("f = lambda a: a + 1\ng = [lambda: 1,\n     lambda: 2]\n", "(f(1), g[0](), g[1]())"),
    "deleted": (
        "def f():\n    x = 1\n    del x\n    try:\n        x\n    except NameError: pass\n    return 1\n",
        "f()",
    ),
    "nested loops": (
        "def f():\n    t = 0\n    for i in range(3):\n        for j in range(2):\n            if j == 1: continue\n            t += 1\n    return t\n",
        "f()",
    ),
    "assertion": ("def f(x):\n    assert (\n        x\n    ), 'no'\n    return x\n", "f(1)"),
}


def stops(code, run):
    """How often a debugger would stop on each line of one code object."""
    found = {}
    last = {}

    def trace(frame, event, arg):
        if frame.f_code is code and event == "line":
            line = frame.f_lineno
            # From 3.12 on a loop within one line counts once: that is how sys.monitoring sees it.
            if sys.version_info < (3, 12) or last.get(id(frame)) != line:
                found[line] = found.get(line, 0) + 1
            last[id(frame)] = line
        elif frame.f_code is code:
            last.pop(id(frame), None)
        return trace

    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(None)
    return found


def codes_of(code):
    yield code
    for constant in code.co_consts:
        if type(constant) is type(code):
            yield from codes_of(constant)


@pytest.mark.parametrize("sample", SAMPLES)
def test_hits_as_often_as_a_debugger_would_stop(program, probes, sample):
    if sample == "with" and sys.version_info[:2] == (3, 12) and probes.engine == "monitoring":
        pytest.skip("3.12 does not tell sys.monitoring that an exception leads back to the line of `with`; 3.13 does")
    source, call = SAMPLES[sample]
    module, path = program.load(source)
    asyncio.run(asyncio.sleep(0))  # its imports are none of ours

    def run():
        try:
            return repr(eval(call, vars(module))).split(" at ")[0]
        finally:
            if sample == "loop at the start":
                module.f.__defaults__[0][0] = 3

    answer = run()
    functions = [f for f in vars(module).values() if hasattr(f, "__code__")] + list(
        getattr(module, "g", []) if sample == "lambda" else []
    )
    codes = {
        code
        for f in functions
        for code in codes_of(f.__code__)
        if code.co_filename == path and code.co_name != "<lambda>"
    }
    if sample == "lambda":
        codes = {f.__code__ for f in functions}
    seen = 0
    for code in codes:
        expected = stops(code, run)
        for line in lines_of(code):
            others = [other for other in codes if other is not code and line in lines_of(other)]
            if others:
                continue
            state = probes.installed(path, line)
            assert run() == answer
            assert state.site.line == line
            assert len(probes.hits["p"]) == expected.get(line, 0), (code.co_name, line)
            assert all(hit == (code.co_name, line) for hit in probes.frames["p"])
            probes.remove()
            seen += 1
    assert seen > 0


COMPREHENSION = """
def f(n):
    squares = [i * i for i in range(n)]  # list
    texts = {  # dict
        str(i): j  # inner
        for i in range(n)
        for j in range(2)
    }
    return sum(s for s in squares), len(texts)  # generator
"""


def test_a_comprehension_counts_as_one_with_its_statement(program, probes):
    module, path = program.load(COMPREHENSION)
    probes.installed(path, line_of(COMPREHENSION, "list"), names=("n",))
    assert module.f(3) == (5, 3)
    assert len(probes.hits["p"]) == 1
    assert probes.hits["p"][0]["n"] == 3


def test_reads_the_variables_of_a_comprehension_on_a_line_of_its_own(program, probes):
    module, path = program.load(COMPREHENSION)
    seen = []
    probes.installed(
        path, line_of(COMPREHENSION, "inner"), names=("i", "j"), test=lambda i, j: seen.append((i, j)) or False
    )
    module.f(2)
    assert {(0, 0), (0, 1), (1, 0), (1, 1)} <= set(seen)


def test_stands_in_every_function_on_the_line_whose_variables_can_be_read(program, probes):
    source = "def f(xs):\n    return sorted(xs, key=lambda x: -x)\n"
    module, path = program.load(source)
    state = probes.installed(path, 2)
    assert module.f([1, 2]) == [2, 1]
    assert sorted(name for name, _ in probes.frames["p"]) == ["<lambda>", "<lambda>", "f"]
    assert "2 functions" in state.note
    state = probes.installed(path, 2, names=("x",), test=lambda x: x > 1)
    assert module.f([1, 2]) == [2, 1]
    assert probes.hits["p"] == [{"x": 2}]
    assert state.site.function_name == "<lambda>"


VARIABLES = """
limit = 7
class Shop:
    rate = 2
    def price(self, base, *more, tax=1, **named):
        total = base * tax
        def inner():
            return total + base  # closure
        total += 1  # body
        if base > 100:
            late = 1
        del tax
        return inner()  # end
    @staticmethod
    def plain(a):
        return a  # static
def swap(this):
    return this  # this
"""


def test_reads_arguments_locals_cells_closures_globals_and_this(program, probes):
    module, path = program.load(VARIABLES)
    shop = module.Shop()
    names = ("self", "this", "@this", "base", "more", "tax", "named", "total", "limit", "@args")
    seen = []
    probes.installed(path, line_of(VARIABLES, "body"), names=names, test=lambda *values: seen.append(values) or True)
    assert shop.price(3, 4, tax=5, k=6) == 19
    arguments = {"self": shop, "base": 3, "tax": 5, "more": (4,), "named": {"k": 6}}
    assert seen == [(shop, shop, shop, 3, (4,), 5, {"k": 6}, 15, 7, arguments)]
    captured = probes.hits["p"][0]
    assert callable(captured.pop("inner"))
    assert captured == {"self": shop, "base": 3, "tax": 5, "more": (4,), "named": {"k": 6}, "total": 15}

    probes.installed(path, line_of(VARIABLES, "closure"), names=("total",), test=lambda total: total > 1)
    assert shop.price(3) == 7
    assert probes.hits["p"] == [{"total": 4, "base": 3}]


def test_a_variable_that_is_not_bound_is_unavailable_and_raises_nothing(program, probes):
    from tracepointdebug.unavailable import UNAVAILABLE

    module, path = program.load(VARIABLES)
    seen = []
    probes.installed(
        path, line_of(VARIABLES, "end"), names=("late", "tax", "base"), test=lambda *values: seen.append(values) or True
    )
    assert module.Shop().price(3) == 7
    assert module.Shop().price(300) == 601
    assert seen == [(UNAVAILABLE, UNAVAILABLE, 3), (1, UNAVAILABLE, 300)]
    assert "late" not in probes.hits["p"][0]
    assert probes.hits["p"][1]["late"] == 1


def test_refuses_names_that_cannot_be_read_there(program, probes):
    module, path = program.load(VARIABLES)
    state = probes.put(path, line_of(VARIABLES, "body"), names=("base", "nowhere"))
    assert (state.code, state.message) == (
        "undeclared",
        f'"nowhere" is not a variable that can be read on line {line_of(VARIABLES, "body")}.',
    )
    assert "total" in state.details
    assert probes.failed(path, line_of(VARIABLES, "this"), names=("@this",)) == "undeclared"
    assert probes.failed(path, line_of(VARIABLES, "body"), names=("@return",)) == "undeclared"
    assert probes.failed(path, line_of(VARIABLES, "body"), names=("len",)) == "undeclared"
    probes.installed(path, line_of(VARIABLES, "this"), names=("this",))
    assert module.swap(5) == 5
    assert probes.hits["p"] == [{"this": 5}]


def test_says_where_it_stands(program, probes):
    _, path = program.load(VARIABLES)
    site = probes.installed(path, line_of(VARIABLES, "closure")).site
    assert (site.file, site.function_name, site.class_name) == (path, "inner", "")
    site = probes.installed(path, line_of(VARIABLES, "body")).site
    assert (site.function_name, site.class_name) == ("price", "Shop")
    assert site.names == ("self", "base", "tax", "more", "named", "inner", "late", "total", "this")
    if sys.version_info >= (3, 11):
        assert site.column == 9


def test_moves_to_the_next_line_with_code_and_says_so(program, probes):
    source = "def f():\n    a = 1\n\n    # a remark\n    return a\n\ndef g():\n    return 2\n"
    module, path = program.load(source)
    state = probes.installed(path, 3)
    assert state.site.line == 5
    assert state.note.startswith("Line 3 has no code of its own; the probe stands on line 5.")
    assert module.f() == 1
    assert len(probes.hits["p"]) == 1
    assert probes.failed(path, 0) == "line_out_of_range"
    state = probes.put(path, 99)
    assert (state.code, state.message) == ("line_out_of_range", f"{path} has 8 lines; 99 is past its end.")
    assert state.remedy.endswith("The last one is on line 8.")


def test_several_probes_share_a_function_and_a_line(program, probes):
    source = "def f(a):\n    b = a + 1\n    return b\n"
    module, path = program.load(source)
    original = module.f.__code__
    for number in range(3):
        probes.installed(path, 2, probe=f"two{number}", names=("a",), test=lambda a, n=number: a == n)
        probes.installed(path, 3, probe=f"three{number}", names=("b",), test=lambda b, n=number: b == n)
    assert [module.f(n) for n in range(4)] == [1, 2, 3, 4]
    assert {probe: len(hits) for probe, hits in probes.hits.items()} == {
        "two0": 1,
        "two1": 1,
        "two2": 1,
        "three0": 0,
        "three1": 1,
        "three2": 1,
    }
    for probe in list(probes.hits)[:-1]:
        probes.remove(probe)
    module.f(1)
    assert sum(len(hits) for hits in probes.hits.values()) == 6
    probes.remove(list(probes.hits)[-1])
    assert module.f.__code__ is original
