"""The guest in a process that lives: signals, forks, threads with small stacks, other interpreters, gevent, and machines without it."""

from __future__ import annotations

import base64
import subprocess
import sys
import types

import pytest
import tracepointdebug.guest.native as native
from tracepointdebug.errors import GuestError

from guest_cases import ROOT
from guest_modules import module

OPEN = """
import base64, os, sys
from tracepointdebug.guest import Guests, obstacle
WASM = base64.b64decode({wasm!r})
OTHER = base64.b64decode({other!r})
"""


def run(code, *, timeout=60, flags=()):
    """Runs a program in a process of its own. It must end well and say nothing on its standard error."""
    text = OPEN.format(wasm=base64.b64encode(module("x == y")), other=base64.b64encode(module("total > 1e12"))) + code
    done = subprocess.run([sys.executable, *flags, "-c", text], capture_output=True, text=True, timeout=timeout)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr + done.stdout
    return done.stdout.strip()


def test_no_signal_handler_of_the_program_is_replaced():
    code = """
def caught():
    return [line for line in open("/proc/self/status") if line.startswith("SigCgt")]
before = caught()
shared = Guests().load(WASM)
assert shared.test(1, 1) == 1
assert caught() == before
"""
    if sys.platform == "linux":
        run(code)


def test_no_threads_are_started_and_few_addresses_are_taken():
    code = """
def status():
    return {line.split(":")[0]: line.split()[1] for line in open("/proc/self/status") if line.startswith(("Vm", "Threads"))}
before = status()
shared = Guests().load(WASM)
assert shared.test(1, 1) == 1
after = status()
grown = {name: (int(after[name]) - int(before[name])) / 1024 for name in ("VmRSS", "VmSize")}
print(f"resident {grown['VmRSS']:.1f} MiB more, virtual {grown['VmSize']:.1f} MiB more")
assert after["Threads"] == before["Threads"] == "1"
assert grown["VmRSS"] < 40, grown
assert grown["VmSize"] < 300, grown
"""
    if sys.platform == "linux":
        print(run(code))


def test_a_forked_child_goes_on_and_loads_modules_of_its_own():
    run(
        """
import signal, threading
guests = Guests()
shared = guests.load(WASM)
stop = threading.Event()
def hits():
    while not stop.is_set():
        assert shared.test("a", "a") == 1
threads = [threading.Thread(target=hits, daemon=True) for _ in range(4)]
for thread in threads: thread.start()
import warnings; warnings.simplefilter("ignore")
for _ in range(10):
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        ok = shared.test(1, 1) == 1 and shared.test(1, 2) == 0
        other = guests.load(OTHER)
        ok = ok and other.test(2e12) == 1 and other.test(1.0) == 0
        grandchild = os.fork()
        if grandchild == 0:
            os._exit(0 if Guests().load(WASM).test(1, 1) == 1 else 1)
        os._exit(0 if ok and os.waitpid(grandchild, 0)[1] == 0 else 1)
    assert os.waitpid(child, 0)[1] == 0
stop.set()
for thread in threads: thread.join()
assert shared.test(1, 1) == 1
"""
    )


def test_threads_with_the_smallest_stack_and_a_deep_recursion_evaluate():
    run(
        """
import threading
shared = Guests().load(WASM)
deep = [1]
for _ in range(60): deep = [deep]
threading.stack_size(256 << 10)
answers = []
thread = threading.Thread(target=lambda: answers.append(shared.test(deep, deep)))
thread.start(); thread.join()
def down(n):
    return shared.test(1, 1) if n == 0 else down(n - 1)
answers.append(down(sys.getrecursionlimit() - 50))
def end():
    try:
        end()
    except RecursionError:
        pass
    try:
        answers.append(shared.test(1, 1))
    except RecursionError:
        answers.append("near the limit")
end()
assert answers[1] == 1, answers
assert set(answers[2:]) <= {1, "near the limit"} and 1 in answers[2:], answers
assert shared.test(1, 1) == 1
"""
    )


def test_daemon_threads_that_hit_while_the_interpreter_ends_disturb_nothing():
    run(
        """
import threading, time
shared = Guests().load(WASM)
def hits():
    while True:
        shared.test("a", "a")
for _ in range(4): threading.Thread(target=hits, daemon=True).start()
time.sleep(0.2)
"""
    )


