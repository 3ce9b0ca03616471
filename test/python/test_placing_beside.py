"""Which engine serves, and that probes and other tools (trace functions, debuggers, coverage, sys.monitoring) leave each other alone."""

from __future__ import annotations

import bdb
import json
import subprocess
import sys
import threading

import pytest
from tracepointdebug.placing import create_placement

from placing_case import BEST, ENGINES, Probes, line_of

needs_monitoring = pytest.mark.skipif(BEST != "monitoring", reason="sys.monitoring came with 3.12")


SOURCE = "def f(a):\n    b = a + 1\n    return b\n\ndef g(a):\n    return f(a)\n"


@pytest.mark.parametrize("engine", ["auto", "native", BEST, "pytrace"])
def test_the_best_engine_serves_unless_another_is_wanted(program, engine):
    module, path = program.load(SOURCE)
    probes = Probes(engine)
    expected = "pytrace" if engine == "pytrace" else BEST
    assert probes.installed(path, 2).engine == expected
    assert probes.placement.stats().engine == expected
    assert module.f(1) == 2
    assert len(probes.hits["p"]) == 1
    probes.placement.close()


def test_an_engine_that_cannot_serve_here_or_does_not_exist_is_an_error(program):
    module, path = program.load(SOURCE)
    other = "bytecode" if BEST == "monitoring" else "monitoring"
    state = Probes(other).put(path, 2)
    assert (state.code, state.message.startswith(f"The engine {other} cannot place the probe, because")) == (
        "engine_refused",
        True,
    )
    state = Probes("inject").put(path, 2)
    assert (state.code, state.message) == ("unknown_engine", '"inject" is not an engine of Python.')
    assert state.details == ("auto", "native", "monitoring", "bytecode", "pytrace")
    assert module.f(1) == 2
    assert create_placement("inject").stats().installed == 0


def test_a_trace_function_goes_on_and_is_given_back(program, probes):
    module, path = program.load(SOURCE)
    lines = []

    def trace(frame, event, arg):
        if frame.f_globals is not vars(module):
            return None
        if event == "line":
            lines.append((frame.f_code.co_name, frame.f_lineno))
        return trace

    expected = [("g", 6), ("f", 2), ("f", 3)]
    sys.settrace(trace)
    try:
        probes.installed(path, 2, names=("a",))
        assert module.g(1) == 2
        assert lines == expected
        assert [hit["a"] for hit in probes.hits["p"]] == [1]
        probes.remove()
        assert sys.gettrace() is trace
        assert module.g(1) == 2
        assert lines == expected * 2
    finally:
        sys.settrace(None)
    assert len(probes.hits["p"]) == 1


def test_a_trace_function_that_comes_later_goes_on(program, probes):
    module, path = program.load(SOURCE)
    events = []

    def trace(frame, event, arg):
        if frame.f_code is module.f.__code__ or frame.f_code.co_name == "f":
            events.append(event)
            return trace
        return None

    probes.installed(path, 2)
    sys.settrace(trace)
    try:
        assert module.g(1) == 2
        assert events == ["call", "line", "line", "return"]
        probes.placement.tick()  # a trace function that was displaced is put back, around the other one
        assert module.g(1) == 2
        assert events == ["call", "line", "line", "return"] * 2
        probes.remove()
        assert sys.gettrace() is trace
    finally:
        sys.settrace(None)
    assert len(probes.hits["p"]) == 2 - (probes.engine == "pytrace")


class Debugger(bdb.Bdb):
    """Stops at a line, steps on to the end of the function."""

    def __init__(self):
        super().__init__()
        self.stops = []

    def user_line(self, frame):
        if frame.f_code.co_name in ("f", "g"):
            self.stops.append((frame.f_code.co_name, frame.f_lineno, dict(frame.f_locals)))
        self.set_step()

    def user_return(self, frame, value):
        self.set_step()


def test_a_debugger_steps_through_a_probed_function(program, probes):
    module, path = program.load(SOURCE)
    plain = Debugger()
    plain.runcall(module.g, 1)
    probes.installed(path, 2, names=("a",))
    probes.installed(path, 6, probe="q")
    debugger = Debugger()
    assert debugger.runcall(module.g, 1) == 2
    assert debugger.stops == plain.stops == [("g", 6, {"a": 1}), ("f", 2, {"a": 1}), ("f", 3, {"a": 1, "b": 2})]
    if probes.engine != "pytrace":  # whose trace function the debugger has displaced
        assert (len(probes.hits["p"]), len(probes.hits["q"])) == (1, 1)


