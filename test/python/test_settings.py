"""Settings: options, environment, `.env` file, old names; a wrong one is told and left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Dict, Mapping

import pytest
from tracepointdebug import settings as module
from tracepointdebug.dotenv import parse, read_dotenv
from tracepointdebug.settings import Settings, read_settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def read(options: Mapping[str, Any] = {}, **env: str) -> Settings:
    return read_settings(options, env)


def test_nothing_is_set() -> None:
    found = read()
    assert (found.broker, found.token, found.tags, found.engine, found.redact, found.host) == (
        None,
        None,
        (),
        "auto",
        (),
        None,
    )
    assert found.start_host is True
    assert (found.problems, found.fatal) == ([], None)


def test_an_option_wins_over_the_environment_and_that_over_the_file_and_the_old_name() -> None:
    Path(".env").write_text("TRACEPOINTDEBUG_APP=file\nTRACEPOINTDEBUG_TAGS='a, b'\nSIDEKICK_APIKEY=old\nPATH=/never\n")
    env = {"TRACEPOINTDEBUG_APP": "environment", "SIDEKICK_APPLICATION_NAME": "older"}
    assert read({"app": "option"}, **env).app == "option"
    assert read({}, **env).app == "environment"
    found = read({}, SIDEKICK_APPLICATION_NAME="older")
    assert (found.app, found.tags, found.token) == ("file", ("a", "b"), "old")


@pytest.mark.parametrize(
    ("option", "value", "field", "want"),
    [
        ("broker", "127.0.0.1:4717", "broker", "127.0.0.1:4717"),
        ("broker", "wss://broker.example/path", "broker", "wss://broker.example/path"),
        ("broker", "[::1]", "broker", "[::1]"),
        ("tags", ["a", " b ", "a"], "tags", ("a", "b")),
        ("tags", {"a"}, "tags", ("a",)),
        ("engine", "pytrace", "engine", "pytrace"),
        ("engine", "inspector", "engine", "auto"),
        ("redact", "iban,ssn", "redact", ("iban", "ssn")),
        ("log", "debug", "log", "debug"),
        ("host", "/run/user/1/host.sock", "host", "/run/user/1/host.sock"),
        ("host", "tcp://127.0.0.1:4000", "host", "tcp://127.0.0.1:4000"),
        ("start_host", "0", "start_host", False),
        ("start_host", False, "start_host", False),
        ("node", "/opt/node", "node", "/opt/node"),
    ],
)
def test_a_value_that_fits(option: str, value: Any, field: str, want: Any) -> None:
    found = read({option: value})
    assert getattr(found, field) == want
    assert found.problems == []
    if isinstance(value, str):
        assert getattr(read({}, **{f"TRACEPOINTDEBUG_{option.upper()}": value}), field) == want


@pytest.mark.parametrize(
    ("option", "value", "is_fatal"),
    [
        ("broker", "ftp://x", True),
        ("broker", "host:99999", True),
        ("broker", "two words", True),
        ("broker", 7, True),
        ("token", "", True),
        ("token", "x" * 1025, True),
        ("app", "x" * 257, False),
        ("tags", ["x" * 129], False),
        ("tags", "a," * 32 + "b", False),
        ("tags", 3, False),
        ("engine", "gdb", False),
        ("redact", [1], False),
        ("log", "loud", False),
        ("host", "relative.sock", True),
        ("host", "tcp://192.168.0.1:4000", True),
        ("host", "tcp://127.0.0.1:0", True),
        ("start_host", "maybe", False),
        ("trace", "no function", False),
        ("tracepoint_data_redaction_callback", 5, True),
        ("log_data_redaction_callback", "x", True),
        ("env_file", 5, False),
        ("colour", "red", False),
    ],
)
def test_a_value_that_does_not_fit_is_told_and_left_out(option: str, value: Any, is_fatal: bool) -> None:
    found = read({option: value})
    (problem,) = found.problems
    assert problem.code == "bad_setting"
    assert option in problem.message
    assert problem.remedy
    assert (found.fatal is not None) == is_fatal


def test_a_hostile_value_is_a_wrong_value() -> None:
    class Hostile(str):  # noqa: SLOT000
        def strip(self, *_: object) -> str:
            raise RuntimeError

    assert [problem.code for problem in read({"app": Hostile("x")}).problems] == ["bad_setting"]


def test_the_predecessor_s_names() -> None:
    found = read(
        {},
        SIDEKICK_APIKEY="key",
        SIDEKICK_BROKER_HOST="wss://broker.example",
        SIDEKICK_BROKER_PORT="443",
        SIDEKICK_APPLICATION_NAME="shop",
        SIDEKICK_APPLICATION_TAG_PREFIXSTAGE="prod",
        SIDEKICK_APPLICATION_TAG_TEAM="a",
        SIDEKICK_DEBUG_ENABLE="true",
    )
    assert (found.token, found.broker, found.app) == ("key", "wss://broker.example:443", "shop")
    assert (sorted(found.tags), found.log) == (["stage:prod", "team:a"], "debug")


def test_an_env_file_reads_as_shells_write_it() -> None:
    text = """
    # a comment
    export TRACEPOINTDEBUG_A=1
    TRACEPOINTDEBUG_B = 'two # words' # said
    TRACEPOINTDEBUG_C="three"
    TRACEPOINTDEBUG_D=four # said
    TRACEPOINTDEBUG_E
    OTHER=secret
    """
    want = {"A": "1", "B": "two # words", "C": "three", "D": "four"}
    assert parse(text) == {f"TRACEPOINTDEBUG_{name}": value for name, value in want.items()}


def test_an_env_file_that_everybody_may_write_is_left_out() -> None:
    file = Path(".env")
    file.write_text("TRACEPOINTDEBUG_BROKER=evil:1")
    file.chmod(0o666)
    found = read()
    assert found.broker is None
    assert "everybody may write" in found.problems[0].message


def test_an_env_file_too_long_or_missing_or_no_file_is_told_only_when_it_was_named() -> None:
    assert read_dotenv(None) == ({}, None)
    for name in ("missing", "."):
        assert "was left out" in read({"env_file": name}).problems[0].message
    os.mkfifo(".env")
    assert read_dotenv(None) == ({}, None)
    Path("long").write_text("#" * 65_537)
    assert "65536" in read({}, TRACEPOINTDEBUG_ENV_FILE="long").problems[0].message


@pytest.mark.parametrize(
    ("argv", "orig", "want"),
    [
        (["/srv/shop.py"], [], "shop"),
        (["/usr/bin/gunicorn"], [], "gunicorn"),
        (["/srv/shop/__main__.py"], [], "shop"),
        (["-m"], ["python", "-m", "shop.web"], "shop.web"),
        (["-c"], [], "python"),
        ([""], [], "python"),
        ([], [], "python"),
    ],
)
def test_the_name_of_the_program(argv: Any, orig: Any, want: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.sys, "argv", argv)
    monkeypatch.setattr(module.sys, "orig_argv", orig, raising=False)
    assert read().app == want


def test_every_limit_has_its_number() -> None:
    limits: Dict[str, int] = {
        name: getattr(module, name) for name in ("MAX_TEXT", "MAX_ADDRESS", "MAX_TOKEN", "MAX_TAGS", "MAX_TAG")
    }
    assert limits == {"MAX_TEXT": 256, "MAX_ADDRESS": 2048, "MAX_TOKEN": 1024, "MAX_TAGS": 32, "MAX_TAG": 128}
