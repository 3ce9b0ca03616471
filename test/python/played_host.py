"""A host in a test's hands, for what the real one never does, and programs that run to their end beside it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import textwrap
import threading
from typing import TYPE_CHECKING, Any, Callable, Dict, List

from tracepointdebug.link import cbor

if TYPE_CHECKING:
    from pathlib import Path


class PlayedHost:
    """A host in the test's hands, for what the real one never does."""

    def __init__(self, folder: Path, follow: Callable[[PlayedHost, Dict[str, Any]], None]) -> None:
        state = folder / "tracepointdebug"
        state.mkdir(mode=0o700)
        self.path = state / "host.sock"
        self.seen: List[Dict[str, Any]] = []
        self._follow = follow
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(self.path))
        self.path.chmod(0o600)
        self._server.listen()
        self.connections: List[socket.socket] = []
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._server.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._read, args=(connection,), daemon=True).start()

    def _read(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while True:
                try:
                    head = stream.read(4)
                    body = stream.read(int.from_bytes(head, "big"))
                except OSError:
                    return
                if len(head) < 4:
                    return
                message = cbor.decode(body)
                self.seen.append(message)
                self._follow(self, message)

    def send(self, message: Dict[str, Any]) -> None:
        body = cbor.encode(message)
        self.send_raw(len(body).to_bytes(4, "big") + body)

    def send_raw(self, data: bytes) -> None:
        self.connections[-1].sendall(data)

    def welcome(self, **limits: int) -> None:
        usual = {
            "processRate": 500,
            "queueEvents": 1000,
            "queueBytes": 10**6,
            "consecutiveErrors": 100,
            "budgetErrors": 10,
        }
        self.send(
            {
                "type": "welcome",
                "link": 1,
                "hostVersion": "0",
                "statusMs": 100,
                "limits": {**usual, **limits, "capture": {"depth": 3}},
            }
        )

    def kinds(self) -> List[str]:
        return [message["type"] for message in self.seen]

    def close(self) -> None:
        self._server.close()


def welcoming(folder: Path) -> PlayedHost:
    """One that says welcome and nothing else."""
    return PlayedHost(folder, lambda host, message: host.welcome() if message["type"] == "hello" else None)


def run(folder: Path, source: str, **env: str) -> subprocess.CompletedProcess:
    """Runs a program to its end; it has 20 s."""
    file = folder / "program.py"
    file.write_text(PRELUDE + textwrap.dedent(source))
    all_env = {**os.environ, "XDG_STATE_HOME": str(folder), "TRACEPOINTDEBUG_START_HOST": "0", **env}
    return subprocess.run(
        [sys.executable, str(file)], env=all_env, capture_output=True, text=True, timeout=20, check=False, cwd=folder
    )


PRELUDE = """
import json, os, sys, time
import tracepointdebug

def status():
    return tracepointdebug.status()

def until(look):
    end = time.monotonic() + 10
    while not look():
        assert time.monotonic() < end, status()
        time.sleep(0.01)

def connected():
    return status()["host"]["state"] == "connected"
"""
