"""Chooses an engine and makes seats for it: the best one that can serve at a place, or the one that was asked for by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from . import monitoring
from .living import all_functions, frames
from .problems import (
    ENGINES,
    EngineRefusedError,
    PlacementError,
    engine_refused,
    fallback_note,
    unknown_engine,
)
from .seat import Seat
from .variables import Names

if TYPE_CHECKING:
    from types import CodeType

    from .codes import CodePlace
    from .engine import Engine
    from .loaded import LoadedFile
    from .locate import Target
    from .request import PlaceRequest


class Engines:
    """The engines of one placement, each made when it is first needed."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._choices = _choices(wanted)
        self._used: Dict[str, Engine] = {}

    @property
    def best(self) -> str:
        """The engine that serves where it can."""
        return next(iter(self._choices), self._wanted)

    def used(self) -> List[Engine]:
        """Those that have been needed so far."""
        return list(self._used.values())

    def original(self, code: CodeType) -> CodeType:
        """The program's own code object behind one that an engine has changed."""
        for engine in self.used():
            code = engine.original(code)
        return code

    def occupy(
        self, request: PlaceRequest, loaded: LoadedFile, target: Target, module: Optional[CodeType]
    ) -> Tuple[Engine, List[Seat], List[str]]:
        """Puts seats in place with the first engine that can; that engine, the seats, notes for people. `module`: code that is about to
        run. Raises PlacementError.
        """
        fallback = ""
        for name in self._choices:
            try:
                engine = self._named(name)
                seats = self._seats(request, loaded, target, engine, module)
                if module is None:
                    notes = engine.add(seats)
                else:
                    notes = []
                    engine.prepare(seats)
                return engine, seats, [fallback, *notes]
            except EngineRefusedError as error:
                if name == self._choices[-1]:
                    raise engine_refused(name, str(error)) from error
                fallback = fallback or fallback_note(str(error))
        raise unknown_engine(self._wanted)

    def _named(self, name: str) -> Engine:
        known = self._used.get(name)
        if known is None:
            known = self._used[name] = _ENGINES[name]()
        return known

    def _namespace(self, loaded: LoadedFile, place: CodePlace) -> Optional[Mapping[str, object]]:
        """The globals of a code object; None where it has not run yet."""
        if loaded.namespaces:
            return loaded.namespaces[0]
        while place.parent is not None:
            place = place.parent
        for function in all_functions():
            if self.original(function.__code__) is place.code:
                return function.__globals__
        return next((frame.f_globals for frame in frames() if self.original(frame.f_code) is place.code), None)

    def _seats(
        self, request: PlaceRequest, loaded: LoadedFile, target: Target, engine: Engine, module: Optional[CodeType]
    ) -> List[Seat]:
        """Seats in all code objects of the line in which every variable can be read. Raises PlacementError `undeclared`."""
        found: List[Seat] = []
        refused: Optional[PlacementError] = None
        for place in target.places:
            names = Names(place, request.at, self._namespace(loaded, place), () if module is None else module.co_names)
            try:
                found.append(Seat(request, place, target.line, names, engine.clears_snapshots))
            except PlacementError as error:
                refused = refused or error
        if not found and refused is not None:
            raise refused
        # Some engines change only functions. A module that is running right now must not keep the others from it.
        functions = [seat for seat in found if seat.place.is_function]
        return functions if engine.name == "bytecode" and module is None and functions else found


def _choices(engine: str) -> Sequence[str]:
    best = "monitoring" if monitoring.obstacle() is None else "bytecode"
    if engine in ("auto", "native"):
        return (best, "pytrace")
    return (engine,) if engine in ENGINES else ()


def _monitoring() -> Engine:
    why = monitoring.obstacle()
    if why is not None:
        raise EngineRefusedError(why)
    return monitoring.MonitoringEngine()


def _bytecode() -> Engine:
    from . import rewriting

    why = rewriting.obstacle()
    if why is not None:
        raise EngineRefusedError(why)
    return rewriting.RewritingEngine()


def _pytrace() -> Engine:
    from .pytrace import PytraceEngine

    return PytraceEngine()


_ENGINES: Dict[str, Callable[[], Engine]] = {"monitoring": _monitoring, "bytecode": _bytecode, "pytrace": _pytrace}
