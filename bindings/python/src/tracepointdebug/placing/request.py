"""What an agent asks of a placement, and what it is told: put a probe at a line, call these functions on each hit. Types only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Callable, Optional, Sequence, Tuple, Union

if TYPE_CHECKING:
    from types import FrameType

NameList = Sequence[str]
ValueList = Sequence[object]


@dataclass(frozen=True)
class Site:
    """Where a probe really stands."""

    file: str
    """Path of the file as it was loaded."""
    line: int
    """From 1. The nearest line with code, where the wanted one has none."""
    column: int
    """From 1; of the first statement on the line where the interpreter knows it (3.11 and later), else 1."""
    function_name: str
    """Empty at module level and in class bodies."""
    class_name: str
    """Of the class that the function belongs to, with those around it (`Outer.Inner`); empty outside of one."""
    names: Tuple[str, ...]
    """Every name that can be read there. `this` is among them in methods."""


@dataclass(frozen=True)
class PlaceRequest:
    """One probe to be placed. `test` and `fire` are called on the program's threads; neither may raise."""

    placement_id: str
    file: str
    """A path or path suffix, as a person wrote it."""
    line: int
    """From 1."""
    at: str
    """`line`, or `entry` or `exit` of the function that encloses the line."""
    file_hash: Optional[str]
    """Lower-case hexadecimal SHA-256 of the source that the client saw."""
    test_names: Tuple[str, ...]
    """
    Variables that `test` receives, in order. Not variables but understood: `this` and `@this` (first argument of a method),
    `@args` (dict of the arguments), and at exits `@return`, `@exception` (None where it does not apply), `@duration`.
    """
    capture_names: Optional[Tuple[str, ...]]
    """Variables that `fire` receives; None: every local, and at exits also `@return`, `@exception` and `@duration`."""
    test: Callable[..., bool]
    """test(*values): whether the hit fires."""
    fire: Callable[[FrameType, NameList, ValueList], None]
    """fire(frame, names, values), on the program's own stack, only after `test` returned True. A value may be UNAVAILABLE."""
    on_change: Callable[[PlacementState], None]
    """
    Told of each change of the placement, on the thread that brings it about: the one that calls `place`, or one of the program
    that imports the file. No lock of the placement is held then. Should only make a note.
    """


@dataclass(frozen=True)
class Pending:
    """The code does not exist yet, or does not run again; the probe is installed as soon as the file is loaded (again)."""

    note: str


@dataclass(frozen=True)
class Installed:
    """The probe is in place. `note` says what a person should know, else it is empty."""

    engine: str
    """`monitoring`, `bytecode` or `pytrace`."""
    site: Site
    note: str


@dataclass(frozen=True)
class Failed:
    """The probe cannot stand there. `details` lists candidates: files, names."""

    code: str
    message: str
    remedy: str
    details: Tuple[str, ...] = ()


PlacementState = Union[Pending, Installed, Failed]


@dataclass(frozen=True)
class PlacementStats:
    """What placing has cost so far."""

    engine: str
    """The engine that serves where it can."""
    installed: int
    """Probes in place now."""
    pending: int
    """Probes that wait for their file now."""
    changes: int
    """Times that code was changed or events were switched."""
    change_ms: float
    """Milliseconds that placing and removing took in all, on the thread that asked."""
    longest_ms: float
    """Milliseconds of the longest of them."""
    internal_errors: int
    """Errors of our own on the hit path, kept from the program."""
