"""The agent's thread: connects to the host, follows its messages, sends what the hits have left, reconnects, ends in order.

One daemon thread of the operating system. While it does anything but wait it holds the gate, so that a fork finds it at rest.
Nothing in here runs on the program's threads but `post`, `wake` and `stop`; on hits only `post`.
"""

from __future__ import annotations

import os
from collections import deque
from typing import TYPE_CHECKING, Any, Callable, Deque, Dict, List, Optional, Tuple

from .. import log
from .._limits import LINK_LIMITS, WIRE_LIMITS
from ..errors import Cause, LinkError
from .connection import Frames, frame
from .messages import Message, cause_of, read
from .native import (
    POLLIN,
    POLLOUT,
    Once,
    Socket,
    allocate_lock,
    block_signals,
    get_ident,
    monotonic,
    poll,
    sleep,
    start_thread,
)
from .starting import reach_host
from .wake import Wake, identity

if TYPE_CHECKING:
    from .finding import Address

_CHUNK = 262_144
# Bytes that wait in here for the socket; more stay in the outbox, where they are bounded and counted.
_MAX_OUT = 262_144
# Seconds between two looks at what no message brings: expiries, files that came without an import, a pipe that was closed.
_TICK_S = 1.0
# Seconds between two looks for events while there are probes. A hit wakes nobody: a write to a pipe gives the interpreter's lock away, and
# the program's thread was seen to wait 1 to 14 ms for it to come back.
_LOOK_S = 0.05
_IDLE_S = 15.0
# Seconds that a fork is given to begin, and how often: one that was interrupted must not hold the thread up for ever.
_FORK_WAIT_S = 0.001
_FORK_WAITS = 100
# Seconds to wait before another attempt while the program is about to end.
_HURRY_S = 0.1


class Owner:
    """What the thread asks of the agent. All of it is called on the thread, with the gate held."""

    def hello(self) -> Message:
        """The first message."""
        raise NotImplementedError

    def welcomed(self, message: Message) -> None:
        """The host has accepted; what stands is to be told."""

    def followed(self, message: Message) -> None:
        """`place`, `remove` or `ack`."""

    def due(self) -> List[bytes]:
        """Frames of the next events, in order; empty: there are none. Called again and again."""
        return []

    def lost(self) -> None:
        """The connection is gone: what was sent and not acknowledged is to be sent again."""

    def beat(self, final: bool) -> bool:
        """Looks after the probes and sends counts. Answers whether there are probes."""
        return False

    def waiting(self) -> bool:
        """Whether anything waits to be sent, or to be acknowledged."""
        return False


