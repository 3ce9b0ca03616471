"""The agent in real programs, with a real broker, host and command line: put, hit, error, tail, remove, trouble with the host."""

from __future__ import annotations

import os
import re
import signal
import sys
from typing import Iterator

import pytest

from link_world import CLI, World, wait_for

pytestmark = pytest.mark.skipif(not CLI.exists(), reason="dist is not built: npm run build")

SHOP = """
import json, sys
class User:
    def __init__(self, name, age):
        self.name, self.age, self.roles, self.password = name, age, ["admin"], "hunter2"

def view(user, items):
    total = sum(items)
    return total + user.age  # HERE

START
print("running", flush=True)
n = 0
while running():
    n += 1
    view(User("Zoë", 20 + n % 3), [1, 2, n])
print("STATUS", json.dumps(tracepointdebug.status()))
"""


@pytest.fixture(scope="module")
def everything() -> Iterator[World]:
    made = World()
    made.broker()
    yield made
    made.close()


@pytest.fixture
def world(everything: World) -> Iterator[World]:
    yield everything
    everything.end_programs()


def test_a_logpoint_with_a_condition_from_put_to_remove(world: World) -> None:
    program = world.run(SHOP)
    program.line("running")
    probe = world.put(
        "log",
        program.place,
        "user {{user.name}} {{size(items)}} {{user.password}}",
        "--if",
        'user.age >= 22 and "admin" in user.roles',
        "--hits",
        "4",
    )
    events = world.events(4, probe)
    assert [event["text"] for event in events] == ["user Zoë 3 <error: redacted>"] * 4
    assert {event["kind"] for event in events} == {"log"}
    assert [event["hit"] % 3 for event in events] == [events[0]["hit"] % 3] * 4
    wait_for("end of the probe", lambda: not [record for record in world.cli("list") if record["type"] == "probe"])
    assert program.stop() == 0
    assert '"probes": []' in program.line("STATUS")


def test_a_snapshot_shows_the_stack_and_hides_the_password(world: World) -> None:
    program = world.run(SHOP)
    program.line("running")
    probe = world.put("snap", program.place, "--hits", "1")
    (event,) = world.events(1, probe)
    snapshot = event["snapshot"]
    variables = dict(snapshot["variables"])
    assert snapshot["frames"][0]["function"] == "view"
    assert set(variables) == {"user", "items", "total"}
    assert dict(variables["user"]["fields"])["password"]["omitted"] == "redacted"
    assert "hunter2" not in str(event)
    program.stop()


def test_an_error_of_the_condition_is_drawn_with_a_caret(world: World) -> None:
    program = world.run(SHOP)
    program.line("running")
    condition = "user.name > 5"
    probe = world.put("log", program.place, "x", "--if", condition)
    (event,) = world.events(1, probe)
    assert (event["kind"], event["cause"]["code"]) == ("error", "no_such_overload")
    assert event["cause"]["snippet"].splitlines()[0] == condition
    assert "^" in event["cause"]["snippet"]
    program.stop()


def test_a_name_that_is_not_there_is_refused_with_those_that_are(world: World) -> None:
    program = world.run(SHOP)
    program.line("running")
    refused = world.try_cli("log", program.place, "{{usr.name}}")
    assert refused.returncode == 1
    assert "undeclared" in refused.stdout
    assert "user" in refused.stdout
    program.stop()


def test_a_false_condition_is_only_counted(world: World) -> None:
    program = world.run(
        """
        START
        def f(x):
            return x + 1  # HERE
        print("running", flush=True)
        while waiting():
            pass
        for n in range(1000):
            f(n)
        while running():
            pass
        """
    )
    program.line("running")
    probe = world.put("log", program.place, "{{x}}", "--if", "x > 1e12")
    program.go()
    (status,) = wait_for("counts", lambda: [s for s in world.statuses(probe) if s["counts"]["reached"] == 1000])
    assert (status["state"], status["counts"]["conditionFalse"], status["counts"]["fired"]) == ("installed", 1000, 0)
    program.stop()


def test_events_of_the_last_moment_are_sent_at_the_exit(world: World) -> None:
    program = world.run(
        """
        START
        def f(x):
            return x + 1  # HERE
        print("running", flush=True)
        while running():
            pass
        for n in range(20):
            f(n)
        sys = __import__("sys")
        sys.exit(3)
        """
    )
    program.line("running")
    probe = world.put("log", program.place, "x is {{x}} at {{@line}} in {{@method}}, hit {{@hits}}")
    assert program.stop() == 3
    texts = [event["text"] for event in world.events(20, probe)]
    line = program.place.split(":")[1]
    assert texts == [f"x is {n} at {line} in f, hit {n}" for n in range(20)]


