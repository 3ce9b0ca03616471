"""`python -m tracepointdebug eval` with a real host: the lines, answers and exit codes of the Node command."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time

import pytest
from tracepointdebug import batch
from tracepointdebug.compiling import Compiler
from tracepointdebug.errors import LinkError
from tracepointdebug.evaluating import KEPT, Evaluator

from guest_cases import ROOT

NODE = ["node", str(ROOT / "dist/esm/cli/index.js")]


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """A host of our own, which listens where the programs of this environment look."""
    folder = tmp_path_factory.mktemp("host")
    path = folder / "host.sock"
    with subprocess.Popen(
        [*NODE, "host", "--socket", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as host:
        try:
            ends = time.monotonic() + 20
            while not path.exists() and time.monotonic() < ends:
                time.sleep(0.02)
            yield {**os.environ, "TRACEPOINTDEBUG_HOST": str(path), "XDG_STATE_HOME": str(folder)}
        finally:
            host.terminate()
            host.communicate()


@pytest.fixture
def compiler(environment, monkeypatch):
    from tracepointdebug.link.asking import open_connection

    monkeypatch.setenv("TRACEPOINTDEBUG_HOST", environment["TRACEPOINTDEBUG_HOST"])
    with open_connection() as connection:
        yield Compiler(connection)


def evaluate(environment, *arguments, stdin=""):
    command = [sys.executable, "-m", "tracepointdebug", "eval", *arguments]
    done = subprocess.run(command, env=environment, input=stdin, capture_output=True, text=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "out", "err"),
    [
        (["x > 10", "--vars", '{"x": 11}'], 0, "true\n", ""),
        (["[x, 1.0, 'é']", "--vars", '{"x": 2.5}'], 0, '[2.5, 1.0, "é"]\n', ""),
        (["--template", "{{x}} items", "--vars", '{"x": [1]}'], 0, "[1] items\n", ""),
        (["--json", "x.y", "--vars", '{"x": {"y": null}}'], 0, '{"value":{"null":null},"steps":0}\n', ""),
        (
            ["user.nme == 1", "--vars", '{"user": {}}'],
            1,
            "",
            "no_such_key: The map has no such key.\nuser.nme == 1\n^~~~~~~~\nTest with 'key' in x first.\n",
        ),
        (["1 +"], 1, "", None),
        (["js: x"], 1, "", None),
        (["x", "--vars", "[]"], 1, "", None),
        (["x", "--vars-file", "/nonexistent"], 1, "", None),
        ([], 2, "", "error: give an expression, or --batch FILE\n"),
        (["x", "--batch", "-"], 2, "", None),
        (["x", "--nonsense"], 2, "", None),
    ],
)
def test_one_expression(environment, arguments, code, out, err):
    found = evaluate(environment, *arguments)
    assert found[:2] == (code, out), found
    assert found[2] == err or (err is None and found[2] != "")
    assert "Traceback" not in found[2]


LINES = r"""
{"id": "1", "expr": "x > 10", "vars": {"x": {"int": "11"}}}
{"id": 2, "template": "a {{x}} é", "vars": {"x": {"double": 1.5}}}
{"id": "no such key", "expr": "x.y", "vars": {"x": {"map": []}}}
{"id": "refused", "expr": "1 +"}
{"id": "dotted", "expr": "b", "container": "a", "vars": {"a.b": {"int": "1"}}}

