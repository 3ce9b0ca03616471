"""Threads, locks, sockets and polling of the operating system, also in a program whose own are replaced by gevent or eventlet.

The agent's thread must neither become a greenlet nor wake the hub of one. What is taken here is taken once, at import.
"""

from __future__ import annotations

import _socket
import sys

# Never used here. Whichever thread imports it first is the main thread for it, and our thread must not be that: the program would
# wait for it at its end.
import threading as _threading
from typing import Any, Callable, Optional

Socket = _socket.socket
assert _threading is not None


def original(module: str, name: str) -> Any:
    """An attribute of a module as it was before a monkey patch. None where the module has no such thing here."""
    patched = getattr(__import__(module), name, None)
    monkey = sys.modules.get("gevent.monkey")
    if monkey is not None:
        try:
            return monkey.get_original(module, name)
        except AttributeError:
            return patched
    patcher = sys.modules.get("eventlet.patcher")
    if patcher is not None:
        return getattr(patcher.original(module), name, patched)
    return patched


start_thread: Callable[..., int] = original("_thread", "start_new_thread")
allocate_lock: Callable[[], Any] = original("_thread", "allocate_lock")
RLock: Callable[[], Any] = original("_thread", "RLock")
get_ident: Callable[[], int] = original("_thread", "get_ident")
poll: Callable[[], Any] = original("select", "poll")
POLLIN: int = original("select", "POLLIN")
POLLOUT: int = original("select", "POLLOUT")
monotonic: Callable[[], float] = original("time", "monotonic")
wall: Callable[[], float] = original("time", "time")
sleep: Callable[[float], None] = original("time", "sleep")
write: Callable[[int, bytes], int] = original("os", "write")
read: Callable[[int, int], bytes] = original("os", "read")
posix_spawn: Callable[..., int] = original("os", "posix_spawn")
waitpid: Callable[[int, int], Any] = original("os", "waitpid")

# The module `signal` makes enumerations of all this, which costs more than the rest of the agent's start.
_signal: Any = __import__("_signal")
# Faults of a thread's own, which the system does not let anybody put off.
_FAULTS = {_signal.SIGSEGV, _signal.SIGBUS, _signal.SIGFPE, _signal.SIGILL, _signal.SIGABRT}


def block_signals() -> None:
    """Leaves all signals to the program's threads: one that this thread took would not interrupt what the main thread waits in."""
    _signal.pthread_sigmask(_signal.SIG_BLOCK, _signal.valid_signals() - _FAULTS)


class Once:
    """Something that happens once, awaited for a limited time. Blocks the operating system's thread, nothing else."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock = allocate_lock()
        self._lock.acquire()

    def set(self) -> None:
        """It has happened. More than once is once."""
        try:
            self._lock.release()
        except RuntimeError:
            pass

    def wait(self, seconds: float) -> bool:
        """Whether it has happened within so many seconds."""
        if not self._lock.acquire(True, max(0.0, seconds)):
            return False
        self._lock.release()
        return True


def connect_unix(path: str, seconds: float) -> Socket:
    """A connection to a Unix socket. Raises OSError."""
    return _connected(Socket(_socket.AF_UNIX, _socket.SOCK_STREAM), path, seconds)


def connect_tcp(host: str, port: int, seconds: float) -> Socket:
    """A connection to a loopback address given in numbers. Raises OSError."""
    family = _socket.AF_INET6 if ":" in host else _socket.AF_INET
    return _connected(Socket(family, _socket.SOCK_STREAM), (host, port), seconds)


def _connected(socket: Socket, address: Any, seconds: Optional[float]) -> Socket:
    try:
        socket.settimeout(seconds)
        socket.connect(address)
    except BaseException:
        socket.close()
        raise
    return socket
