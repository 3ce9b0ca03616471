"""The engine of Python 3.12 and later: sys.monitoring events of the one code object.

    line   LINE, local to the code; DISABLE is returned for other lines, so that each of them is told once. A loop that stands on one
           line as a whole counts once, as a comprehension does.
    entry  PY_START, local
    exit   PY_RETURN, local, and PY_UNWIND, which is not local before 3.15: it is on only while an exit probe is in place
A tool id that is free is used while a probe is in place, never those that are reserved for debuggers, coverage and profilers.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, List, Optional, Sequence

from .codes import begins_at_once
from .engine import Engine
from .problems import UNWIND_NOTE, EngineRefusedError
from .swallow import SKIPPED
from .table import CodeSeats, Table, call_all, leave_all

if TYPE_CHECKING:
    from types import CodeType

    from .seat import Seat

# 5 is reserved for optimisers, of which there is none: the last choice.
_TOOL_IDS = (4, 3, 5)
_TOOL_NAME = "tracepointdebug"


def obstacle() -> Optional[str]:
    """Why the engine cannot serve here."""
    return None if hasattr(sys, "monitoring") else "sys.monitoring came with Python 3.12"


class MonitoringEngine(Engine):
    """See Engine."""

    name = "monitoring"
    clears_snapshots = True

    def __init__(self) -> None:
        self._monitoring: Any = sys.monitoring  # type: ignore[attr-defined]
        self._events: Any = self._monitoring.events
        self._table = Table()
        self._tool: Optional[int] = None
        self._unwinds = False

    def add(self, seats: Sequence[Seat]) -> List[str]:
        """Puts seats in place."""
        self._take_tool()
        for seat in seats:
            known = self._table.add(seat)
            # Lines that were disabled are told of again only after a pause.
            self._monitoring.set_local_events(self._tool, seat.code, 0)
            self._watch(seat.code, known)
        return [UNWIND_NOTE] if any(seat.at == "exit" for seat in seats) else []

    def remove(self, seats: Sequence[Seat]) -> None:
        """Takes closed seats out."""
        for seat in seats:
            known = self._table.remove(seat)
            if known is not None:
                self._watch(seat.code, known)
        if not self._table.codes:
            self._release_tool()

    def tick(self) -> None:
        """Repairs what others have undone."""
        # On a free-threaded build a line may be disabled by an event that was under way while its seat was added.
        if not getattr(sys, "_is_gil_enabled", lambda: True)():
            for known in list(self._table.codes.values()):
                code = known.code()
                if code is not None and self._tool is not None:
                    self._monitoring.set_local_events(self._tool, code, 0)
                    self._watch(code, known)

    def _watch(self, code: CodeType, known: CodeSeats) -> None:
        events = self._events
        wanted = events.LINE if known.lines else 0
        if known.entries or (code.co_firstlineno in known.lines and begins_at_once(code)):
            # 3.13 and 3.14 tell of the first line of such a function only if its start is wanted, too.
            wanted |= events.PY_START
        wanted |= events.PY_RETURN if known.exits else 0
        self._monitoring.set_local_events(self._tool, code, wanted)
        unwinds = any(known.exits for known in list(self._table.codes.values()))
        if unwinds is not self._unwinds:
            self._unwinds = unwinds
            self._monitoring.set_events(self._tool, events.PY_UNWIND if unwinds else 0)

    def _take_tool(self) -> None:
        if self._tool is not None:
            return
        for tool in _TOOL_IDS:
            try:
                self._monitoring.use_tool_id(tool, _TOOL_NAME)
            except ValueError:
                continue
            self._tool = tool
            events = self._events
            for event, callback in (
                (events.LINE, self._on_line()),
                (events.PY_START, self._on_start()),
                (events.PY_RETURN, self._on_return()),
                (events.PY_UNWIND, self._on_unwind()),
            ):
                self._monitoring.register_callback(tool, event, callback)
            return
        raise EngineRefusedError("other tools have taken all tool ids of sys.monitoring that are free for use")

    def _release_tool(self) -> None:
        tool, self._tool = self._tool, None
        if tool is None:
            return
        events = self._events
        self._monitoring.set_events(tool, 0)
        self._unwinds = False
        for event in (events.LINE, events.PY_START, events.PY_RETURN, events.PY_UNWIND):
            self._monitoring.register_callback(tool, event, None)
        self._monitoring.free_tool_id(tool)

    # Callbacks are closures: they run at each event, and a local name is the fastest look-up. Each answers from one look-up, without
    # a call in between: a thread switch there could disable a line whose seat has just been added.

    def _on_line(self) -> Any:
        lines = self._table.lines
        disable = self._monitoring.DISABLE
        frame_of = sys._getframe

        def on_line(code: CodeType, line: int) -> Any:
            key = id(code)
            try:
                hit = lines[key][line]
            except KeyError:
                return disable
            try:
                hit(frame_of(1))
            except SKIPPED:
                pass
            return None

        return on_line

    def _on_start(self) -> Any:
        codes = self._table.codes

        def on_start(code: CodeType, offset: int) -> None:
            known = codes.get(id(code))
            if known is not None:
                try:
                    call_all(known.entries, sys._getframe(1))
                except SKIPPED:
                    pass

        return on_start

    def _on_return(self) -> Any:
        codes = self._table.codes

        def on_return(code: CodeType, offset: int, value: object) -> None:
            known = codes.get(id(code))
            if known is not None:
                try:
                    leave_all(known.exits, sys._getframe(1), value, None)
                except SKIPPED:
                    pass

        return on_return

    def _on_unwind(self) -> Any:
        codes = self._table.codes

        def on_unwind(code: CodeType, offset: int, error: BaseException) -> None:
            known = codes.get(id(code))
            if known is not None:
                try:
                    leave_all(known.exits, sys._getframe(1), None, error)
                except SKIPPED:
                    pass

        return on_unwind
