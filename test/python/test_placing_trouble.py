"""What must not hurt the program: recursion, interrupts, errors of ours, threads, forks, unbound names, hostile namespaces."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
import time
import weakref

import pytest

from placing_case import BEST, together

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")


SIMPLE = "def f(a):\n    b = a + 1\n    return b\n"


def test_a_program_near_its_recursion_limit_is_not_hurt(program, probes):
    source = "def f(n):\n    if n == 0:\n        return 0\n    return 1 + f(n - 1)\n"
    module, path = program.load(source)

    def deepest():
        low, high = 10, 3000
        while low < high:
            middle = (low + high + 1) // 2
            try:
                module.f(middle)
                low = middle
            except RecursionError:
                high = middle - 1
        return low

    def deep(n):
        return n > 0 and deep(n - 1)

    before = deepest()
    probes.installed(path, 2, names=("n",), test=lambda n: deep(30))
    after = deepest()
    # Changed code swallows the error where it calls; a callback of the interpreter's own needs a frame for that.
    # 3.8 would abort the process if it were swallowed: there the program gets the error for our frames as well.
    allowed = 40 if sys.version_info < (3, 9) else 0 if probes.engine == "bytecode" else 3
    assert before - after <= allowed
    assert probes.hits["p"] == []
    assert module.f(20) == 20
    probes.remove()
    assert deepest() >= before - 1


def test_recursion_without_end_ends_as_ever(program, probes):
    module, path = program.load("def f(n):\n    return f(n + 1)\n")
    probes.installed(path, 2)
    probes.installed(path, 2, at="exit", probe="exit")
    with pytest.raises(RecursionError):
        module.f(0)
    assert len(probes.hits["p"]) > 100
    assert module.f.__name__ == "f"


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_not_an_error_goes_through_to_the_program(program, probes, error):
    module, path = program.load(
        "def f(a):\n    try:\n        b = a\n        return b\n    except BaseException as e:\n        return type(e)\n"
    )

    def test(a):
        if a == 1:
            raise error
        return False

    probes.installed(path, 3, names=("a",), test=test)
    assert [module.f(n) for n in (0, 1, 2)] == [0, error, 2] if probes.engine != "pytrace" else module.f(1) is error


class AlarmError(Exception):
    """What a signal handler of a program raises."""


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals need the main thread")
@pytest.mark.parametrize("error", [AlarmError, ValueError])
def test_what_a_signal_handler_raises_goes_through_to_the_program(program, probes, error):
    module, path = program.load(
        "def f(a):\n    try:\n        b = a\n        return b\n    except Exception as e:\n        return type(e)\n"
    )

    def handler(number, frame):
        raise error

    def test(a):
        os.kill(os.getpid(), signal.SIGUSR1)
        time.sleep(0.2)
        return False

    probes.installed(path, 3, names=("a",), test=test)
    before = signal.signal(signal.SIGUSR1, handler)
    try:
        assert module.f(1) is error
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_errors_of_ours_are_kept_from_the_program_and_counted(program, probes):
    module, path = program.load(SIMPLE)
    before = probes.placement.stats().internal_errors
    for at, line in (("line", 2), ("entry", 2), ("exit", 2)):
        # A built-in function raises out of our own frames.
        probes.installed(path, line, at=at, names=("a",), test=lambda *_: 1, probe=at)
        for seat in [seat for _, placed in probes.placement._entries[at].placed for seat in placed]:
            seat.gate[0] = int("0").__truediv__
            seat.gate[0] = __import__("operator").methodcaller("nothing")
    assert module.f(1) == 2
    assert probes.placement.stats().internal_errors == before + 3


def test_64_threads_share_one_probe(program, probes):
    module, path = program.load(SIMPLE)
    seen = [0] * 64
    marks = threading.local()

    def test(a):
        seen[a] += 1
        return a == marks.number and seen[a] == 100

    state = {}

    def work(number):
        marks.number = number
        barrier.wait()
        for _ in range(100):
            assert module.f(number) == number + 1

    barrier = threading.Barrier(64)
    state = probes.installed(path, 3, names=("a",), test=test)
    together(64, work)
    assert seen == [100] * 64, state
    assert sorted(hit["a"] for hit in probes.hits["p"]) == list(range(64))
    assert all(hit["b"] == hit["a"] + 1 for hit in probes.hits["p"])


def test_no_hit_begins_after_a_removal(program, probes):
    module, path = program.load("def f(go):\n    while go():\n        x = 1\n        y = 2\n")
    ended = threading.Event()
    threads = [threading.Thread(target=module.f, args=(lambda: not ended.is_set(),)) for _ in range(4)]
    begun = []
    probes.installed(path, 3, test=lambda: False, probe="other")
    for thread in threads:
        thread.start()
    try:
        for line in (3, 4, 3, 4, 3):
            deadline = time.monotonic() + 10
            begun = []
            probes.installed(path, line, test=lambda begun=begun: begun.append(1))
            if BEST != "bytecode" and probes.engine != "pytrace":
                while not begun and time.monotonic() < deadline:
                    time.sleep(0.001)
                assert begun
            probes.remove()
            time.sleep(0.1)  # hits that had begun end
            count = len(begun)
            time.sleep(0.02)
            assert len(begun) == count
    finally:
        ended.set()
        for thread in threads:
            thread.join()


@needs_fork
def test_a_child_has_the_probes_of_its_parent(program, probes):
    module, path = program.load(SIMPLE)
    probes.installed(path, 2, names=("a",))

    def child():
        module.f(1)
        hit = len(probes.hits["p"])
        probes.installed(path, 3, names=("b",), probe="child")
        module.f(2)
        probes.remove()
        module.f(3)
        return (hit, len(probes.hits["p"]), len(probes.hits["child"])) == (1, 2, 2)

    assert in_child(child)
    module.f(1)
    assert len(probes.hits["p"]) == 1


@needs_fork
def test_a_fork_while_a_probe_is_being_placed(program, probes):
    module, path = program.load(SIMPLE)
    ended = threading.Event()

    def place():
        while not ended.is_set():
            probes.put(path, 2, probe="busy")
            probes.remove("busy")

    thread = threading.Thread(target=place)
    thread.start()
    try:
        for _ in range(5):
            assert in_child(
                lambda: probes.installed(path, 3).site.line == 3 and module.f(1) == 2 and len(probes.hits["p"]) == 1
            )
    finally:
        ended.set()
        thread.join()


def in_child(work):
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os._exit(0 if work() else 3)
        except BaseException:
            import traceback

            traceback.print_exc()
        os._exit(4)
    for _ in range(3000):
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.WEXITSTATUS(status) == 0
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def test_nothing_lives_longer_for_having_been_read(program, probes):
    source = "def f(make, gone):\n    x = make()\n    y = 1\n    x = None\n    return gone()\n"
    module, path = program.load(source)

    class Thing:
        pass

    class Case:
        def make(self):
            thing = Thing()
            self.reference = weakref.ref(thing)
            return thing

        def gone(self):
            return self.reference() is None

    seen = []
    probes.installed(path, 3, names=("x",), test=lambda x: seen.append(type(x)))
    case = Case()
    # A trace function makes the interpreter keep a copy of the locals: that is its price, as with any debugger.
    assert module.f(case.make, case.gone) or (probes.engine == "pytrace" and sys.version_info < (3, 13))
    assert seen == [Thing]
    probes.installed(path, 3, names=("x", "@args"), test=lambda x, arguments: seen.append(type(x)))
    assert module.f(case.make, case.gone) or (probes.engine == "pytrace" and sys.version_info < (3, 13))


def test_locals_that_the_program_holds_stay_as_they_are(program, probes):
    source = "def f(a):\n    held = locals()\n    b = 1\n    return dict(held), held\n"
    module, path = program.load(source)
    probes.installed(path, 4)
    copied, held = module.f(1)
    assert copied["a"] == 1
    assert held["a"] == 1


def test_a_namespace_of_the_program_s_own_making_is_not_read(program, probes):
    source = (
        "class Space(dict):\n    def __getitem__(self, name):\n        read.append(name)\n        return dict.__getitem__(self, name)\n"
        "read = []\nclass Meta(type):\n    @classmethod\n    def __prepare__(cls, *args): return Space()\n"
        "    def __new__(cls, name, bases, space): return type.__new__(cls, name, bases, dict(space))\n"
        "class Case(metaclass=Meta):\n    size = 2\n    other = 3\n"
    )
    name, path = program.write(source)
    from tracepointdebug.unavailable import UNAVAILABLE

    seen = []
    probes.put(path, 12, names=("size",), test=lambda size: seen.append(size) or True)
    import importlib

    module = importlib.import_module(name)
    assert seen == [UNAVAILABLE]
    assert "size" not in module.read
    assert module.Case.other == 3


def test_functions_that_were_frozen_are_found(program, probes):
    module, path = program.load("class Case:\n    def f(self, a):\n        return a\nheld = {'f': [lambda a: a]}\n")
    original = module.Case.f.__code__
    gc.collect()
    gc.freeze()
    try:
        probes.installed(path, 3)
        probes.installed(path, 4, probe="lambda")
        assert (module.Case().f(1), module.held["f"][0](2)) == (1, 2)
        assert (len(probes.hits["p"]), len(probes.hits["lambda"])) == (1, 1)
        probes.placement.close()
        assert module.Case.f.__code__ is original
    finally:
        gc.unfreeze()


CYCLES = """
import gc, resource, sys
sys.path.insert(0, {folder!r})
from tracepointdebug.placing import PlaceRequest, create_placement
import small
functions = [small.f, small.early, small.outer]
codes = [f.__code__ for f in functions]
placement = create_placement({engine!r})
def cycle(n):
    line, at = [(2, "line"), (6, "line"), (2, "exit"), (2, "entry")][n % 4]
    placement.place(PlaceRequest("p", "small.py", line, at, None, ("a",), None, lambda a: True, lambda *a: hits.append(1), states.append))
    small.f(1), small.early(1)
    placement.remove("p")
    assert type(states.pop()).__name__ == "Installed" and not states
