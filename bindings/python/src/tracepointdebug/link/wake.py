"""Wakes the agent's thread from any other, without waiting: one byte in a pipe.

A program may close all files, as daemons do, and open others that get the same numbers. So each write asks first whether the number
still means what it did: a byte in a file of the program would be worse than being late.
"""

from __future__ import annotations

import os
from typing import Any, Tuple

from .native import POLLIN, read, write

_NOTHING = (0, 0)


def identity(fd: int) -> Tuple[int, int]:
    """What a file descriptor stands for, or (0, 0) for nothing."""
    try:
        found = os.fstat(fd)
    except (OSError, ValueError):
        return _NOTHING
    return found.st_dev, found.st_ino


class Wake:
    """The pipe. `up` is for all threads, the rest for the one that waits."""

    __slots__ = ("_in", "_is", "_is_up", "_out")

    def __init__(self) -> None:
        self._open()

    def _open(self) -> None:
        self._out, self._in = os.pipe()
        os.set_blocking(self._out, False)
        os.set_blocking(self._in, False)
        self._is = identity(self._in)
        self._is_up = False

    def up(self) -> None:
        """Wakes. Cheap when it is awake already."""
        if self._is_up:
            return
        self._is_up = True
        try:
            if identity(self._in) == self._is:
                write(self._in, b"\0")
        except OSError:
            pass  # full: it is awake; closed: it looks by itself now and then

    def register(self, poller: Any) -> None:
        """Waits for it, too. Opens a new pipe where the program has closed this one."""
        if identity(self._out) != self._is or identity(self._in) != self._is:
            self._open()
        poller.register(self._out, POLLIN)

    def seen(self) -> None:
        """Awake: what happens from now on wakes again. To be called before looking for what has happened."""
        if not self._is_up:
            return
        self._is_up = False
        try:
            read(self._out, 64)
        except OSError:
            pass

    def close(self) -> None:
        """Lets go of the pipe, as far as it is still ours."""
        for fd in (self._out, self._in):
            if identity(fd) == self._is:
                os.close(fd)
        self._is = (-1, -1)