def test_a_killed_host_is_started_anew_and_nothing_is_lost(world: World) -> None:
    program = world.run(
        """
        START
        def f(x):
            return x + 1  # HERE
        print("running", flush=True)
        n = 0
        while running():
            n += 1
            f(n)
            time.sleep(0.1)
        print("HITS", n)
        """
    )
    program.line("running")
    probe = world.put("log", program.place, "{{x}}", "--hits", "500")
    world.events(2, probe)
    old = world.host_pid()
    os.kill(old, signal.SIGKILL)
    wait_for("new host", lambda: (world.state / "host.sock.lock").exists() and world.host_pid() != old)
    count = len(world.events(10, probe)) + 5
    texts = [int(event["text"]) for event in world.events(count, probe)]
    # One after another, without a gap and none twice.
    assert texts == list(range(texts[0], texts[0] + len(texts)))
    program.stop()


def test_stop_takes_the_probes_out_and_start_may_be_called_again(world: World) -> None:
    program = world.run(
        """
        def f(x):
            return x + 1  # HERE
        original = f.__code__
        START
        print("running", flush=True)
        while running():
            f(1)
        tracepointdebug.stop()
        print("OFF", tracepointdebug.status()["state"], f.__code__ is original)
        print("AGAIN", tracepointdebug.start()["state"])
        """
    )
    program.line("running")
    probe = world.put("log", program.place, "{{x}}", "--rate", "5")
    world.events(1, probe)
    program.stop()
    assert program.line("OFF") == "off True"
    assert program.line("AGAIN") == "running"


def test_a_file_that_is_imported_later_gets_its_probe(world: World) -> None:
    (world.folder / "later_module.py").write_text("def g(x):\n    return x * 2\n")
    program = world.run(
        """
        import sys
        START
        print("running", flush=True)
        while running():
            pass
        sys.path.insert(0, os.path.dirname(__file__))
        import later_module
        for n in range(50):
            later_module.g(n)
            time.sleep(0.02)
        """
    )
    program.line("running")
    probe = world.put("log", "later_module.py:2", "{{x}}")
    assert [status["state"] for status in world.statuses(probe) if status["state"] == "pending"]
    program.stop()
    assert int(world.events(1, probe)[0]["text"]) < 45


def test_an_entry_and_an_exit(world: World) -> None:
    program = world.run(SHOP)
    program.line("running")
    entry = world.put("log", program.place, "in {{size(items)}}", "--at", "entry", "--hits", "1")
    end = world.put(
        "log",
        program.place,
        "out {{@return > 0}} {{@exception == null}} {{@duration < duration('1s')}}",
        "--at",
        "exit",
        "--hits",
        "1",
    )
    assert world.events(1, entry)[0]["text"] == "in 3"
    assert world.events(1, end)[0]["text"] == "out true true true"
    program.stop()


@pytest.mark.parametrize("callback", ["hides", "raises", "nonsense"])
def test_the_program_s_own_redaction_fails_closed(world: World, callback: str) -> None:
    program = world.run(
        f"""
        import threading
        CALLBACK = {callback!r}
        def redact(data):
            assert threading.current_thread() is not threading.main_thread()
            if CALLBACK == "raises":
                raise ValueError("the secret 4711")
            if CALLBACK == "nonsense":
                return 17
            variables = data["frames"][0]["variables"] if "frames" in data else data["variables"]
            variables["card"]["number"] = "****"
            assert data["method_name"] == "pay" and data["file_name"] == __file__
        def pay(card):
            return card  # HERE
        import tracepointdebug
        tracepointdebug.start(tracepoint_data_redaction_callback=redact, log_data_redaction_callback=redact)
        print("running", flush=True)
        while running():
            pay({{"number": 4711, "holder": "Zoë"}})
        """
    )
    program.line("running")
    log = world.put("log", program.place, "card {{card.number}} of {{card.holder}}", "--hits", "1")
    (event,) = world.events(1, log)
    snap = world.put("snap", program.place, "--hits", "1")
    (snapped,) = world.events(1, snap)
    program.stop()
    assert "4711" not in str(event) + str(snapped)
    if callback == "hides":
        assert event["text"] == "card **** of Zoë"
        assert "Zoë" in str(snapped["snapshot"]["variables"])
    else:
        assert re.match("<withheld", event["text"])
        assert snapped["snapshot"]["variables"] == []
        assert (event["cause"]["code"], snapped["cause"]["code"]) == ("redaction_failed", "redaction_failed")


@pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
def test_the_agent_is_one_thread_that_the_program_does_not_see(world: World) -> None:
    program = world.run(
        """
        import threading
        START
        time.sleep(0.5)
        print("THREADS", len(threading.enumerate()), len(os.listdir("/proc/self/task")))
        print("running", flush=True)
        """
    )
    assert program.line("THREADS") == "1 2"
    assert program.process.wait(10) == 0