{"id": "long", "template": "{{s}}", "vars": {"s": {"string": "%s"}}}
{"expr": "1"}
{"id": "two", "expr": "1", "template": "1"}
{"id": "none"}
{"id": "no text", "expr": 1}
{"id": "no container", "expr": "1", "container": 1}
{"id": "no object", "expr": "1", "vars": []}
{"id": "no tag", "expr": "x", "vars": {"x": 1}}
[]
""".replace("%s", "x" * 5000)


def test_a_batch_is_answered_as_by_node(environment, tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text("\ufeff" + LINES[1:], encoding="utf-8")
    code, out, err = evaluate(environment, "--batch", str(file))
    node = subprocess.run([*NODE, "eval", "--batch", str(file)], capture_output=True, text=True, encoding="utf-8")
    assert (code, err) == (node.returncode, node.stderr) == (1, "")
    ours, theirs = ([json.loads(line) for line in text.splitlines()] for text in (out, node.stdout))
    assert ours == theirs
    assert [list(line) for line in ours] == [list(line) for line in theirs]
    assert len(ours) == 14
    # From the standard input, too.
    assert evaluate(environment, "--batch", "-", stdin=LINES[1:])[:2] == (code, out)


def test_a_batch_of_cases_only_ends_well(environment, tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": 1, "expr": "1"}\n{"id": 2, "expr": "1 / 0"}')
    code, out, _ = evaluate(environment, "--batch", str(file))
    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == [1, 2]


def test_a_reader_that_goes_away_ends_the_command(environment, tmp_path):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": 1, "expr": "1"}\n' * 20_000)
    command = f"'{sys.executable}' -m tracepointdebug eval --batch '{file}' | head -n 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["value"] == {"int": "1"}


def test_without_a_host_the_command_says_so_and_ends_with_its_own_code(tmp_path):
    environment = {**os.environ, "TRACEPOINTDEBUG_HOST": str(tmp_path / "none.sock")}
    code, out, err = evaluate(environment, "1")
    assert (code, out) == (3, "")
    assert "no_host" in err
    assert "Traceback" not in err


def test_lines_of_any_length_are_read_and_too_long_ones_passed_over(monkeypatch):
    monkeypatch.setattr(batch, "MAX_LINE", 10)
    text = "0123456789\n01234567890\n" + "x" * 35 + "\na\u2028b\r\n\n" + "last one"
    assert list(batch._lines(io.StringIO(text, newline="\n"))) == [
        "0123456789",
        None,
        None,
        "a\u2028b\r",
        "",
        "last one",
    ]
    assert list(batch._lines(io.StringIO("x" * 11))) == [None]
    assert list(batch._lines(io.StringIO("\ufeff{}\n\ufeff"))) == ["{}", "\ufeff"]


class Evaluated:
    def evaluate_tagged(self, *_, **__):
        raise AssertionError("there is nothing to evaluate")


def test_a_line_that_is_too_long_is_answered():
    (answer,) = batch.answers(Evaluated(), io.StringIO("x" * (batch.MAX_LINE + 1)))
    assert (answer.is_case, answer.record["id"], answer.record["error"]) == (False, None, "wrong_case")


# ## The host compiles


def test_a_refusal_has_its_place_and_words(compiler):
    refusal = compiler.compile("value", "1 + ")
    assert (refusal.code, refusal.snippet.splitlines()[0]) == ("syntax", "1 + ")
    assert refusal.message
    assert refusal.remedy


def test_options_reach_the_compiler(compiler):
    dotted = [compiler.compile("value", "b", container="a", declared=names) for names in (["a.b"], ["b"])]
    assert [list(compiled.root_spans) for compiled in dotted] == [["a.b"], ["b"]]
    assert b'"steps":77' in compiler.compile("condition", "x > 1", limits={"steps": 77}).wasm
    folded, unfolded = (compiler.compile("value", "1 + 1", fold=fold).wasm for fold in (True, False))
    assert len(folded) < len(unfolded)
    assert compiler.compile("template", "{{@return}}", at="line").code == "wrong_place"


def test_errors_point_where_node_says(compiler):
    compiled = compiler.compile("value", "a.b.c + 1", declared=["a"])
    assert compiled.root_spans == {"a": (0, 1)}
    evaluator = Evaluator(compiler)
    assert evaluator.evaluate({"expr": "a.b.c + 1"}, {"a": {"b": {}}})["at"] == [0, 5]
    assert evaluator.evaluate({"expr": "a.b.c + 1"}, {"a": {}})["at"] == [0, 3]
    # Positions count UTF-16 units.
    assert evaluator.evaluate({"expr": "'😀' + a.b"}, {"a": {}})["at"] == [7, 10]


def test_an_evaluator_keeps_the_last_modules_only(compiler):
    evaluator = Evaluator(compiler)
    for i in range(KEPT + 10):
        assert evaluator.evaluate({"expr": f"x + {i}"}, {"x": 1})["value"] == {"int": str(i + 1)}
    assert len(evaluator._kept) == KEPT
    # The oldest come anew, the youngest are there.
    assert evaluator.evaluate({"expr": "x + 0"}, {"x": 1})["value"] == {"int": "1"}
    assert len(evaluator._kept) == KEPT


class Silent:
    def __init__(self, *answers):
        self.answers = list(answers)

    def send(self, message):
        self.sent = message

    def receive(self, seconds):
        return self.answers.pop(0) if self.answers else None


@pytest.mark.parametrize(
    ("answers", "code"),
    [
        ([], "no_answer"),
        ([{"type": "status"}, {"type": "compiled", "requestId": 99}], "no_answer"),
        (
            [{"type": "refused", "cause": {"code": "too_large", "message": "m", "remedy": "r"}, "fatal": False}],
            "too_large",
        ),
    ],
)
def test_a_host_that_does_not_compile_is_an_error_of_the_link(answers, code):
    with pytest.raises(LinkError) as caught:
        Compiler(Silent(*answers)).compile("value", "1")
    assert caught.value.cause.code == code


def test_a_host_that_goes_away_is_an_error_of_the_link():
    class Gone(Silent):
        def receive(self, seconds):
            raise ConnectionResetError("gone")

    with pytest.raises(LinkError) as caught:
        Compiler(Gone()).compile("value", "1")
    assert caught.value.cause.code == "lost"
