"""Modules for every thread of the program: each hit has a guest for itself.

Between the writing of the slots and the call another thread may run, a signal handler, or a finaliser of the program; all of them may
come by a probe. So a hit takes a guest off a list, and puts it back at its end; `pop` and `append` are atomic and wait for nobody.
With a GIL the list is one for all threads, and mostly it is the same guest. Without one each thread has a list of its own: a lock of
the interpreter's on a shared one could be held by another thread in the moment of a fork, for ever. Instances of a module are made
where a guest needs them first.
"""

from __future__ import annotations

import _thread
import itertools
import sys
import weakref
from typing import Any, Callable, Dict, Final, List, Optional, Tuple

from .. import _abi as abi
from ..errors import GuestError
from .calls import names_of
from .guest import Guest, LoadedModule, Prepared, take_segment
from .segments import Segments

#: Guests of a process, 2 MiB of addresses each: so many hits can be under way at once (without a GIL: so many threads can have hits).
#: One more is answered with the error `memory`.
MAX_GUESTS: Final = 256
#: Closed modules whose instances a guest may still hold, 19 KiB each, before it is made anew: nothing else frees them.
MAX_RETIRED: Final = 128

_TRAPPED: Final = -abi.ERR_INTERNAL
_FULL: Final = -abi.ERR_MEMORY

_HAS_GIL: Final[bool] = getattr(sys, "_is_gil_enabled", lambda: True)()
#: How a hit takes a guest and puts it back.
_TAKE, _PUT = ("pop()", "push(seat)") if _HAS_GIL else ("own.idle.pop()", "own.idle.append(seat)")

_TEST: Final = """
def make(own, pop, push, more, key):
    def test({names}):
        try:
            seat = {take}
        except IndexError:
            seat = more()
            if seat is None:
                return FULL
        try:
            return seat[key]({names})
        except GuestError:
            seat.renew()
            return TRAPPED
        finally:
            {put}
    return test
"""
_factories: Dict[int, Callable[..., Callable[..., int]]] = {}


class _Seat(Dict[int, Callable[..., Any]]):
    """A guest and what can be called in it, by the key of the module. Belongs to whoever has taken it."""

    __slots__ = ("__weakref__", "_guest", "_live", "_redact", "_retired")

    def __init__(self, live: Dict[int, _Live], redact: Optional[Callable[[str], bool]]) -> None:
        super().__init__()
        self._live = live
        self._redact = redact
        self._guest: Optional[Guest] = None
        # Modules closed since the guest was made.
        self._retired = 0

    # Seats are looked for among others, and are never the same for having the same modules.
    __eq__ = object.__eq__
    __hash__ = object.__hash__  # type: ignore[assignment]

    def __missing__(self, key: int) -> Callable[..., Any]:
        live = self._live.get(key)
        if live is None:
            return _closed
        if self._retired >= MAX_RETIRED:
            self.renew()
        if self._guest is None:
            self._guest = Guest(self._redact)
        loaded = LoadedModule(self._guest, live.prepared, live.base)
        self[key] = run = loaded.render_cut if live.prepared.entry == "template" else loaded.test
        return run

    def renew(self) -> None:
        """Throws the guest away; the next call makes another."""
        self.clear()
        self._guest = None
        self._retired = 0

    def retire(self, key: int) -> None:
        """Forgets a module. For the thread that loads, also while a hit has the seat: what it runs is not touched."""
        if self.pop(key, None) is not None:
            self._retired += 1
            if self._retired >= MAX_RETIRED:
                # So that whoever has the seat next comes by `__missing__`, which may make the guest anew.
                self.clear()


def _closed(*_values: object) -> Any:
    """A hit that was under way when its module was closed does not fire."""
    return 0


class _Live:
    """A module that is not closed, and where its data lie in each guest."""

    __slots__ = ("base", "prepared")

    def __init__(self, prepared: Prepared, base: int) -> None:
        self.prepared = prepared
        self.base = base


class _Shared:
    """The idle guests of all threads."""

    __slots__ = ("idle",)

    def __init__(self) -> None:
        self.idle: List[_Seat] = []