def measure():
    gc.collect()
    return len(gc.get_objects()), sys.getallocatedblocks()
hits, states = bytearray(), []
for n in range(200): cycle(n)
before = measure()
for n in range(200, 200 + {count}): cycle(n)
objects, blocks = (after - old for after, old in zip(measure(), before))
assert len(hits) == 200 + {count}, len(hits)
assert all(f.__code__ is code for f, code in zip(functions, codes))
assert small.outer(1).__code__ is codes[1]
placement.close()
print(objects < 100, blocks < 2000, sys.gettrace())
if not (objects < 100 and blocks < 2000): print(objects, blocks)
"""


# Changing code takes milliseconds a time: fewer cycles, unless somebody wants to wait for all of them.
CYCLE_COUNT = int(os.environ.get("PLACING_CYCLES", "10000" if BEST == "monitoring" else "1500"))


def test_10000_cycles_leak_nothing_and_leave_the_original_code(program):
    (program.folder / "small.py").write_text(
        "def f(a):\n    return a\n\ndef outer(n):\n    def inner(a):\n        return a + n\n    return inner\nearly = outer(0)\n"
    )
    source = CYCLES.format(folder=str(program.folder), engine="auto", count=CYCLE_COUNT)
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=600, check=False)
    assert (done.stdout, done.stderr) == ("True True None\n", "")