class Client:
    """The thread and its connection."""

    def __init__(
        self, owner: Owner, address: Address, node: Optional[str], may_start: bool, busy: Callable[[int], None]
    ) -> None:
        self._owner = owner
        self._address = address
        self._node = node
        self._may_start = may_start
        self._busy = busy
        self._wake = Wake()
        self._work: Deque[Callable[[], None]] = deque()
        # Held while the thread does anything but wait; and how many forks wait for it.
        self.gate = allocate_lock()
        self.forks = 0
        self.ended = Once()
        self._ends_at: Optional[float] = None
        self._out = bytearray()
        self._socket: Optional[Socket] = None
        self._socket_is: Tuple[int, int] = (0, 0)
        self._is_welcome = False
        self.state = "connecting"
        self.cause: Optional[Cause] = None
        self.host_version: Optional[str] = None

    def start(self) -> None:
        """Begins. Raises RuntimeError where the interpreter starts no threads any more."""
        start_thread(self._main, ())

    def wake(self) -> None:
        """Looks now. From any thread, but not on a hit."""
        self._wake.up()

    def post(self, work: Callable[[], None]) -> None:
        """Does work on the thread, at its next look. From any thread and on hits; never waits."""
        self._work.append(work)

    def stop(self, seconds: float) -> bool:
        """Sends what waits and ends, within so many seconds. Whether it ended. Waits only where it is told to."""
        self._ends_at = monotonic() + seconds
        self._wake.up()
        return self.ended.wait(seconds + 0.1)

    def abandon(self) -> None:
        """In a forked process: lets go of the parent's connection without a word, and never starts again."""
        self._wake.close()
        if self._socket is not None:
            self._close_socket()

    # What follows runs on the thread.

    def send(self, message: Message) -> None:
        """Queues a message for the socket; without a connection it is of no use and dropped: after a `welcome` all is told anew."""
        if self._socket is not None and (self._is_welcome or message["type"] == "hello"):
            self._out += frame(message)

    def outside(self, work: Callable[[], Any]) -> Any:
        """Runs code of the program without holding the gate: it may take any time, and may fork."""
        self.gate.release()
        try:
            return work()
        finally:
            self.gate.acquire()

    def _main(self) -> None:
        block_signals()
        self._busy(get_ident())
        self.gate.acquire()
        try:
            self._live()
        except Exception as error:
            log.warn(f"Internal failure (link): {describe(error)}")
        finally:
            self._close_socket()
            self._wake.close()
            self.gate.release()
            log.flush()
            self.ended.set()

    def _live(self) -> None:
        delay = least = LINK_LIMITS["reconnectMs"] / 1000
        while not self._is_over():
            pause = None
            try:
                self._converse(reach_host(self._address, self._node, self._may_start, os.environ, self._rest))
                # It came to its end in order, and so does the thread.
                return
            except LinkError as error:
                pause = self._follow(error.cause)
            except (OSError, ValueError) as error:
                if self.state == "connected":
                    delay = least
                self._lose(
                    "connecting",
                    Cause("lost", f"The connection to the host is lost: {error}.", "Wait: it is tried again."),
                )
            if pause is None:
                # Half of it by chance, so that many processes do not come back at the same moment.
                pause = delay * (0.5 + os.urandom(1)[0] / 512)
                delay = min(2 * delay, LINK_LIMITS["maxReconnectMs"] / 1000)
            self._rest(pause)

    def _follow(self, cause: Cause) -> Optional[float]:
        """There is no connection, for this reason. Answers how long to wait where that is not for the backoff to say."""
        is_refusal = cause.code in _REFUSALS
        self._lose("refused" if is_refusal else "connecting", cause)
        if cause.code != "ending":
            log.warn(f"The agent is not connected to a host; it tries again by itself. {cause.message} {cause.remedy}")
        return LINK_LIMITS["refusedRetryMs"] / 1000 if is_refusal else None

    def _lose(self, state: str, cause: Optional[Cause]) -> None:
        self.state = state
        self.cause = cause
        self._close_socket()
        self._out.clear()
        self._owner.lost()

    def _close_socket(self) -> None:
        socket, self._socket = self._socket, None
        if socket is None:
            return
        if identity(socket.fileno()) == self._socket_is:
            socket.close()
        else:
            # The program has closed all files, and may have opened another one of that number.
            socket.detach()

    def _is_over(self) -> bool:
        ends = self._ends_at
        return ends is not None and (monotonic() >= ends or not self._owner.waiting())

    def _rest(self, seconds: float) -> bool:
        """Waits without a connection, doing the work that comes. Whether to go on."""
        until = monotonic() + seconds
        while True:
            if self._ends_at is not None:
                until = min(until, monotonic() + _HURRY_S, self._ends_at)
            self._do_work()
            has_probes = self._owner.beat(final=False)
            left = until - monotonic()
            if self._is_over():
                return False
            if left <= 0:
                return True
            self._poll(min(left, _TICK_S if has_probes else _IDLE_S), 0)

    def _do_work(self) -> None:
        while self._work:
            work = self._work.popleft()
            try:
                work()
            except Exception as error:
                log.warn(f"Internal failure (hit): {describe(error)}")

    def _converse(self, socket: Socket) -> None:
        """One connection, from `hello` to its end. Raises OSError when it is lost, LinkError when it is no use to go on."""
        self._socket = socket
        self._is_welcome = False
        self._socket_is = identity(socket.fileno())
        socket.settimeout(0)
        self._out.clear()
        self.send(self._owner.hello())
        frames = Frames()
        refused = 0
        welcome_by = monotonic() + WIRE_LIMITS["handshakeMs"] / 1000
        beat_at = 0.0
        has_probes = False
        while True:
            self._do_work()
            now = monotonic()
            if now >= beat_at:
                has_probes = self._owner.beat(final=False)
                beat_at = now + _TICK_S
            wait_s = min(_LOOK_S, beat_at - now) if has_probes else _IDLE_S
            if self._is_welcome:
                self._fill()
            elif now >= welcome_by:
                raise LinkError("no_welcome", "The host does not answer.", "End its process: it is started anew then.")
            else:
                wait_s = min(wait_s, welcome_by - now)
            if self._ends_at is not None:
                if now >= self._ends_at or not self._owner.waiting():
                    return self._leave()
                wait_s = min(wait_s, _HURRY_S)
            ready = self._poll(0.0 if self._work else wait_s, POLLIN | (POLLOUT if self._out else 0))
            if identity(socket.fileno()) != self._socket_is:
                raise ConnectionResetError("the program has closed its files")
            if ready & POLLOUT and self._out:
                del self._out[: socket.send(memoryview(self._out)[:_CHUNK])]
            if not ready & ~POLLOUT:
                continue
            try:
                data = socket.recv(_CHUNK)
            except BlockingIOError:
                continue
            if not data:
                raise ConnectionResetError("the host has closed it")
            for body in frames.feed(data):
                try:
                    message = read(body)
                except LinkError as error:
                    refused += 1
                    log.debug(f"A frame of the host was refused. {error.cause.message}")
                    if refused > LINK_LIMITS["refusals"]:
                        raise
                    continue
                self._handle(message)
                self._let_fork()
                beat_at = 0.0

    def _leave(self) -> None:
        """Says goodbye, as far as the time suffices."""
        socket, ends = self._socket, self._ends_at
        assert socket is not None
        assert ends is not None
        if self._is_welcome:
            self._fill()
            self._owner.beat(final=True)
            self.send({"type": "bye"})
        while self._out and monotonic() < ends:
            if (
                self._poll(min(_HURRY_S, ends - monotonic()), POLLOUT) & POLLOUT
                and identity(socket.fileno()) == self._socket_is
            ):
                del self._out[: socket.send(memoryview(self._out)[:_CHUNK])]

    def _handle(self, message: Message) -> None:
        """Follows one message."""
        kind = message["type"]
        if kind == "welcome":
            self.state = "connected"
            self.cause = None
            self.host_version = message["hostVersion"]
            self._is_welcome = True
            self._owner.welcomed(message)
        elif kind == "refused":
            cause = cause_of(message["cause"])
            if message["fatal"]:
                raise LinkError(cause.code, cause.message, cause.remedy)
            log.warn(f"The host refuses a message of the agent: {cause.message} {cause.remedy}")
        else:
            self._owner.followed(message)

    def drain(self) -> None:
        """Moves all events towards the socket, however many: what is sent next must not overtake them."""
        while self._socket is not None:
            frames = self._owner.due()
            if not frames:
                return
            self._out += b"".join(frames)

    def _let_fork(self) -> None:
        """A fork that waits goes first: a lock is given to whoever is quickest, not to whoever waits longest."""
        for _ in range(_FORK_WAITS):
            if self.forks == 0:
                return
            self.outside(lambda: sleep(_FORK_WAIT_S))

    def _fill(self) -> None:
        """Moves events from the outbox towards the socket, as many as fit."""
        while len(self._out) < _MAX_OUT:
            frames = self._owner.due()
            if not frames:
                return
            for made in frames:
                self._out += made

    def _poll(self, seconds: float, events: int) -> int:
        """Waits for the socket, or until it is woken. Answers what the socket is ready for."""
        poller = poll()
        if self._socket is not None and events:
            poller.register(self._socket.fileno(), events)
        self._wake.register(poller)
        # What a person has to know is said without the gate, because the program's log handlers may take any time.
        self.gate.release()
        try:
            log.flush()
            ready: Dict[int, int] = dict(poller.poll(seconds * 1000))
        finally:
            self.gate.acquire()
        self._let_fork()
        self._wake.seen()
        return ready.get(self._socket.fileno(), 0) if self._socket is not None else 0


# A person has to act first.
_REFUSALS = (
    "abi_version",
    "link_version",
    "replaced",
    "too_many_processes",
    "too_many_refusals",
    "unauthorized",
)


def describe(error: BaseException) -> str:
    """An error in one line. Never runs the code of a hostile one."""
    try:
        return f"{type(error).__name__}: {error}"[:2000]
    except Exception:
        return "a value that cannot be shown"
