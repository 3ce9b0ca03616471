"""The engine for where nothing else can serve: a trace function. It is called for each call in the threads that it watches, and for
each line of functions with probes. Beside another trace function (a debugger, coverage) it calls that one, too, and gives it back.

    3.12 and later   all threads
    before           the main thread, and threads that start from now on: there is no way into others
"""

from __future__ import annotations

import ctypes
import dis
import sys
import threading
from types import FrameType, FunctionType
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Sequence, Tuple

from .engine import Engine
from .problems import THREADS_NOTE
from .swallow import SKIPPED
from .table import CodeSeats, Table, call_all, leave_all

if TYPE_CHECKING:
    from .seat import Seat

_YIELDS = frozenset(
    dis.opmap[name] for name in ("YIELD_VALUE", "YIELD_FROM", "INSTRUMENTED_YIELD_VALUE") if name in dis.opmap
)
_RETURNS = frozenset(
    dis.opmap[name]
    for name in ("RETURN_VALUE", "RETURN_CONST", "INSTRUMENTED_RETURN_VALUE", "INSTRUMENTED_RETURN_CONST")
    if name in dis.opmap
)
_YIELD_FROM = bytes([dis.opmap.get("YIELD_FROM", 0)])
_RESUME = dis.opmap.get("RESUME")
_INLINES = sys.version_info >= (3, 12)
_ALL_THREADS = hasattr(threading, "settrace_all_threads")

TraceFunction = Callable[[FrameType, str, Any], Any]


