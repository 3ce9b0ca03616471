"""`python -m tracepointdebug eval`: evaluates an expression, or each line of a batch, offline.

Through the same compiler, reader and guest as a live probe. Lines, answers and exit codes are those of the Node command (cli/eval.ts).
"""

from __future__ import annotations

import argparse
import io
import json
import os
import re
import sys
from typing import (
    IO,
    Any,
    Callable,
    Dict,
    Final,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    NoReturn,
    Optional,
    Sequence,
    Tuple,
    Union,
)

from .compiling import Compiler, Peer
from .errors import AgentError, Cause, LinkError
from .evaluating import Evaluator, Outcome
from .tagged import Tagged, TaggedError

#: Characters of one line. Longer ones are passed over: a line is held whole, and a file without line breaks must not fill the memory.
MAX_LINE: Final = 16 * 1024 * 1024
#: Exit codes: done; refused or failed; wrong usage; no host; interrupted.
OK, FAILED, USAGE, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130

_DESCRIPTION = """\
Evaluates an expression offline, as a probe would. A batch has one JSON object a line, with tagged values:
  {"id": "1", "expr": "x > 10", "vars": {"x": {"int": "11"}}}   or "template" in place of "expr"
Each line is answered by one, in order: {"id": "1", "value": {"bool": true}, "steps": 0}, or "text", or "error" and "at".
Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 no host, 130 interrupted."""


class CaseError(AgentError):
    """A line of a batch is no case, or what should be JSON is none."""


def main(arguments: Sequence[str], connect: Callable[[], Peer]) -> int:
    """Runs the command and gives its exit code. `connect` connects to the host that compiles; it may throw LinkError."""
    options = _parser().parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):
        # JSON is UTF-8, whatever the terminal is said to be; of a text that is not, the rest is still shown.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        return _run(options, connect)
    except LinkError as error:
        _say(_cause_text(error.cause))
        return UNREACHABLE
    except AgentError as error:
        _say(_cause_text(error.cause))
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # A reader that went away (`| head`) ends the command; it is no error. Nothing may be flushed into the pipe any more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tracepointdebug eval",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("expr", nargs="?", help="the expression")
    parser.add_argument("--vars", metavar="JSON", help="variables, as a JSON object of plain values")
    parser.add_argument("--vars-file", metavar="FILE", help="file with the variables")
    parser.add_argument("--template", action="store_true", help="it is a log template")
    parser.add_argument(
        "--batch",
        metavar="FILE",
        help="evaluate each line of a file, - for the standard input, and print a JSON line each",
    )
    parser.add_argument("--json", action="store_true", help="answer with one JSON line")
    return parser


def _run(options: argparse.Namespace, connect: Callable[[], Peer]) -> int:
    if options.batch is not None:
        if options.expr is not None or options.vars is not None or options.vars_file is not None or options.template:
            _say("error: the lines of a batch have the expressions and variables; give nothing else")
            return USAGE
        return _run_batch(options.batch, connect)
    if options.expr is None:
        _say("error: give an expression, or --batch FILE")
        return USAGE
    if options.vars_file is not None:
        variables = _parse_object(_file_text(options.vars_file), options.vars_file)
    else:
        variables = _parse_object(options.vars or "{}", "--vars")
    if not options.template and re.match(r"\s*js:", options.expr):
        raise CaseError(
            "unsupported", "Script conditions run in Node only.", "Evaluate it with Node's tracepointdebug."
        )
    source = {"template" if options.template else "expr": options.expr}
    outcome = Evaluator(Compiler(connect())).evaluate(source, variables)
    if options.json:
        _print(json_line(outcome))
    elif "error" in outcome:
        _say("{error}: {message}\n{snippet}\n{remedy}".format(**outcome))
    elif "text" in outcome:
        _print(f"{outcome['text']}{' (cut)' if outcome.get('truncated') else ''}\n")
    else:
        _print(f"{value_text(outcome['value'])}\n")
    return FAILED if "error" in outcome else OK


def _file_text(path: str) -> str:
    with _open(path) as file:
        return file.read()


def _open(path: Union[str, int]) -> IO[str]:
    """A file of text; only a line feed ends a line. The standard input by its number, which stays open."""
    try:
        return open(path, encoding="utf-8", errors="replace", newline="\n", closefd=path != 0)
    except OSError as error:
        raise CaseError("no_file", f"{path} cannot be read: {error.strerror}.", "Check its name.") from error


# ## A batch


def _run_batch(path: str, connect: Callable[[], Peer]) -> int:
    with _open(0 if path == "-" else path) as file:
        evaluator = Evaluator(Compiler(connect()))
        code = OK
        for answered in answers(evaluator, file):
            if not answered.is_case:
                code = FAILED
            _print(json_line(answered.record))
            if path == "-":
                sys.stdout.flush()
    sys.stdout.flush()
    return code


class Answer(NamedTuple):
    """What one line is answered with."""

    record: Dict[str, Any]
    # False: the line was no case. An error of an expression is an answer like others.
    is_case: bool


def answers(evaluator: Evaluator, file: IO[str]) -> Iterator[Answer]:
    """One answer for each line that is not empty. Throws LinkError where the host does not answer."""
    for number, line in enumerate(_lines(file), 1):
        if line is None or line.strip():
            yield _answer(evaluator, line, f"line {number} of the batch")