class _Own(_thread._local):
    """The idle guests of each thread. They go with it."""

    def __init__(self) -> None:
        self.idle: List[_Seat] = []


class SharedModule:
    """A module that any thread may call at any time. Values are passed in the order of `roots`."""

    def __init__(self, guests: Guests, key: int, prepared: Prepared) -> None:
        self.section = prepared.section
        self.entry = prepared.entry
        self.roots = prepared.roots
        self._guests = guests
        self._key = key
        # Of a condition: 1 true, 0 false, negative a packed error: `internal` after a trap, `memory` where all guests are busy.
        # Throws nothing but what Python throws by itself: RecursionError, MemoryError, what a signal handler throws.
        self.test: Callable[..., int] = guests._tester(key, len(self.roots))

    def render_cut(self, *values: object) -> Tuple[str, bool]:
        """Of a template: the text, and whether it was cut. Throws GuestError (`trap`, `guests_busy`, `closed`)."""
        return self._guests._render(self._key, values)

    def close(self) -> None:
        """Ends it: hits that come later do not fire. For the thread that loads."""
        self._guests._close(self._key)


class Guests:
    """All guests of a process. `load` and `close` are for one thread, what they give is for all."""

    def __init__(self, redact: Optional[Callable[[str], bool]] = None) -> None:
        """`redact`: names whose values may not be read."""
        self._redact = redact
        self._live: Dict[int, _Live] = {}
        self._keys = itertools.count()
        self._segments = Segments(abi.SEGMENTS_BASE, abi.SEGMENTS_END)
        # Every seat, to be told of what is closed. They are owned by the list that they lie on, or by the hit that has them.
        self._seats: Dict[int, weakref.ref[_Seat]] = {}
        self._own: Any = _Shared() if _HAS_GIL else _Own()

    def load(self, wasm: bytes) -> SharedModule:
        """Verifies and compiles a module and makes its first instance. Throws VerifyError or GuestError."""
        prepared = Prepared(wasm)
        base = take_segment(self._segments, prepared)
        key = next(self._keys)
        self._live[key] = _Live(prepared, base)
        try:
            seat = self._take()
            if seat is not None:
                try:
                    seat[key]
                finally:
                    self._own.idle.append(seat)
        except BaseException:
            self._close(key)
            raise
        return SharedModule(self, key, prepared)

    def _close(self, key: int) -> None:
        live = self._live.pop(key, None)
        if live is None:
            return
        self._segments.give(live.base, live.prepared.data_bytes)
        for known in self._seats.copy().values():
            seat = known()
            if seat is not None:
                seat.retire(key)

    def _take(self) -> Optional[_Seat]:
        try:
            seat: _Seat = self._own.idle.pop()
        except IndexError:
            return self._more()
        return seat

    def _more(self) -> Optional[_Seat]:
        """Another guest, or None where there are enough."""
        if len(self._seats) >= MAX_GUESTS:
            return None
        seat = _Seat(self._live, self._redact)
        number, seats = id(seat), self._seats
        seats[number] = weakref.ref(seat, lambda _: seats.pop(number, None))
        return seat

    def _tester(self, key: int, arity: int) -> Callable[..., int]:
        make = _factories.get(arity)
        if make is None:
            scope: Dict[str, Any] = {"GuestError": GuestError, "TRAPPED": _TRAPPED, "FULL": _FULL}
            exec(_TEST.format(names=names_of(arity), take=_TAKE, put=_PUT), scope)  # the text is ours
            make = _factories[arity] = scope["make"]
        idle = self._own.idle
        return make(self._own, idle.pop, idle.append, self._more, key)

    def _render(self, key: int, values: Tuple[object, ...]) -> Tuple[str, bool]:
        seat = self._take()
        if seat is None:
            raise GuestError("guests_busy", f"All {MAX_GUESTS} guests are in use.", "Put the probe on a quieter line.")
        try:
            made = seat[key](*values)
        except GuestError:
            seat.renew()
            raise
        finally:
            self._own.idle.append(seat)
        if made == 0:
            raise GuestError("closed", "The module was closed.", "Nothing is to be done: its probe was removed.")
        return made  # type: ignore[no-any-return]
