"""One probe in one code object: reads the variables, asks `test`, calls `fire`. Knows no engine; the engines call it."""

from __future__ import annotations

import sys
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, Optional, Sequence, Tuple

from ..reading import Duration
from ..unavailable import UNAVAILABLE
from .limits import MAX_TIMED_CALLS
from .problems import undeclared
from .swallow import SKIPPED, is_ours
from .variables import EXIT_NAMES, Hit, Names, Source, make_hit, read_values

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from .codes import CodePlace
    from .request import PlaceRequest

# What changed code calls, by index of the gate: see Seat.
TEST, FIRE, SORT_OUT, HIT, ENTER, FAIL = range(6)


class Gate(List[Callable[..., Any]]):
    """
    What changed code calls, or what does nothing once it is closed. A list, because that is the fastest way to a callable that can be
    exchanged, and code that is running keeps the gate it knows. A program that pickles a probed function by value (cloudpickle) gets
    a gate that is closed and needs nothing of ours.
    """

    __slots__ = ()

    def __reduce__(self) -> Tuple[Any, ...]:
        return list, (["".format] * 6,)


class Exit:
    """`value in Exit(seat)`: the function is about to return the value. An operator, because its left side is evaluated first."""

    __slots__ = ("_seat",)

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    def __contains__(self, value: object) -> bool:
        self._seat.leave(sys._getframe(1), value, None)
        return False

    def __reduce__(self) -> Tuple[Any, ...]:
        return tuple, ()


# A program may replace built-in functions by its own, which is no code for us to run at each call.
_size = len


def _closed(*_: object) -> bool:
    return False


class Seat:
    """Raises PlacementError `undeclared` if `test` needs what cannot be read there. One that is closed never calls anything again."""

    def __init__(self, request: PlaceRequest, place: CodePlace, line: int, names: Names, may_clear: bool) -> None:
        """`line`: of a line probe the line itself, else the first of the function. `may_clear`: see variables.py."""
        wanted = (*request.test_names, *(request.capture_names or ()))
        missing = names.missing(wanted)
        if missing:
            raise undeclared(missing, names.readable(), line)
        self.request = request
        self.place = place
        self.code: CodeType = place.code
        self.at = request.at
        self.line = line
        self._may_clear = may_clear
        self.test_sources = _sources(names, request.test_names)
        captured = request.capture_names
        if captured is None:
            captured = (*names.variables, *(EXIT_NAMES if request.at == "exit" else ()))
        self._capture_names = captured
        self._capture_sources = _sources(names, captured)
        self.needs_start = request.at == "exit" and "@duration" in (*request.test_names, *captured)
        self._starts: Dict[int, int] = {}
        self.gate = Gate(
            [request.test, self._fire_here, self._sort_out, self._hit_here, self._enter_here, self._fail_here]
        )
        self.exit = Exit(self)
        self.hit: Hit = make_hit(self.gate, self.test_sources, self._fire, is_ours, may_clear)

    def close(self) -> None:
        """From now on no hit begins."""
        for index in (TEST, FIRE, HIT, ENTER, FAIL):
            self.gate[index] = _closed
        self._starts.clear()

    def enter(self, frame: FrameType) -> None:
        """The function begins: starts the clock of this call. Raises only what is not ours."""
        try:
            starts = self._starts
            if _size(starts) >= MAX_TIMED_CALLS:
                starts.pop(next(iter(starts), 0), None)
            starts[id(frame)] = perf_counter_ns()
        except SKIPPED:
            pass
        except Exception as error:
            if not is_ours(error):
                raise

    def leave(self, frame: FrameType, returned: object, raised: Optional[BaseException]) -> None:
        """The function ends, either way. Raises only what is not ours."""
        try:
            ended: Dict[str, object] = {"@return": returned, "@exception": raised}
            if self.needs_start:
                start = self._starts.pop(id(frame), None)
                ended["@duration"] = UNAVAILABLE if start is None else Duration(perf_counter_ns() - start)
            values = read_values(frame, self.test_sources, ended, self._may_clear)
            if self.gate[TEST](*values):
                self._fire(frame, ended)
        except SKIPPED:
            pass
        except Exception as error:
            if not is_ours(error):
                raise

    def _fire(self, frame: FrameType, ended: Mapping[str, object] = {}) -> None:
        values = read_values(frame, self._capture_sources, ended, self._may_clear)
        names: Sequence[str] = self._capture_names
        if self.request.capture_names is None:
            bound = [pair for pair in zip(names, values) if pair[1] is not UNAVAILABLE]
            names, values = [name for name, _ in bound], [value for _, value in bound]
        self.request.fire(frame, names, values)

    def _fire_here(self) -> None:
        self._fire(sys._getframe(1))

    def _hit_here(self) -> None:
        self.hit(sys._getframe(1))

    def _enter_here(self) -> None:
        self.enter(sys._getframe(1))

    def _fail_here(self) -> None:
        self.leave(sys._getframe(1), None, sys.exc_info()[1])

    def _sort_out(self) -> bool:
        """Called by changed code that caught an exception of ours or not. True: the code must raise it again."""
        error = sys.exc_info()[1]
        if error is None:
            return False
        trace = error.__traceback__
        is_unbound = isinstance(error, NameError) and trace is not None and trace.tb_next is None
        try:
            if is_unbound:
                self.hit(sys._getframe(1))
                return False
            return not is_ours(error)
        except SKIPPED:
            return False


def _sources(names: Names, wanted: Sequence[str]) -> Tuple[Source, ...]:
    found = (names.find(name) for name in wanted)
    return tuple(source for source in found if source is not None)