COVERED = """
import sys
sys.path.insert(0, {folder!r})
import {name} as module
from tracepointdebug.placing import PlaceRequest, create_placement
hits, states = [], []
placement = create_placement({engine!r})
placement.place(PlaceRequest("p", "{name}.py", 2, "line", None, ("a",), None, lambda a: a > 1, lambda *a: hits.append(1), states.append))
placement.place(PlaceRequest("q", "{name}.py", 3, "exit", None, (), None, lambda: True, lambda *a: hits.append(2), states.append))
assert [module.g(n) for n in range(4)] == [1, 2, 3, 4]
assert sorted(hits) == [1, 1, 2, 2, 2, 2], hits
placement.close()
assert module.g(1) == 2 and len(hits) == 6
print([type(state).__name__ for state in states])
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("core", ["ctrace", "pytrace", "sysmon"])
def test_coverage_measures_what_it_measures_without_probes(program, engine, core):
    pytest.importorskip("coverage", reason="the package coverage is not installed")
    if core == "sysmon" and BEST != "monitoring":
        core = "ctrace"
    source = (
        "def f(a):\n    b = a + 1\n    return b\n\ndef g(a):\n    if a > 100:\n        return None\n    return f(a)\n"
    )
    name, path = program.write(source)
    script = program.folder / "covered.py"
    script.write_text(COVERED.format(folder=str(program.folder), name=name, engine=engine))
    environment = {
        **__import__("os").environ,
        "COVERAGE_CORE": core,
        "COVERAGE_FILE": str(program.folder / ".coverage"),
    }

    def run(*arguments):
        command = [sys.executable, "-m", "coverage", *arguments]
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, check=False, env=environment, cwd=program.folder
        )

    done = run("run", f"--include={path}", str(script))
    assert (done.stdout, done.stderr) == ("['Installed', 'Installed']\n", "")
    assert run("json", "-q", "-o", "-").returncode == 0
    report = json.loads(run("json", "-q", "-o", "-").stdout)
    assert next(iter(report["files"].values()))["missing_lines"] == [7]


@needs_monitoring
def test_another_monitoring_tool_goes_on(program):
    probes = Probes("monitoring")
    module, path = program.load(SOURCE)
    monitoring = sys.monitoring
    lines = []

    def on_line(code, line):
        if code.co_filename == path:
            lines.append(line)
        return monitoring.DISABLE

    monitoring.use_tool_id(4, "another")
    try:
        monitoring.register_callback(4, monitoring.events.LINE, on_line)
        monitoring.set_events(4, monitoring.events.LINE)
        module.f(1)
        assert lines == [2, 3]
        probes.installed(path, 2)
        probes.installed(path, 3, probe="q")
        module.f(1)
        module.f(1)
        # CPython may tell it once more of what it has disabled, when events of another tool change.
        assert lines in ([2, 3], [2, 3] * 2)
        assert (len(probes.hits["p"]), len(probes.hits["q"])) == (2, 2)
        probes.placement.close()
        assert monitoring.get_tool(4) == "another"
        assert monitoring.get_events(4) == monitoring.events.LINE
        lines.clear()
        monitoring.restart_events()
        module.f(1)
        assert lines == [2, 3]
    finally:
        monitoring.set_events(4, 0)
        monitoring.free_tool_id(4)


@needs_monitoring
def test_ids_of_debuggers_coverage_and_profilers_are_left_to_them(program):
    module, path = program.load(SOURCE)
    monitoring = sys.monitoring
    for tool in (3, 4, 5):
        monitoring.use_tool_id(tool, "another")
    try:
        probes = Probes("auto")
        state = probes.installed(path, 2)
        assert (state.engine, "have taken all tool ids" in state.note) == ("pytrace", True)
        assert module.f(1) == 2
        assert len(probes.hits["p"]) == 1
        probes.placement.close()
        assert Probes("monitoring").failed(path, 2) == "engine_refused"
        assert [monitoring.get_tool(tool) for tool in (0, 1, 2)] == [None] * 3
    finally:
        for tool in (3, 4, 5):
            monitoring.free_tool_id(tool)


@needs_monitoring
def test_nothing_is_watched_but_the_line(program):
    module, path = program.load(SOURCE)
    probes = Probes("monitoring")
    monitoring = sys.monitoring
    assert [monitoring.get_tool(tool) for tool in range(6)] == [None] * 6
    probes.installed(path, 2)
    assert monitoring.get_tool(4) == "tracepointdebug"
    assert monitoring.get_events(4) == 0
    assert monitoring.get_local_events(4, module.f.__code__) == monitoring.events.LINE
    assert monitoring.get_local_events(4, module.g.__code__) == 0
    callback = monitoring.register_callback(4, monitoring.events.LINE, None)
    told = []
    monitoring.register_callback(
        4, monitoring.events.LINE, lambda code, line: (told.append(line), callback(code, line))[1]
    )
    for _ in range(3):
        module.g(1)
    assert told == [2, 3, 2, 2]  # line 3 once
    probes.placement.close()
    assert [monitoring.get_tool(tool) for tool in range(6)] == [None] * 6
    assert monitoring.get_local_events.__name__ == "get_local_events"


@needs_monitoring
def test_a_line_that_was_switched_off_is_told_of_again_for_a_new_probe(program):
    module, path = program.load(SOURCE)
    probes = Probes("monitoring")
    probes.installed(path, 2)
    for _ in range(3):
        module.f(1)
    probes.installed(path, 3, probe="q")
    module.f(1)
    assert (len(probes.hits["p"]), len(probes.hits["q"])) == (4, 1)
    probes.remove("p")
    module.f(1)
    assert (len(probes.hits["p"]), len(probes.hits["q"])) == (4, 2)
    probes.placement.close()


def test_a_trace_function_of_new_threads_goes_on_too(program):
    module, path = program.load(SOURCE)
    probes = Probes("pytrace")
    seen = []

    def trace(frame, event, arg):
        if frame.f_code is module.f.__code__:
            seen.append(event)
        return

    threading.settrace(trace)
    try:
        probes.installed(path, 2)
        thread = threading.Thread(target=module.g, args=(1,))
        thread.start()
        thread.join()
        assert (seen, len(probes.hits["p"])) == (["call"], 1)
        probes.placement.close()
        assert threading._trace_hook is trace
    finally:
        threading.settrace(None)
        sys.settrace(None)


def test_a_trace_function_that_somebody_has_taken_away_is_put_back(program):
    module, path = program.load(SOURCE)
    probes = Probes("pytrace")
    probes.installed(path, 2)
    sys.settrace(None)
    module.f(1)
    assert probes.hits["p"] == []
    probes.placement.tick()
    module.f(1)
    assert len(probes.hits["p"]) == 1
    probes.placement.close()
    assert sys.gettrace() is None


def test_the_column_is_that_of_the_statement_where_it_is_known(program, probes):
    source = "def f(a):\n    if a:\n        return a  # here\n"
    module, path = program.load(source)
    site = probes.installed(path, line_of(source, "here")).site
    assert (site.line, site.column) == (3, 9 if sys.version_info >= (3, 11) else 1)
    assert module.f(1) == 1
    assert len(probes.hits["p"]) == 1


DAEMONS = """
import sys, threading, time
sys.path.insert(0, {folder!r})
import {name} as module
from tracepointdebug.placing import PlaceRequest, create_placement
hits, states = [], []
placement = create_placement({engine!r})
placement.place(PlaceRequest("p", "{name}.py", 2, "line", None, ("a",), None, lambda a: True, lambda *a: hits.append(1), states.append))
placement.place(PlaceRequest("q", "{name}.py", 3, "exit", None, (), None, lambda: False, print, states.append))
def run():
    while True: module.g(1)
for _ in range(4): threading.Thread(target=run, daemon=True).start()
while len(hits) < 100: time.sleep(0.001)
print([type(state).__name__ for state in states], flush=True)
{end}
"""


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("end", ["", "import os; os._exit(0)"])
def test_a_program_ends_while_its_threads_run_into_probes(program, engine, end):
    name, _ = program.write(SOURCE)
    source = DAEMONS.format(folder=str(program.folder), name=name, engine=engine, end=end)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "['Installed', 'Installed']\n", "")
