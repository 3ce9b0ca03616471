"""One agent: the probes of this process, and the link to the host. Made by `start`, one a process.

The link's thread runs what the host asks for; `status`, `stop`, `end` and `forked` are for the program's threads.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from ._limits import HOST_LIMITS
from .errors import Cause
from .events import Events
from .link.client import Client, Owner
from .link.connection import frame
from .link.finding import find_address
from .link.messages import Message, hello
from .link.outbox import Outbox
from .seats import Seats
from .version import VERSION

if TYPE_CHECKING:
    from .settings import Settings

_EVENTS_AT_ONCE = 16


class Agent(Owner):
    """Everything that `start` starts."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ppid: Optional[int] = None
        self._torn: Optional[Cause] = None
        self._outbox = Outbox()
        # The client is another one after a fork.
        self._events = Events(
            settings.tracepoint_callback,
            settings.log_callback,
            lambda work: self._client.outside(work),  # noqa: PLW0108
        )
        self._seats = Seats(
            self._outbox,
            engine=settings.engine,
            redact=settings.redact,
            trace=settings.trace,
            copies=settings.log_callback is not None,
            send=lambda message: self._client.send(message),  # noqa: PLW0108
            post=lambda work: self._client.post(work),  # noqa: PLW0108
        )
        self._introduce()
        self._client = self._make_client()

    def start(self) -> None:
        """Begins to connect. Raises RuntimeError where the interpreter starts no threads any more."""
        self._client.start()

    def rest(self, seconds: float) -> bool:
        """Holds the thread where it waits, before a fork. Whether it got there within so many seconds."""
        client = self._client
        client.forks += 1
        if client.gate.acquire(True, seconds):
            return True
        client.forks -= 1
        return False

    def resume(self) -> None:
        """Lets the thread go on, after a fork, in the parent."""
        client = self._client
        client.forks -= 1
        client.gate.release()

    def status(self) -> Dict[str, Any]:
        """What `tracepointdebug.status()` answers."""
        client = self._client
        host: Dict[str, Any] = {"state": client.state, "address": self._address.text()}
        if client.cause is not None:
            host["cause"] = client.cause.to_wire()
        if client.state == "connected":
            host["version"] = client.host_version
        status: Dict[str, Any] = {
            "state": "running" if self._torn is None else "disabled",
            "agent": dict(self._info),
            "host": host,
            "probes": [probe.status() for probe in self._seats.probes()],
            "waiting": len(self._outbox),
            "dropped": self._outbox.dropped,
        }
        if self._torn is not None:
            status["cause"] = self._torn.to_wire()
        if self._settings.problems:
            status["problems"] = [problem.to_wire() for problem in self._settings.problems]
        placement = self._seats.placement_stats()
        if placement is not None:
            status["placement"] = placement
        return status

    def stop(self) -> None:
        """Takes every probe out, sends what waits, ends the connection: within `flushMs`."""
        self._seats.shut_all()
        self._client.post(self._seats.remove_all)
        self._client.stop(HOST_LIMITS["flushMs"] / 1000)

    def end(self) -> None:
        """The process ends: sends what waits, within `flushMs`. The probes stay where they are, and do nothing."""
        self._seats.shut_all()
        self._client.stop(HOST_LIMITS["flushMs"] / 1000)

    def forked(self, is_torn: bool) -> None:
        """In the child of a fork: an agent of its own, with the probes that are in place.

        `is_torn`: the parent's thread was not at rest, so nothing that it held can be trusted.
        """
        self._ppid = self._info["pid"]
        self._client.abandon()
        self._outbox.renew()
        self._seats.renew()
        self._introduce()
        if is_torn:
            self._torn = Cause(
                "fork_busy",
                "The process was forked while a probe was being placed, so its agent is off.",
                "Nothing to do: further forks have an agent. Start this process again where it needs one.",
            )
            self._seats.shut_all()
            return
        self._client = self._make_client()
        self._client.start()

    def _introduce(self) -> None:
        major, minor, micro = sys.version_info[:3]
        self._info: Dict[str, Any] = {
            "agentId": _uuid4(),
            "app": self._settings.app,
            "runtime": f"python {major}.{minor}.{micro}",
            "agentVersion": VERSION,
            "pid": os.getpid(),
            "threadId": 0,
            "host": os.uname().nodename,
            "tags": list(self._settings.tags),
        }

    def _make_client(self) -> Client:
        settings = self._settings
        self._address = find_address(settings.host, settings.host_token, os.environ)
        return Client(self, self._address, settings.node, settings.start_host, self._seats.context.busy.add)

    # What follows is what the link's thread asks, as link/client.py says of each.

    def hello(self) -> Message:  # noqa: D102
        settings = self._settings
        broker = None
        if settings.broker is not None:
            broker = {"address": settings.broker, "token": settings.token or ""}
        return hello(
            self._info,
            token=self._address.token,
            redact=settings.redact,
            broker=broker,
            ppid=self._ppid,
            placements=self._seats.standing(),
        )

    def welcomed(self, message: Message) -> None:  # noqa: D102
        limits = message["limits"]
        self._outbox.max_events = limits["queueEvents"]
        self._outbox.max_bytes = limits["queueBytes"]
        self._seats.follow(limits, message["statusMs"] / 1000)

    def followed(self, message: Message) -> None:  # noqa: D102
        if message["type"] == "ack":
            self._outbox.acknowledge(message["seq"])
        elif message["type"] == "place":
            self._seats.place(message)
        elif message["type"] == "remove":
            self._seats.remove(message["placementId"], self._client.drain)

    def lost(self) -> None:  # noqa: D102
        self._outbox.rewind()

    def waiting(self) -> bool:  # noqa: D102
        # Until the broker has stored them: a host that loses its broker just then has them in nobody's hands.
        return len(self._outbox) > 0 or self._seats.is_closing()

    def beat(self, final: bool) -> bool:  # noqa: D102
        return self._seats.beat(final)

    def due(self) -> List[bytes]:  # noqa: D102
        frames: List[bytes] = []
        while not frames:
            events = self._outbox.unsent(_EVENTS_AT_ONCE)
            if not events:
                return [frame(message) for message in self._seats.closed()]
            for event in events:
                made = self._events.frame(event, self._info["agentId"])
                if made is None:
                    self._outbox.lose(event)
                else:
                    frames.append(made)
        return frames


def _uuid4() -> str:
    """A random identifier; the module `uuid` costs 5 ms."""
    made = bytearray(os.urandom(16))
    made[6] = made[6] & 0x0F | 0x40
    made[8] = made[8] & 0x3F | 0x80
    text = made.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))