class PytraceEngine(Engine):
    """See Engine."""

    name = "pytrace"
    clears_snapshots = False

    def __init__(self) -> None:
        self._table = Table()
        self._errors: Dict[int, Tuple[BaseException, int]] = {}
        # What to call besides, by thread: the trace functions that were there before.
        self._others: Dict[int, Optional[TraceFunction]] = {}
        self._threading_other: Any = None
        self._on = False
        self._has_all = False
        self._is_asked = False
        self._trace: TraceFunction = self._make_trace()
        self._callback: Any = _PENDING_CALL(self._on_main_thread)
        # The interpreter may call it later than anybody knows.
        _CALLBACKS.append(self._callback)

    def add(self, seats: Sequence[Seat]) -> List[str]:
        """Puts seats in place."""
        for seat in seats:
            self._table.add(seat)
        self._switch_on()
        self._trace_running()
        return [] if _ALL_THREADS else [THREADS_NOTE]

    def remove(self, seats: Sequence[Seat]) -> None:
        """Takes closed seats out."""
        for seat in seats:
            self._table.remove(seat)
        if not self._table.codes:
            self._switch_off()

    def tick(self) -> None:
        """Repairs what others have undone."""
        if self._on:
            self._ask_main_thread()

    def _switch_on(self) -> None:
        if not self._on:
            self._on = True
            self._threading_other = _threading_trace()
            threading.settrace(self._trace)
        self._ask_main_thread()

    def _switch_off(self) -> None:
        if not self._on:
            return
        self._on = self._has_all = False
        if _threading_trace() is self._trace:
            threading.settrace(self._threading_other)
        # Other threads give their trace function back when it is called for the next time.
        self._ask_main_thread()

    def _ask_main_thread(self) -> None:
        """Takes over or gives back there, between two of its instructions: a trace function can be set only by its own thread."""
        if threading.current_thread() is threading.main_thread():
            self._settle_main_thread()
        elif not self._is_asked:
            self._is_asked = _ADD_PENDING(self._callback, None) == 0

    def _settle_main_thread(self) -> None:
        self._is_asked = False
        if self._on:
            self._take_over()
        else:
            self._give_back()

    def _take_over(self) -> None:
        current: Any = sys.gettrace()
        if current is self._trace:
            return
        self._others[threading.get_ident()] = current
        if _ALL_THREADS and not self._has_all:
            # From the main thread, the one whose trace function a debugger cares for: those of all others are set without asking.
            self._has_all = True
            threading.settrace_all_threads(self._trace)  # type: ignore[attr-defined]
        else:
            sys.settrace(self._trace)
        self._trace_stack(sys._getframe(1))

    def _give_back(self) -> None:
        other = self._others.pop(threading.get_ident(), self._threading_other)
        if sys.gettrace() is self._trace:
            sys.settrace(other)

    def _on_main_thread(self, _: object) -> int:
        try:
            self._settle_main_thread()
        except SKIPPED:
            pass
        return 0

    def _trace_running(self) -> None:
        """Calls that are under way are traced from their next line on."""
        for top in list(sys._current_frames().values()):
            self._trace_stack(top)

    def _trace_stack(self, top: Optional[FrameType]) -> None:
        frame = top
        while frame is not None:
            other: Any = frame.f_trace
            is_ours = type(other) is FunctionType and other.__code__.co_filename == __file__
            if id(frame.f_code) in self._table.codes and not is_ours:
                frame.f_trace = self._local(frame, other)
            frame = frame.f_back

    def _make_trace(self) -> TraceFunction:
        codes = self._table.codes
        others = self._others
        ident = threading.get_ident

        def trace(frame: FrameType, event: str, arg: Any) -> Any:
            local = None
            if others or self._threading_other is not None:
                other = others.get(ident(), self._threading_other)
                if other is not None:
                    local = other(frame, event, arg)
                    # coverage installs itself anew at each call
                    if self._on and sys.gettrace() is not trace:
                        sys.settrace(trace)
            if not self._on:
                self._give_back()
                return local
            known = codes.get(id(frame.f_code))
            if known is None:
                return local
            traced = self._local(frame, local)
            if event == "call":
                self._errors.pop(id(frame), None)
                try:
                    if _is_start(frame):
                        call_all(known.entries, frame)
                except SKIPPED:
                    pass
            return traced

        return trace

    def _local(self, frame: FrameType, other: Optional[TraceFunction]) -> TraceFunction:
        """The trace function of one call of a function with probes, after the one that another tool wants for it."""
        codes = self._table.codes
        key = id(frame.f_code)
        last = 0

        def local(frame: FrameType, event: str, arg: Any) -> Any:
            nonlocal other, last
            if other is not None:
                # None leaves things as they are, as the interpreter has it.
                other = other(frame, event, arg) or other
            known = codes.get(key)
            if known is None:
                return other or local
            try:
                if event == "line":
                    line = frame.f_lineno
                    hit = known.lines.get(line)
                    # From 3.12 on a comprehension is a loop within its line, which would count each time round.
                    is_again = _INLINES and line == last
                    last = line
                    if hit is not None and not is_again:
                        hit(frame)
                elif known.exits:
                    self._end(known, frame, event, arg)
            except SKIPPED:
                pass
            return local

        return local

    def _end(self, known: CodeSeats, frame: FrameType, event: str, arg: Any) -> None:
        key = id(frame)
        if event == "exception":
            self._errors[key] = arg[1], frame.f_lasti
            return
        error, at = self._errors.pop(key, (None, -1))
        if event != "return":
            return
        if _opcode(frame) in _RETURNS:
            leave_all(known.exits, frame, arg, None)
        elif error is not None and (at == frame.f_lasti or not _is_suspended(frame)):
            # An exception that was thrown into a generator leaves it from where it was suspended.
            leave_all(known.exits, frame, None, error)


def _opcode(frame: FrameType) -> int:
    return frame.f_code.co_code[frame.f_lasti] if frame.f_lasti >= 0 else -1


def _is_suspended(frame: FrameType) -> bool:
    """Whether a generator or coroutine only pauses."""
    raw, at = frame.f_code.co_code, frame.f_lasti
    if at < 0:
        return False
    before_yield_from = _RESUME is None and raw[at + 2 : at + 3] == _YIELD_FROM
    return raw[at] in _YIELDS or before_yield_from or (raw[at] == _RESUME and raw[at + 1] & 3 != 0)


def _is_start(frame: FrameType) -> bool:
    """Whether a call begins, and not a generator that goes on."""
    if _RESUME is None:
        return frame.f_lasti < 0
    raw = frame.f_code.co_code
    offset = max(frame.f_lasti, 0)
    return raw[offset] != _RESUME or raw[offset + 1] & 3 == 0


def _threading_trace() -> Optional[TraceFunction]:
    current: Optional[TraceFunction] = getattr(threading, "_trace_hook", None)
    return current


_CALLBACKS: List[Any] = []
_PENDING_CALL = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.c_void_p)
_ADD_PENDING = ctypes.pythonapi.Py_AddPendingCall
