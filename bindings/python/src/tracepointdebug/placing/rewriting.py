"""The engine of Python 3.8 to 3.11: every function that runs the code object gets a changed one, and its very own back when the probes
are gone. Code that creates functions while it runs (closures) is changed as well, so that those to come have the probes, too.

A call that is under way goes on in the code object that it began with: a probe in a function that never returns is not reached, and a
removed one is closed by its gate.
"""

from __future__ import annotations

import sys
import weakref
from importlib.util import find_spec
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Callable, Dict, List, Optional, Sequence, Tuple

from .living import frames, functions_with, is_suspended
from .problems import RUNNING_NOTE, EngineRefusedError

if TYPE_CHECKING:
    from .codes import CodePlace
    from .seat import Seat


def obstacle() -> Optional[str]:
    """Why the engine cannot serve here."""
    if sys.version_info >= (3, 12):
        return "from Python 3.12 on sys.monitoring takes its place"
    spec = find_spec("bytecode")
    # A module of that name may be the program's own, and must not run for us.
    is_library = spec is not None and bool(spec.submodule_search_locations)
    return None if is_library else "the package `bytecode` is not installed"


class _Changed:
    """A code object of the program that is changed now."""

    __slots__ = ("current", "original", "place", "seats")

    def __init__(self, place: CodePlace) -> None:
        self.place = place
        self.original: CodeType = place.code
        self.current: CodeType = place.code
        self.seats: Tuple[Seat, ...] = ()


class RewritingEngine:
    """See Engine."""

    name = "bytecode"
    clears_snapshots = True

    def __init__(self) -> None:
        from .weave import woven

        self._woven: Callable[[CodeType, Sequence[Seat]], CodeType] = woven
        self._changed: Dict[int, _Changed] = {}
        # What changed code objects stand for, as long as anything runs them: by identity.
        self._originals: Dict[int, Tuple[weakref.ref[CodeType], CodeType]] = {}

    def add(self, seats: Sequence[Seat]) -> List[str]:
        """Puts seats in place."""
        if not all(seat.place.is_function for seat in seats):
            raise EngineRefusedError("code of a module or class that is running already cannot be changed")
        self._change(seats, [self._record(seat.place) for seat in seats], with_added=True)
        return [RUNNING_NOTE] if self._is_running([seat.code for seat in seats]) else []

    def remove(self, seats: Sequence[Seat]) -> None:
        """Takes closed seats out."""
        records = [self._changed[id(seat.code)] for seat in seats if id(seat.code) in self._changed]
        self._change(seats, records, with_added=False)

    def original(self, code: CodeType) -> CodeType:
        """The program's own code object behind a changed one."""
        known = self._originals.get(id(code))
        return code if known is None else known[1]

    def prepare(self, seats: Sequence[Seat]) -> None:
        """As `add`, for code that is about to run."""
        self._change(seats, [self._record(seat.place) for seat in seats], with_added=True)

    def prepared(self, code: CodeType) -> CodeType:
        """The code to run."""
        known = self._changed.get(id(code))
        return code if known is None else known.current

    def tick(self) -> None:
        """Repairs what others have undone: nobody can."""

    def _record(self, place: CodePlace) -> _Changed:
        known = self._changed.get(id(place.code))
        if known is None:
            known = self._changed[id(place.code)] = _Changed(place)
        elif known.place.parent is None and place.parent is not None:
            known.place = place
        return known

    def _change(self, seats: Sequence[Seat], records: Sequence[_Changed], with_added: bool) -> None:
        """Makes the code objects anew, from the inside out, and gives them to the functions, from the outside in."""
        before = {id(record): record.seats for record in records}
        for record in records:
            others = [seat for seat in record.seats if seat not in seats]
            added = [seat for seat in seats if seat.code is record.original] if with_added else []
            record.seats = (*others, *added)
        made: Dict[int, Tuple[_Changed, CodeType]] = {}
        try:
            for record in sorted(self._with_parents(records), key=_depth, reverse=True):
                made[id(record.original)] = (record, self._made(record, made))
        except Exception as error:
            for record in records:
                record.seats = before[id(record)]
            self._forget_unchanged()
            raise (
                error
                if isinstance(error, EngineRefusedError)
                else EngineRefusedError(f"its bytecode cannot be changed ({type(error).__name__}: {error})")
            ) from error
        self._give(made)
        self._forget_unchanged()

    def _with_parents(self, records: Sequence[_Changed]) -> List[_Changed]:
        found: Dict[int, _Changed] = {}
        for record in records:
            place: Optional[CodePlace] = record.place
            while place is not None:
                known = self._record(place)
                found[id(known)] = known
                place = known.place.parent
        return list(found.values())

    def _made(self, record: _Changed, made: Dict[int, Tuple[_Changed, CodeType]]) -> CodeType:
        code = record.original
        constants = tuple(self._constant(constant, made) for constant in code.co_consts)
        if any(new is not old for new, old in zip(constants, code.co_consts)):
            code = code.replace(co_consts=constants)
        return self._woven(code, record.seats) if record.seats else code

    def _constant(self, constant: object, made: Dict[int, Tuple[_Changed, CodeType]]) -> object:
        if type(constant) is not CodeType:
            return constant
        if id(constant) in made:
            return made[id(constant)][1]
        known = self._changed.get(id(constant))
        return constant if known is None else known.current

    def _give(self, made: Dict[int, Tuple[_Changed, CodeType]]) -> None:
        successors: Dict[int, CodeType] = {}
        codes: List[CodeType] = []
        for record, code in made.values():
            self._remember(record, code)
            old = [record.original, *self._versions(record.original)]
            codes += [each for each in old if each is not code]
            successors.update((id(each), code) for each in old)
            record.current = code
        has_closures = any(record.place.parent is not None for record, _ in made.values())
        # While the first round goes on, other threads may still make closures of the old code.
        for _ in range(2 if has_closures else 1):
            functions = functions_with(codes) if codes else []
            depth = {id(record.original): _depth(record) for record, _ in made.values()}
            functions.sort(key=lambda f: depth.get(id(self.original(f.__code__)), 0))
            for function in functions:
                _set_code(function, successors)

    def _remember(self, record: _Changed, code: CodeType) -> None:
        if code is record.original or id(code) in self._originals:
            return
        key = id(code)
        self._originals[key] = (weakref.ref(code, lambda _: self._originals.pop(key, None)), record.original)

    def _versions(self, original: CodeType) -> List[CodeType]:
        """The changed code objects of one of the program's that something still runs."""
        living = [reference() for reference, source in list(self._originals.values()) if source is original]
        return [code for code in living if code is not None]

    def _forget_unchanged(self) -> None:
        for key, record in list(self._changed.items()):
            if record.current is record.original and not record.seats:
                del self._changed[key]

    def _is_running(self, codes: Sequence[CodeType]) -> bool:
        """Whether a call of the program's own code is under way, on a stack or suspended."""
        wanted = {id(code) for code in codes}
        return any(id(frame.f_code) in wanted for frame in frames()) or is_suspended(codes)


def _set_code(function: FunctionType, successors: Dict[int, CodeType]) -> None:
    code = successors.get(id(function.__code__))
    if code is not None and function.__code__ is not code:
        function.__code__ = code


def _depth(record: _Changed) -> int:
    depth = 0
    place = record.place.parent
    while place is not None:
        depth += 1
        place = place.parent
    return depth
