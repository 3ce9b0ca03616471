"""`tracepointdebug-run` and `python -m tracepointdebug`: the program is what it would be, with the agent in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest
from tracepointdebug import run
from tracepointdebug.version import VERSION

SHOW = """
import json, sys, tracepointdebug
print(json.dumps({
    "name": __name__, "argv": sys.argv, "path": sys.path[0], "state": tracepointdebug.status()["state"],
    "app": tracepointdebug.status().get("agent", {}).get("app"), "dev": sys.flags.dev_mode,
}))
"""


@pytest.fixture
def env(tmp_path: Path) -> Dict[str, str]:
    return {
        **os.environ,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "TRACEPOINTDEBUG_START_HOST": "0",
        "TRACEPOINTDEBUG_LOG": "off",
    }


def ran(words: List[str], env: Dict[str, str], folder: Path) -> Any:
    done = subprocess.run(words, env=env, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


RUN = [sys.executable, "-m", "tracepointdebug.run"]


def test_a_script_is_main_with_its_arguments_and_its_folder(tmp_path: Path, env: Dict[str, str]) -> None:
    (tmp_path / "app.py").write_text(SHOW)
    plain = ran([sys.executable, "app.py", "-x", "1"], env, tmp_path)
    for words in (RUN, [sys.executable, "-m", "tracepointdebug", "run"]):
        found = ran([*words, "app.py", "-x", "1"], env, tmp_path)
        assert (found["state"], found["app"]) == ("running", "app")
        assert plain["state"] == "off"
        assert [found[name] for name in ("name", "argv", "path")] == [plain[name] for name in ("name", "argv", "path")]


def test_a_module_and_a_line_of_code(tmp_path: Path, env: Dict[str, str]) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__main__.py").write_text(SHOW)
    found = ran([*RUN, "-m", "shop", "a"], env, tmp_path)
    assert (found["name"], found["argv"][1:], found["state"], found["app"]) == ("__main__", ["a"], "running", "shop")
    found = ran([*RUN, "-c", SHOW, "b"], env, tmp_path)
    assert (found["argv"], found["state"]) == (["-c", "b"], "running")


def test_the_flags_of_python_are_kept(tmp_path: Path, env: Dict[str, str]) -> None:
    (tmp_path / "app.py").write_text(SHOW)
    assert ran([sys.executable, "-X", "dev", *RUN[1:], "app.py"], env, tmp_path)["dev"] is True


def test_a_command_and_the_programs_that_it_starts(tmp_path: Path, env: Dict[str, str]) -> None:
    (tmp_path / "app.py").write_text(SHOW)
    command = tmp_path / "command"
    command.write_text(f"#!/bin/sh\nexec {sys.executable} app.py\n")
    command.chmod(0o755)
    assert ran([*RUN, str(command)], env, tmp_path)["state"] == "running"


def test_the_program_s_own_sitecustomize_runs_as_if_ours_were_not_there(tmp_path: Path, env: Dict[str, str]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text("import sys; sys.own = __name__, __file__\n")
    (tmp_path / "app.py").write_text(
        "import json, sys, sitecustomize; print(json.dumps([sys.own, sitecustomize.__file__]))"
    )
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "own"), env["PYTHONPATH"]])
    file = str(tmp_path / "own" / "sitecustomize.py")
    assert ran([*RUN, "app.py"], env, tmp_path) == [["sitecustomize", file], file]


def test_a_sitecustomize_that_fails_does_what_it_would_do_without_us(tmp_path: Path, env: Dict[str, str]) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text("import a_module_that_is_missing\n")
    (tmp_path / "app.py").write_text(SHOW)
    env["PYTHONPATH"] = os.pathsep.join([str(tmp_path / "own"), env["PYTHONPATH"]])
    assert ran([*RUN, "app.py"], env, tmp_path)["state"] == "running"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ([], run.WRONG_USAGE, "usage: tracepointdebug-run"),
        (["-x"], run.WRONG_USAGE, "usage: tracepointdebug-run"),
        (["-m"], run.WRONG_USAGE, "usage: tracepointdebug-run"),
        (["--"], run.WRONG_USAGE, "usage: tracepointdebug-run"),
        (["no-such-command"], run.NOT_FOUND, "neither a file nor a command"),
        (["--help"], 0, "usage: tracepointdebug-run"),
    ],
)
def test_what_cannot_be_run(words: List[str], code: int, said: str, capsys: pytest.CaptureFixture) -> None:
    assert run.main(words) == code
    captured = capsys.readouterr()
    assert said in (captured.out if code == 0 else captured.err)


def test_a_script_that_is_missing_is_not_found_on_the_path() -> None:
    assert run.command_of(["missing.py"]) is None


def test_our_folder_stands_once_and_first() -> None:
    once = run.environment({"PYTHONPATH": "a"})
    twice = run.environment(once)
    first, *rest = twice["PYTHONPATH"].split(os.pathsep)
    assert once == twice
    assert (Path(first).name, rest) == ("bootstrap", ["a"])


def test_the_command_says_what_it_can_do(tmp_path: Path, env: Dict[str, str]) -> None:
    main = [sys.executable, "-m", "tracepointdebug"]
    version = subprocess.run([*main, "--version"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert (version.returncode, version.stdout) == (0, f"{VERSION}\n")
    env["TRACEPOINTDEBUG_NODE"] = str(tmp_path / "no-node")
    ran_ = subprocess.run([*main, "list"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert ran_.returncode == 3
    assert "no_node" in ran_.stderr


def test_without_any_node_the_remedy_says_what_to_install(tmp_path: Path, env: Dict[str, str]) -> None:
    env["PATH"] = str(tmp_path)
    ran_ = subprocess.run(
        [sys.executable, "-m", "tracepointdebug", "list"],
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran_.returncode == 3
    assert "pip install 'tracepointdebug[host]'" in ran_.stderr
