"""A lock that a fork waits for, so that a child never begins in the middle of a change: its code is as placed, and the lock is free."""

from __future__ import annotations

import weakref
from typing import Any

from ..forking import Part, add_part
from ..link.native import RLock
from .limits import FORK_WAIT_SECONDS


class ForkLock:
    """A re-entrant lock, for `with`. Of the operating system's threads: greenlets do not switch while it is held."""

    def __init__(self) -> None:
        self._lock: Any = RLock()
        self._held = 0
        _LOCKS.add(self)

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def before(self) -> None:
        """This process is about to fork."""
        self._held += bool(self._lock.acquire(True, FORK_WAIT_SECONDS))

    def after_in_parent(self) -> None:
        """It has forked."""
        if self._held > 0:
            self._held -= 1
            self._lock.release()

    def after_in_child(self) -> None:
        """This is the child: no other thread is left that could release the lock."""
        self._held = 0
        self._lock = RLock()


_LOCKS: weakref.WeakSet[ForkLock] = weakref.WeakSet()


def _before() -> None:
    for lock in list(_LOCKS):
        lock.before()


def _after_in_parent() -> None:
    for lock in list(_LOCKS):
        lock.after_in_parent()


def _after_in_child() -> None:
    for lock in list(_LOCKS):
        lock.after_in_child()


# In one row with the agent's own: a fork that took these locks before the agent's thread is at rest could wait for that for ever.
add_part(Part(_before, _after_in_parent, _after_in_child))
