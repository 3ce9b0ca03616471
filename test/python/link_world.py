"""A small world of real parts for tests: the embedded broker, the host process, programs with the agent, the command line."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

ROOT = Path(__file__).parents[2]
CLI = ROOT / "dist" / "esm" / "cli" / "index.js"
NODE = shutil.which("node") or "node"
# Seconds that anything may take before a test gives up.
PATIENCE_S = 20.0


def wait_for(what: str, look: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
    """What `look` answers as soon as it is true."""
    ends = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        assert time.monotonic() < ends, f"no {what} within {seconds} s"
        time.sleep(0.03)


class Program:
    """A running Python program; its lines are read as they come."""

    def __init__(self, process: subprocess.Popen, file: Path, out: Path) -> None:
        self.process = process
        self.file = file
        self.out = out

    @property
    def place(self) -> str:
        """The line that says `# HERE`."""
        lines = self.file.read_text().splitlines()
        return f"{self.file.name}:{next(i for i, line in enumerate(lines, 1) if '# HERE' in line)}"

    def text(self) -> str:
        return self.out.read_text()

    def line(self, start: str) -> str:
        """The first line that begins so, without its beginning."""

        def look() -> Optional[str]:
            found = [line for line in self.text().splitlines() if line.startswith(start)]
            if not found:
                assert self.process.poll() is None or start in self.text(), f"ended without {start!r}: {self.text()}"
            return found[0][len(start) :] or " " if found else None

        return wait_for(f"line {start!r}", look).strip()

    def go(self) -> None:
        """Lets a program go on that waits with `while waiting()`."""
        self.file.with_suffix(".go").touch()

    def stop(self) -> int:
        """Tells the program to end by itself, and answers its exit code."""
        self.file.with_suffix(".stop").touch()
        return self.process.wait(PATIENCE_S)


class World:
    """One state folder with its broker, and everything that was started in it."""

    def __init__(self) -> None:
        # Short: a socket's path has a limit.
        self.folder = Path(tempfile.mkdtemp(prefix="tp"))
        self.env: Dict[str, str] = {**os.environ, "XDG_STATE_HOME": str(self.folder), "PYTHONUNBUFFERED": "1"}
        self.started: List[subprocess.Popen] = []
        self._names = 0

    @property
    def state(self) -> Path:
        return self.folder / "tracepointdebug"

    def broker(self) -> None:
        self._start([NODE, str(CLI), "up", "--port", "0"], self.folder / "broker.txt")
        wait_for("broker", (self.state / "broker.json").exists)

    def host(self) -> subprocess.Popen:
        """A host of the test's own, in the place of one that an agent would start."""
        process = self._start([NODE, str(CLI), "host"], self.folder / "host.txt")
        wait_for("host", (self.state / "host.sock").exists)
        return process

    def host_pid(self) -> int:
        return int((self.state / "host.sock.lock").read_text().split()[0])

    def run(self, source: str, *arguments: str, command: Optional[List[str]] = None, **env: str) -> Program:
        """Runs a program of its own file. `running()` is true in it until it is told to stop."""
        self._names += 1
        file = self.folder / f"program{self._names}.py"
        running = "def waiting():\n    time.sleep(0.01)\n    return not os.path.exists(__file__[:-3] + '.go')\n"
        running += "import os, time\ndef running():\n    time.sleep(0.01)\n    return not os.path.exists(__file__[:-3] + '.stop')\n"
        file.write_text(
            running + textwrap.dedent(source).replace("START", "import tracepointdebug; tracepointdebug.start()")
        )
        words = [*(command or [sys.executable]), str(file), *arguments]
        out = file.with_suffix(".txt")
        return Program(self._start(words, out, **env), file, out)

    def _start(self, words: List[str], out: Path, **env: str) -> subprocess.Popen:
        with out.open("w") as opened:
            process = subprocess.Popen(
                words,
                env={**self.env, **env},
                cwd=self.folder,
                stdout=opened,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def cli(self, *words: str) -> List[Dict[str, Any]]:
        """The records that a command prints. Fails where the command does."""
        ran = self.try_cli(*words)
        assert ran.returncode == 0, f"{words}: {ran.stdout}{ran.stderr}"
        return [json.loads(line) for line in ran.stdout.splitlines() if line.startswith("{")]

    def try_cli(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(
            [NODE, str(CLI), "--json", *words],
            env=self.env,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    def events(self, count: int, probe: str) -> List[Dict[str, Any]]:
        """So many events of a probe, the oldest first."""

        try:
            records = self.cli("tail", "--probe", probe, "--replay", "1000", "-n", str(count))
        except subprocess.TimeoutExpired as late:
            raise AssertionError(f"no {count} events: {late.stdout!r}; {self.cli('list')}") from late
        return [record for record in records if record.get("type") == "event"]

    def statuses(self, probe: str) -> List[Dict[str, Any]]:
        """What each program says of a probe."""
        (listing,) = [record for record in self.cli("list") if record.get("probe", {}).get("id") == probe]
        return listing["statuses"]

    def put(self, *words: str) -> str:
        """Puts a probe and answers its id, when all programs have it in place."""
        (record,) = [record for record in self.cli(*words) if record.get("type") == "probe"]
        return record["probe"]["id"]

    def end_programs(self) -> None:
        """Ends what a test has left, so that the next one has the world for itself. Its probes stay: each test has files of its own."""
        for process in self.started[1:]:
            if process.poll() is None:
                process.kill()
                process.wait(PATIENCE_S)

    def close(self) -> None:
        for process in self.started:
            if process.poll() is None:
                process.terminate()
        for process in self.started:
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
        try:
            os.kill(self.host_pid(), signal.SIGTERM)
        except (OSError, ValueError):
            pass
        shutil.rmtree(self.folder, ignore_errors=True)