def test_hits_of_finalisers_while_the_interpreter_ends_disturb_nothing():
    run(
        """
shared = Guests().load(WASM)
class Late:
    def __init__(self, shared): self.shared = shared
    def __del__(self):
        try:
            self.shared.test(1, 1)
        except Exception:
            pass
sys.late = Late(shared)
late = Late(shared)
cycle = [Late(shared)]; cycle.append(cycle)
"""
    )


def test_other_interpreters_run_it_or_are_told_why_not():
    code = """
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
shared = Guests().load(WASM)
path = [entry for entry in sys.path if entry]
text = f'''
import sys; sys.path[:0] = {path!r}
from tracepointdebug.guest import Guests, obstacle
cause = obstacle()
if cause is None:
    assert Guests().load({WASM!r}).test(1, 1) == 1
else:
    assert cause.code == "no_ctypes" and cause.remedy, cause
'''
made = interpreters.create()
failed = interpreters.run_string(made, text)
assert not failed, failed
interpreters.destroy(made)
assert shared.test(1, 1) == 1
"""
    run(code, flags=("-W", "ignore"))


@pytest.mark.parametrize(
    "patch", ["import gevent.monkey; gevent.monkey.patch_all()", "import eventlet; eventlet.monkey_patch()"]
)
def test_greenlets_of_a_monkey_patched_program_evaluate(patch):
    pytest.importorskip(patch.split()[1].rstrip(";").split(".")[0])
    code = """
import threading, time
shared = Guests().load(WASM)
answers = []
def work(n):
    for i in range(50):
        answers.append(shared.test(n, n))
        if i % 10 == 0: time.sleep(0)
threads = [threading.Thread(target=work, args=(n,)) for n in range(20)]
for thread in threads: thread.start()
for thread in threads: thread.join()
assert answers == [1] * 1000
"""
    run(f"{patch}\n{code}", flags=("-W", "ignore"))


# ## Where it cannot run


@pytest.fixture
def unopened(monkeypatch):
    """As in a process that has not tried yet."""
    monkeypatch.setattr(native, "_open", None)
    return monkeypatch


def refused(code, text):
    cause = native.obstacle()
    assert (cause.code, text in cause.message) == (code, True), cause
    assert cause.remedy
    with pytest.raises(GuestError):
        native.open_engine()


def test_python_3_8_is_told_that_there_is_no_engine_for_it(unopened):
    unopened.setattr(native, "sys", types.SimpleNamespace(version_info=(3, 8, 18)))
    refused("python_too_old", "3.8")


def test_a_missing_package_is_named_with_the_way_to_install_it(unopened):
    unopened.setitem(sys.modules, "wasmtime", None)
    refused("no_wasmtime", "wasmtime")
    assert "pip install 'wasmtime>=" in native.obstacle().remedy


@pytest.mark.parametrize("version", ["44.0.0", f"{native.NEWEST_WASMTIME + 1}.0.0", "of an unknown version"])
def test_a_version_that_was_not_tried_is_refused(unopened, version):
    unopened.setattr(native, "_version", lambda _: version)
    refused("wasmtime_version", version)


def test_the_version_of_the_package_is_found():
    import importlib.metadata

    import wasmtime

    assert native._version(wasmtime) == importlib.metadata.version("wasmtime")


def test_the_package_asks_for_the_versions_that_it_takes():
    wanted = f"wasmtime>={native.OLDEST_WASMTIME},<{native.NEWEST_WASMTIME + 1};"
    assert wanted in (ROOT / "bindings/python/pyproject.toml").read_text()


def test_an_incomplete_package_says_what_is_missing(unopened, tmp_path):
    unopened.setattr(native, "__file__", str(tmp_path / "guest/native.py"))
    refused("no_engine", "engine.wasm")


def test_a_system_that_forbids_executable_memory_is_told_what_it_forbids(unopened):
    def forbidden(*_):
        raise RuntimeError("Permission denied (os error 13)")

    unopened.setattr(native.cache, "load_compiled", forbidden)
    refused("no_wasm", "Permission denied")


def test_the_agent_without_a_probe_does_not_pay_for_the_engine():
    run("assert not {'wasmtime', 'ctypes'} & set(sys.modules), sorted(sys.modules)")
