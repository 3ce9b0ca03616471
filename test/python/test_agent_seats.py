"""Probes in a process, with real modules and placements, under a host that the test plays."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Dict, Iterator

import pytest

from played_host import PlayedHost, run

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "link.json").read_text("utf-8"))
(GOLDEN,) = [case["message"] for case in VECTORS["hostToBinding"] if case["id"] == "place: a logpoint"]

pytestmark = pytest.mark.skipif(sys.version_info < (3, 9), reason="there is no WebAssembly engine for Python 3.8")


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="tp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def place(number: int = 1, **probe: Any) -> Dict[str, Any]:
    """The golden logpoint in the test's program, at the line that the prelude leaves for it."""
    wasm = {name: bytes.fromhex(GOLDEN[name]["$bytes"]) for name in ("condition", "template") if name in GOLDEN}
    wanted = {**GOLDEN["probe"], "file": "shop_module.py", "line": 2, "expiresAt": (time.time() + 600) * 1000, **probe}
    return {"type": "place", "placementId": f"p~0~{number}", "probe": wanted, **wasm}


def shop(folder: Path) -> None:
    section = "user, total, items"
    (folder / "shop_module.py").write_text(f"def checkout({section}):\n    return total\n")


PROGRAM = """
import gc, threading
import shop_module
original = shop_module.checkout.__code__
class User:
    name = "Zoë"
def hit(total):
    shop_module.checkout({"name": "Zoë", "age": 33}, total, [1, 2])
tracepointdebug.start()
"""


def test_64_threads_on_one_real_probe_add_up(folder: Path) -> None:
    shop(folder)

    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        if message["type"] == "hello":
            host.welcome()
            host.send(place(hitLimit=20))

    host = PlayedHost(folder, follow)
    ran = run(
        folder,
        PROGRAM
        + """
until(lambda: [probe for probe in status()["probes"] if probe["state"] == "installed"])
def work():
    for n in range(200):
        hit(n)
threads = [threading.Thread(target=work) for _ in range(64)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(json.dumps(status()["probes"][0]["counts"]))
""",
    )
    host.close()
    counts = json.loads(ran.stdout)
    parts = ("notDue", "conditionFalse", "conditionError", "rateLimited", "fired")
    assert counts["reached"] == sum(counts[part] for part in parts) == 64 * 200
    assert counts["fired"] == 20
    assert counts["conditionFalse"] > 0
    assert [message["why"] for message in host.seen if message["type"] == "closed"] == ["spent"]
    kinds = host.kinds()
    assert kinds.index("closed") > max(at for at, kind in enumerate(kinds) if kind == "event")


def test_a_hit_wakes_nobody_and_its_event_leaves_all_the_same(folder: Path) -> None:
    """To wake a thread gives the interpreter's lock away, and the program waits to get it back."""
    shop(folder)

    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        if message["type"] == "hello":
            host.welcome()
            host.send(place(hitLimit=2))
        if message["type"] == "event":
            host.send({"type": "ack", "seq": message["seq"]})

    host = PlayedHost(folder, follow)
    ran = run(
        folder,
        PROGRAM
        + """
until(lambda: [probe for probe in status()["probes"] if probe["state"] == "installed"])
from tracepointdebug.link import wake
woken, write = [], wake.write
wake.write = lambda *call: woken.append(call) or write(*call)
[hit(10_000.0) for _ in range(3)]
until(lambda: not status()["waiting"])
print(woken)
""",
    )
    host.close()
    assert ran.stdout == "[]\n", ran.stderr
    assert host.kinds().count("event") == 2


def test_an_expired_probe_ends_without_a_host(folder: Path) -> None:
    shop(folder)

    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        if message["type"] == "hello" and "placements" not in message:
            host.welcome()
            host.send(place(expiresAt=(time.time() + 2) * 1000))
        if message["type"] == "placed":
            host.connections[-1].shutdown(2)
            host.close()

    host = PlayedHost(folder, follow)
    ran = run(
        folder,
        PROGRAM
        + """
until(lambda: status()["probes"])
until(lambda: not status()["probes"])
print(shop_module.checkout.__code__ is original)
""",
    )
    assert ran.stdout == "True\n", ran.stderr


def test_what_stands_is_told_to_the_next_host(folder: Path) -> None:
    shop(folder)

    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        if message["type"] == "hello":
            host.welcome()
            if "placements" not in message:
                host.send(place())
        if message["type"] == "placed" and len(host.connections) == 1:
            host.connections[0].shutdown(2)

    host = PlayedHost(folder, follow)
    ran = run(
        folder, PROGRAM + "until(lambda: status()['probes']); time.sleep(0.5); until(connected); time.sleep(0.5)\n"
    )
    host.close()
    assert ran.returncode == 0
    first, second = (message for message in host.seen if message["type"] == "hello")
    assert second["agent"]["agentId"] == first["agent"]["agentId"]
    assert second["placements"] == [{"placementId": "p~0~1", "probeId": GOLDEN["probe"]["id"]}]
    assert host.kinds()[host.kinds().index("hello", 1) :][:3] == ["hello", "placed", "counts"]


def test_putting_and_removing_leaves_nothing(folder: Path) -> None:
    shop(folder)
    cycles = 150

    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        number = len([None for kind in host.kinds() if kind == "removed"])
        if message["type"] == "hello":
            host.welcome()
        if message["type"] in ("hello", "removed") and number < cycles:
            host.send(place(number))
            host.send({"type": "remove", "placementId": f"p~0~{number}"})

    host = PlayedHost(folder, follow)
    ran = run(
        folder,
        PROGRAM
        + """
sizes = []
until(lambda: status().get("placement", {}).get("changes", 0) >= 100)
gc.collect()
before = len(gc.get_objects())
until(lambda: status()["placement"]["changes"] >= 300)
time.sleep(0.3)
gc.collect()
print(len(gc.get_objects()) - before, status()["probes"], shop_module.checkout.__code__ is original)
""",
    )
    host.close()
    grown, rest = ran.stdout.split(" ", 1)
    assert rest == "[] True\n"
    # 100 cycles: less than one object for each.
    assert int(grown) < 100


def test_started_and_stopped_often_leaves_no_file_open(folder: Path) -> None:
    host = PlayedHost(folder, lambda host, message: host.welcome() if message["type"] == "hello" else None)
    ran = run(
        folder,
        """
        def files():
            return len(os.listdir("/dev/fd"))
        for n in range(30):
            tracepointdebug.start()
            until(connected)
            tracepointdebug.stop()
            if n == 5:
                before = files()
        print(files() - before)
        """,
    )
    host.close()
    assert ran.stdout == "0\n"


def test_a_hit_before_the_placement_has_told_where_it_is_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine is live before it has answered, and a template may ask for the place: `@method` was empty at such hits."""
    from tracepointdebug import placing
    from tracepointdebug.link.outbox import Outbox
    from tracepointdebug.seats import Seats

    seen = []

    class Early:
        def place(self, request: Any) -> None:
            seen.append(request.test(*[None for _ in request.test_names]))
            site = placing.Site("shop_module.py", 2, 1, "checkout", "", ())
            request.on_change(placing.Installed("monitoring", site, ""))

    monkeypatch.setattr(placing, "create_placement", lambda _: Early())
    seats = Seats(
        Outbox(), engine="auto", redact=(), trace=None, copies=False, send=lambda _: None, post=lambda work: work()
    )
    message = place()
    message.pop("condition", None)
    seats.place(message)
    (probe,) = seats.probes()
    assert seen == [False]
    assert probe.open
    assert probe.site is not None
    assert probe.counts()["fired"] == 0