def _lines(file: IO[str]) -> Iterator[Optional[str]]:
    """The lines of a file, None for one that is too long. Only a line feed ends one: JSON may contain every other separator."""
    is_first = True
    while True:
        line = file.readline(MAX_LINE + 1)
        if line == "":
            return
        if is_first and line.startswith("\ufeff"):
            line = line[1:]
        is_first = False
        if line.endswith("\n"):
            yield line[:-1]
        elif len(line) <= MAX_LINE:
            yield line
        else:
            while line != "" and not line.endswith("\n"):
                line = file.readline(MAX_LINE)
            yield None


def _answer(evaluator: Evaluator, line: Optional[str], what: str) -> Answer:
    identity: object = None
    try:
        if line is None:
            _wrong_case(f"{what} is longer than {MAX_LINE} characters", "Split the case.")
        given = _parse_object(line, what)
        identity = given.get("id")
        source, variables, container = _case_of(given, what)
        outcome: Outcome = evaluator.evaluate_tagged(source, variables, container=container)
        outcome.pop("snippet", None)
        return Answer({"id": identity, **outcome}, True)
    except (CaseError, TaggedError) as error:
        cause = error.cause
        record = {"id": identity, "error": cause.code, "message": cause.message, "remedy": cause.remedy, "steps": 0}
        return Answer(record, False)


def _case_of(given: Mapping[str, Any], what: str) -> Tuple[Dict[str, str], Dict[str, Any], str]:
    kinds = [kind for kind in ("expr", "template") if kind in given]
    if len(kinds) != 1:
        _wrong_case(f"{what} has no expression, or two", 'Give it either "expr" or "template".')
    text, variables, container = given[kinds[0]], given.get("vars", {}), given.get("container", "")
    if not isinstance(text, str) or not isinstance(container, str):
        _wrong_case(f"{what} has something else than a text", '"expr", "template" and "container" are texts.')
    if not isinstance(variables, dict):
        _wrong_case(f"the variables of {what} are no object", 'Write for example "vars": {"x": {"int": "1"}}.')
    return {kinds[0]: text}, variables, container


def _wrong_case(what: str, remedy: str) -> NoReturn:
    raise CaseError("wrong_case", what, remedy)


def _parse_object(text: str, what: str) -> Dict[str, Any]:
    remedy = """Give an object, for example '{"x": 11}'."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise CaseError("wrong_json", f"{what} is not JSON: {error}", remedy) from error
    if not isinstance(value, dict):
        raise CaseError("wrong_json", f"{what} is no JSON object", remedy)
    return value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


# ## What is printed


def json_line(record: Mapping[str, Any]) -> str:
    """One record a line, for programs."""
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        line = json.dumps(record, separators=(",", ":"))  # half a character, from the case itself
    return line + "\n"


def value_text(tagged: Tagged) -> str:
    """A value as the language writes it, where it can."""
    if "int" in tagged:
        return str(tagged["int"])
    if "uint" in tagged:
        return f"{tagged['uint']}u"
    if "double" in tagged:
        text = number_text(tagged["double"])
        return f"{text}.0" if re.fullmatch(r"-?\d+", text) else text
    if "bool" in tagged:
        return "true" if tagged["bool"] else "false"
    if "null" in tagged:
        return "null"
    if "string" in tagged:
        return json.dumps(tagged["string"], ensure_ascii=False)
    if "list" in tagged:
        return f"[{', '.join(map(value_text, tagged['list']))}]"
    if "map" in tagged:
        return "{" + ", ".join(f"{value_text(key)}: {value_text(value)}" for key, value in tagged["map"]) + "}"
    if "object" in tagged:
        fields: List[str] = [f"{name}: {value_text(value)}" for name, value in tagged["object"]["fields"].items()]
        return f"{tagged['object']['class']} {{{', '.join(fields)}}}"
    return json.dumps(tagged, ensure_ascii=False, separators=(",", ":"))


def number_text(value: object) -> str:
    """A double in ECMAScript's form: without an exponent from 1e-6 up to below 1e21."""
    if isinstance(value, str):
        return value
    assert isinstance(value, (int, float))  # a tagged double is nothing else
    mantissa, _, exponent = repr(float(value)).partition("e")
    sign = "-" if mantissa.startswith("-") else ""
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    digits = (whole + ("" if fraction == "0" else fraction)).lstrip("0")
    if digits == "":
        return "0"
    # The value is 0.digits times ten to the power of `point`.
    point = len(whole) + int(exponent or 0)
    if whole == "0":
        point -= len(fraction) - len(digits) + 1
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        return sign + digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    power = f"e{'+' if point > 0 else '-'}{abs(point - 1)}"
    return f"{sign}{digits[0]}{'.' + digits[1:] if len(digits) > 1 else ''}{power}"


def _cause_text(cause: Cause) -> str:
    return "\n".join([f"{cause.code}: {cause.message}", *(f"  {detail}" for detail in cause.details), cause.remedy])


def _print(text: str) -> None:
    sys.stdout.write(text)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
