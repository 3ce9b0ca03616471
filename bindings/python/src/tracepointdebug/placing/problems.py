"""What people are told about a placement: texts only. Codes are those of the other runtimes."""

from __future__ import annotations

from typing import Optional, Sequence, Tuple

from .limits import MAX_DETAILS
from .request import Failed

ENGINES = ("auto", "native", "monitoring", "bytecode", "pytrace")


class PlacementError(Exception):
    """The probe cannot stand there. Raised and caught within placing; becomes a `Failed`."""

    def __init__(self, code: str, message: str, remedy: str, details: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.failed = Failed(code, message, remedy, tuple(details)[:MAX_DETAILS])


class EngineRefusedError(Exception):
    """This engine cannot do this. The text completes "because ..."."""


def unknown_engine(engine: object) -> PlacementError:
    """A setting that names no engine."""
    return PlacementError(
        "unknown_engine",
        f'"{engine}" is not an engine of Python.',
        f"Set TRACEPOINTDEBUG_ENGINE to one of {', '.join(ENGINES)}, or leave it out.",
        ENGINES,
    )


def ambiguous_file(file: str, candidates: Sequence[str]) -> PlacementError:
    """A path suffix that means several files."""
    return PlacementError(
        "ambiguous_file",
        f'"{file}" matches {len(candidates)} loaded files.',
        "Write more of the path, or the whole path, so that it means one of them.",
        sorted(candidates),
    )


def not_a_line(line: object) -> PlacementError:
    """A line number that cannot be one."""
    return PlacementError(
        "line_out_of_range",
        f"Lines are counted from 1; {line} is not a line.",
        "Look at the file as it is deployed, and choose a line with a statement.",
    )


def line_out_of_range(path: str, line: int, last: Optional[int], line_count: Optional[int]) -> PlacementError:
    """No code on the line nor after it."""
    past = line_count is not None and line > line_count
    remedy = "Look at the file as it is deployed, and choose a line with a statement."
    return PlacementError(
        "line_out_of_range",
        f"{path} has {line_count} lines; {line} is past its end."
        if past
        else f"There is no statement on line {line} of {path} or after it.",
        remedy if last is None else f"{remedy} The last one is on line {last}.",
    )


def no_function(path: str, line: int) -> PlacementError:
    """An entry or exit probe outside of any function."""
    return PlacementError(
        "unsupported_place",
        f"Line {line} of {path} is not inside of a function.",
        "Choose a line inside of a function, or a probe at the line itself.",
    )


def source_differs(path: str, why: str) -> PlacementError:
    """The file that the client saw is not the one that runs."""
    return PlacementError(
        "source_differs",
        f"{path} is not the file that you see: {why}.",
        "Look at the file as it is deployed, or restart the program if the file was changed after it had been loaded; --no-check places the probe all the same.",
    )


def undeclared(names: Sequence[str], readable: Sequence[str], line: int) -> PlacementError:
    """A variable that cannot be read at the place."""
    quoted = ", ".join(f'"{name}"' for name in names)
    verb = "is not a variable that" if len(names) == 1 else "are not variables that"
    return PlacementError(
        "undeclared",
        f"{quoted} {verb} can be read on line {line}.",
        "Use one of the names listed, or a line of a function that uses the variable."
        if readable
        else "No variable can be read there: choose a line inside of a function.",
        readable,
    )


def engine_refused(engine: str, why: str) -> PlacementError:
    """An engine that was asked for by name cannot do it."""
    return PlacementError(
        "engine_refused",
        f"The engine {engine} cannot place the probe, because {why}.",
        "Set TRACEPOINTDEBUG_ENGINE to auto, which uses another engine here.",
    )


def internal(error: BaseException) -> Failed:
    """Our fault."""
    return Failed(
        "internal", f"Unexpected failure: {type(error).__name__}: {error}"[:2000], "This is our fault: report it."
    )


def pending_note(file: str, searched: int, near: Sequence[str]) -> str:
    """No loaded file matches yet."""
    similar = f" Nearest: {', '.join(near)}." if near else ""
    return f'None of the {searched} loaded files matches "{file}"; the probe is installed when one is loaded.{similar}'


def has_run_note(path: str, line: int, function_line: Optional[Tuple[int, str]]) -> str:
    """Module-level code, or the body of a class."""
    hint = f" For calls of {function_line[1]}, use line {function_line[0]} or an entry probe." if function_line else ""
    return (
        f"Line {line} of {path} is run when the file is loaded, which has happened; it will not run again unless the module is"
        f" reloaded, and the probe is installed then.{hint}"
    )


def gone_note(path: str, line: int) -> str:
    """A function that nothing refers to."""
    return (
        f"The function around line {line} of {path} does not exist in the program; the probe is installed when the module is"
        " reloaded."
    )


def moved_note(wanted: int, line: int) -> str:
    """Another line than the wanted one."""
    return f"Line {wanted} has no code of its own; the probe stands on line {line}."


def also_note(line: int, functions: Sequence[str]) -> str:
    """Several code objects share the line."""
    return f"Line {line} belongs to {len(functions)} functions, and the probe stands in each: {', '.join(functions)}."


def fallback_note(why: str) -> str:
    """The slow engine serves."""
    return (
        f"A trace function serves, because {why}. It slows down every call in the threads that it watches; remove the probe when it"
        " has served."
    )


RUNNING_NOTE = "Calls of this function that are under way go on without the probe; new ones have it."
THREADS_NOTE = "Before Python 3.12 only the main thread and threads that start from now on can be watched."
CHANGED_NOTE = "The file has been changed since it was loaded; lines are those of the file as it was loaded."
UNREAD_NOTE = "The source cannot be read here, so it was not compared with the one that you see."
UNWIND_NOTE = (
    "While an exit probe is in place, each exception that leaves any function costs a fraction of a microsecond more."
)
