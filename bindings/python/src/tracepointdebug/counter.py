"""Counts that are exact although many threads count at once, and that cost a hit next to nothing."""

from __future__ import annotations

import itertools
import sys
from typing import Any, Callable

from .link.native import allocate_lock


class Counter:
    """A number that only grows. `add()` counts one; it is one call into C, which no other thread can interrupt."""

    __slots__ = ("_base", "_count", "add")

    add: Callable[[], Any]

    def __init__(self) -> None:
        self._count = itertools.count()
        self._base = 0
        self.add = self._count.__next__

    def value(self) -> int:
        """What was counted so far."""
        # The one way to look at it that works in all versions and changes nothing: repr is `count(42)`.
        return int(repr(self._count)[6:-1]) - self._base

    def restart(self) -> None:
        """Counts from nothing again; `add` stays the same function."""
        self._base += self.value()


class LockedCounter:
    """The same for free-threaded Python 3.13, where a step of `itertools.count` is not atomic."""

    __slots__ = ("_lock", "_value")

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._value = 0

    def add(self) -> None:
        """Counts one."""
        with self._lock:
            self._value += 1

    def restart(self) -> None:
        """Counts from nothing again. Also frees a lock that another thread held when the process forked."""
        self._lock = allocate_lock()
        self._value = 0

    def value(self) -> int:
        """What was counted so far."""
        return self._value


_is_gil_enabled: Callable[[], bool] = getattr(sys, "_is_gil_enabled", lambda: True)


def make_counter() -> Any:
    """The cheapest counter that is exact here."""
    return Counter() if sys.version_info >= (3, 14) or _is_gil_enabled() else LockedCounter()
