"""The agent and its host: none, a strange one, one of another version, one that lies. The program does not notice."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator

import pytest

from played_host import PlayedHost, run, welcoming


@pytest.fixture
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="tp"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


def test_without_a_host_the_program_runs_and_is_told_once(folder: Path) -> None:
    ran = run(
        folder,
        """
        tracepointdebug.start()
        until(lambda: "cause" in status()["host"])
        time.sleep(1)
        print(json.dumps(status()["host"]))
        start = time.monotonic()
        tracepointdebug.stop()
        assert time.monotonic() - start < 0.5
        """,
    )
    assert ran.returncode == 0
    host = json.loads(ran.stdout)
    assert (host["state"], host["cause"]["code"]) == ("connecting", "no_host")
    assert ran.stderr.count("No host listens") == 1
    assert "tracepointdebug host" in ran.stderr


def test_without_node_the_cause_says_what_to_install(folder: Path) -> None:
    ran = run(
        folder,
        """
        tracepointdebug.start(start_host=True)
        until(lambda: "cause" in status()["host"])
        print(status()["host"]["cause"]["code"])
        """,
        PATH="/nowhere",
    )
    assert ran.stdout == "no_node\n"
    assert "pip install 'tracepointdebug[host]'" in ran.stderr


def refuse(code: str) -> Callable[[PlayedHost, Dict[str, Any]], None]:
    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        cause = {"code": code, "message": "The agent cannot stay.", "remedy": "Update it."}
        host.send({"type": "refused", "cause": cause, "fatal": True})

    return follow


@pytest.mark.parametrize("code", ["link_version", "abi_version", "unauthorized"])
def test_a_refusal_is_told_and_not_asked_again_at_once(folder: Path, code: str) -> None:
    host = PlayedHost(folder, refuse(code))
    ran = run(
        folder,
        """
        tracepointdebug.start()
        until(lambda: status()["host"]["state"] == "refused")
        time.sleep(1)
        print(status()["host"]["cause"]["code"])
        """,
    )
    host.close()
    assert ran.stdout == f"{code}\n"
    assert host.kinds() == ["hello"]
    assert ran.stderr.count("The agent cannot stay. Update it.") == 1


def test_a_host_that_never_answers_holds_nobody(folder: Path) -> None:
    host = PlayedHost(folder, lambda host, message: None)
    start = time.monotonic()
    ran = run(folder, "tracepointdebug.start(); time.sleep(0.3); print(status()['host']['state'])")
    host.close()
    assert (ran.returncode, ran.stdout) == (0, "connecting\n")
    assert time.monotonic() - start < 5


def test_hostile_frames_are_refused_and_the_others_followed(folder: Path) -> None:
    vectors = json.loads((Path(__file__).parents[1] / "vectors" / "link.json").read_text("utf-8"))
    hostile = [case for case in vectors["hostileToEither"] + vectors["hostileToBinding"] if not case["fatal"]]

    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        if message["type"] == "hello":
            host.welcome()
            for case in hostile:
                host.send_raw(bytes.fromhex(case["hex"]))
            host.send({"type": "remove", "placementId": "unknown~0~1"})

    host = PlayedHost(folder, follow)
    ran = run(folder, "tracepointdebug.start(); until(connected); time.sleep(0.3); print(connected())")
    host.close()
    assert ran.stdout == "True\n"
    assert host.kinds() == ["hello", "removed", "bye"]


def test_a_host_that_sends_only_rubbish_is_left(folder: Path) -> None:
    def follow(host: PlayedHost, message: Dict[str, Any]) -> None:
        host.welcome()
        host.send_raw((b"\0\0\0\1\xff") * 101)

    host = PlayedHost(folder, follow)
    ran = run(
        folder,
        "tracepointdebug.start(); until(lambda: 'cause' in status()['host']); print(status()['host']['cause']['code'])",
    )
    host.close()
    assert ran.stdout == "malformed\n"


def test_a_socket_that_others_could_use_is_not_used(folder: Path) -> None:
    host = PlayedHost(folder, lambda host, message: host.welcome())
    host.path.parent.chmod(0o755)
    host.path.chmod(0o666)
    ran = run(
        folder,
        "tracepointdebug.start(); until(lambda: 'cause' in status()['host']); print(status()['host']['cause']['code'])",
    )
    host.close()
    assert ran.stdout == "not_private\n"
    assert host.seen == []


def test_a_port_with_a_token(folder: Path) -> None:
    host = PlayedHost(folder, lambda host, message: host.welcome())
    server = socket.create_server(("127.0.0.1", 0))
    host._server.close()
    host._server = server
    threading.Thread(target=host._serve, daemon=True).start()
    address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    ran = run(
        folder,
        f"tracepointdebug.start(host={address!r}, host_token='t'); until(connected); print(status()['host']['address'])",
    )
    host.close()
    assert ran.stdout == f"{address}\n"
    assert host.seen[0]["token"] == "t"


def test_hello_says_who_and_what(folder: Path) -> None:
    host = welcoming(folder)
    ran = run(
        folder,
        "tracepointdebug.start(app='shop', tags='a,b', redact=['iban'], broker='b:1', token='t'); until(connected)",
    )
    host.close()
    hello = host.seen[0]
    assert ran.returncode == 0
    assert (hello["link"], hello["abi"], hello["redact"], hello["broker"]) == (
        1,
        1,
        ["iban"],
        {"address": "b:1", "token": "t"},
    )
    agent = hello["agent"]
    assert (agent["app"], agent["tags"], agent["threadId"]) == ("shop", ["a", "b"], 0)
    assert agent["runtime"] == "python " + ".".join(map(str, sys.version_info[:3]))


def test_a_wrong_setting_disables_and_says_so(folder: Path) -> None:
    ran = run(folder, "print(json.dumps(tracepointdebug.start(broker=7, colour='red')))")
    found = json.loads(ran.stdout)
    assert (found["state"], found["cause"]["code"], len(found["problems"])) == ("disabled", "bad_setting", 2)
    assert "The setting broker must be" in ran.stderr


def test_the_peer_of_another_user_is_not_trusted(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    from tracepointdebug.errors import LinkError
    from tracepointdebug.link import finding

    host = PlayedHost(folder, lambda host, message: None)
    monkeypatch.setattr(finding, "_peer_uid", lambda socket: 4_000_000)
    with pytest.raises(LinkError) as raised:
        finding.connect(finding.Address(str(host.path), None, None, is_usual=True))
    host.close()
    assert raised.value.cause.code == "not_private"


def test_a_long_path_to_the_socket_moves_to_the_folder_for_temporary_files() -> None:
    from tracepointdebug.link.finding import find_address, usual_socket

    assert usual_socket({"XDG_STATE_HOME": "/s"}) == "/s/tracepointdebug/host.sock"
    assert usual_socket({"HOME": "/home/a"}) == "/home/a/.local/state/tracepointdebug/host.sock"
    long = usual_socket({"XDG_STATE_HOME": "/" + "x" * 100, "TMPDIR": "/t"})
    assert long == f"/t/tracepointdebug-{os.getuid()}/{long[-21:-5]}.sock"
    assert find_address("tcp://[::1]:5", "t", {}).tcp == ("::1", 5)
