"""Which seats stand in which code object, for engines that are told of events: looked up by the identity of the code, since code
objects are equal by value. Keeps no code alive.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING, Callable, Dict, Optional, Sequence, Tuple

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from .seat import Seat
    from .variables import Hit


class CodeSeats:
    """The seats in one code object. What engines call is made anew on each change, so a call under way sees one state or the other."""

    __slots__ = ("code", "entries", "exits", "lines", "seats")

    def __init__(self, code: CodeType, on_death: Callable[[object], None]) -> None:
        self.code: weakref.ref[CodeType] = weakref.ref(code, on_death)
        self.change(())

    def change(self, seats: Sequence[Seat]) -> None:
        """Sets the seats."""
        self.seats: Tuple[Seat, ...] = tuple(seats)
        lines: Dict[int, Hit] = {}
        for seat in self.seats:
            if seat.at == "line":
                other = lines.get(seat.line)
                lines[seat.line] = seat.hit if other is None else _both(other, seat.hit)
        self.lines = lines
        self.exits = tuple(seat for seat in self.seats if seat.at == "exit")
        entries = [seat.hit for seat in self.seats if seat.at == "entry"]
        entries += [seat.enter for seat in self.exits if seat.needs_start]
        self.entries: Tuple[Hit, ...] = tuple(entries)


def _both(first: Hit, second: Hit) -> Hit:
    def hit(frame: FrameType) -> None:
        first(frame)
        second(frame)

    return hit


def call_all(hits: Sequence[Hit], frame: FrameType) -> None:
    """Each of them."""
    for hit in hits:
        hit(frame)


def leave_all(seats: Sequence[Seat], frame: FrameType, returned: object, raised: Optional[BaseException]) -> None:
    """The function of all these ends."""
    for seat in seats:
        seat.leave(frame, returned, raised)


class Table:
    """All seats of an engine. Changed by one thread at a time; read by all, by one look-up."""

    def __init__(self) -> None:
        self.codes: Dict[int, CodeSeats] = {}
        # line events are so frequent that they are looked up without a detour
        self.lines: Dict[int, Dict[int, Hit]] = {}

    def add(self, seat: Seat) -> CodeSeats:
        """Adds a seat."""
        key = id(seat.code)
        known = self.codes.get(key)
        if known is None:
            known = self.codes[key] = CodeSeats(seat.code, lambda _: self._forget(key))
        known.change((*known.seats, seat))
        self._settle(key, known)
        return known

    def remove(self, seat: Seat) -> Optional[CodeSeats]:
        """Removes a seat. The rest of its code's seats; None where the code is not known any more."""
        key = id(seat.code)
        known = self.codes.get(key)
        if known is None:
            return None
        known.change([other for other in known.seats if other is not seat])
        self._settle(key, known)
        return known

    def _settle(self, key: int, known: CodeSeats) -> None:
        if known.lines:
            self.lines[key] = known.lines
        else:
            self.lines.pop(key, None)
        if not known.seats:
            self.codes.pop(key, None)

    def _forget(self, key: int) -> None:
        self.codes.pop(key, None)
        self.lines.pop(key, None)
