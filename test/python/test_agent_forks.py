"""Forks: each child is an agent of its own, with the parent's probes, and never touches the parent's connection."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Iterator

import pytest

from link_world import CLI, World, wait_for

pytestmark = pytest.mark.skipif(not CLI.exists(), reason="dist is not built: npm run build")


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


def test_a_child_has_the_probe_from_its_first_moment_and_counts_for_itself(world: World) -> None:
    program = world.run(
        """
        START
        def f(who, x):
            return x  # HERE
        print("running", flush=True)
        while waiting():
            f("early", 0)
        pids = []
        for child in range(3):
            pid = os.fork()
            if pid == 0:
                for n in range(5):
                    f(f"child{child}", n)
                state = tracepointdebug.status()
                counts = [probe["counts"] for probe in state["probes"]]
                print("CHILD", child, state["agent"]["pid"] == os.getpid(), counts[0]["reached"], flush=True)
                while running():
                    pass
                tracepointdebug.stop()
                os._exit(7)
            pids.append(pid)
        f("parent", 1)
        while running():
            pass
        print("CODES", [os.waitpid(pid, 0)[1] >> 8 for pid in pids])
        """
    )
    program.line("running")
    probe = world.put("log", program.place, "{{who}} {{x}}", "--if", 'who != "early"')
    program.go()
    for child in range(3):
        assert program.line(f"CHILD {child}") == "True 5"
    events = world.events(16, probe)
    assert sorted(event["text"] for event in events) == sorted(
        ["parent 1", *(f"child{child} {n}" for child in range(3) for n in range(5))]
    )
    # Four agents, each with ids of its own.
    assert len({event["agentId"] for event in events}) == 4
    assert len({event["eventId"] for event in events}) == 16
    agents = wait_for("agents", lambda: [r for r in world.cli("list") if r["type"] == "agent"])
    assert len({agent["pid"] for agent in agents}) == 4
    program.stop()
    assert program.line("CODES") == "[7, 7, 7]"


def test_a_child_of_multiprocessing_sends_its_last_events(world: World) -> None:
    program = world.run(
        """
        import multiprocessing
        START
        def f(x):
            return x  # HERE
        def work(n):
            f(n)
        if __name__ == "__main__":
            print("running", flush=True)
            while waiting():
                f(-1)
            context = multiprocessing.get_context("fork")
            children = [context.Process(target=work, args=(n,)) for n in range(6)]
            for child in children:
                child.start()
            for child in children:
                child.join()
            print("CODES", [child.exitcode for child in children])
            while running():
                pass
        """
    )
    program.line("running")
    probe = world.put("log", program.place, "{{x}}", "--if", "x >= 0")
    program.go()
    assert program.line("CODES") == "[0, 0, 0, 0, 0, 0]"
    assert sorted(event["text"] for event in world.events(6, probe)) == [str(n) for n in range(6)]
    program.stop()


def test_the_pool_of_spawned_processes_has_agents_by_run(world: World) -> None:
    program = world.run(
        """
        import multiprocessing
        def f(x):
            return x  # HERE
        def work(n):
            print("child", flush=True)
            while running():
                f(n)
                time.sleep(0.05)
        if __name__ == "__main__":
            print("running", flush=True)
            context = multiprocessing.get_context("spawn")
            child = context.Process(target=work, args=(5,))
            child.start()
            while running():
                pass
            child.join()
        """,
        command=[sys.executable, "-m", "tracepointdebug.run"],
    )
    program.line("child")
    probe = world.put("log", program.place, "{{x}}", "--keep")
    (event,) = world.events(1, probe)[:1]
    assert event["text"] == "5"
    program.stop()


def test_a_fork_while_probes_are_being_placed(world: World) -> None:
    program = world.run(
        """
        import sys
        START
        def f(x):
            return x  # HERE
        print("running", flush=True)
        torn = forks = 0
        while running():
            pid = os.fork()
            if pid == 0:
                f(1)
                state = tracepointdebug.status()["state"]
                import fractions, wave  # a lock of an import that was under way would hold this for ever
                os._exit(0 if state == "running" else 1)
            forks += 1
            code = os.waitpid(pid, 0)[1] >> 8
            torn += code
        print("FORKS", forks > 20, torn)
        """
    )
    program.line("running")
    for _ in range(3):
        world.put("log", program.place, "{{x}}", "--if", "x > 5")
    program.stop()
    assert program.line("FORKS") == "True 0"


GUNICORN = """
import os
def app(environ, start_response):
    who = os.getpid()
    start_response("200 OK", [])
    return [str(who).encode()]  # HERE
"""


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl asks the server")
@pytest.mark.parametrize("preload", [[], ["--preload"]])
def test_gunicorn_with_several_workers(world: World, preload: list) -> None:
    pytest.importorskip("gunicorn")
    socket = world.folder / f"web{len(preload)}.sock"
    file = world.folder / f"web{len(preload)}.py"
    file.write_text(GUNICORN)
    gunicorn = [
        sys.executable,
        "-m",
        "tracepointdebug.run",
        "-m",
        "gunicorn",
        "-w",
        "2",
        *preload,
        "-b",
        f"unix:{socket}",
        f"{file.stem}:app",
    ]
    server = subprocess.Popen(gunicorn, env=world.env, cwd=world.folder, stderr=subprocess.DEVNULL)
    world.started.append(server)
    wait_for("server", socket.exists)
    workers = wait_for(
        "workers",
        lambda: [r for r in world.cli("list") if r["type"] == "agent" and r["pid"] in children(server.pid)],
    )
    assert workers

    def ask() -> str:
        return subprocess.run(
            ["curl", "-s", "--unix-socket", str(socket), "http://x/"], capture_output=True, text=True, check=True
        ).stdout

    wait_for("both workers", lambda: ask() and len({ask() for _ in range(6)}) == 2)
    probe = world.put("log", f"{file.name}:6", "{{who}}", "--keep")
    asked = set()

    def fired() -> bool:
        asked.update(ask() for _ in range(6))
        return sum(status["counts"]["fired"] > 0 for status in world.statuses(probe)) == 2

    wait_for("hits in both workers", fired)
    events = world.events(2, probe)
    assert {event["text"] for event in events} <= asked
    server.terminate()
    assert server.wait(10) == 0


def children(pid: int) -> set:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False).stdout
    return {int(word) for word in found.split()} | {pid}


def test_a_child_leaves_the_parent_s_connection_alone(world: World) -> None:
    program = world.run(
        """
        START
        def f(x):
            return x  # HERE
        print("running", flush=True)
        while tracepointdebug.status()["host"]["state"] != "connected":
            time.sleep(0.01)
        for _ in range(20):
            pid = os.fork()
            if pid == 0:
                os._exit(0)
            os.waitpid(pid, 0)
        print("STATE", tracepointdebug.status()["host"]["state"], flush=True)
        while running():
            f(3)
        """
    )
    assert program.line("STATE") == "connected"
    probe = world.put("log", program.place, "{{x}}", "--hits", "1")
    assert world.events(1, probe)[0]["text"] == "3"
    program.stop()
    assert os.path.exists(world.state)
