"""Events between the hits and the link: bounded, kept until the host has acknowledged them. Adding one never waits for the link.

| sent, not acknowledged | not sent yet |
oldest, dropped first       newest
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Deque, List, Optional, Tuple

from .._limits import HOST_LIMITS
from .native import RLock

if TYPE_CHECKING:
    from ..errors import Cause
    from ..probe import Probe

# What an event weighs beside its text and snapshot, in bytes: an estimate, on the wire and as an object.
_EVENT_BYTES = 512


class Outgoing:
    """One event on its way. Raw data that the program cannot change any more; made ready to be read off the program's thread."""

    __slots__ = (
        "at",
        "cause",
        "copies",
        "fault",
        "fired",
        "hit",
        "is_redacted",
        "kind",
        "probe",
        "seq",
        "size",
        "snapshot",
        "text",
        "truncated",
    )

    def __init__(
        self,
        probe: Probe,
        kind: str,
        at: float,
        hit: int,
        *,
        fired: bool,
        text: Optional[str] = None,
        truncated: bool = False,
        snapshot: Optional[bytes] = None,
        fault: Optional[Tuple[str, int]] = None,
        cause: Optional[Cause] = None,
        copies: Optional[Tuple[bytes, Any, Any]] = None,
    ) -> None:
        self.probe = probe
        # `log`, `snapshot` or `error`.
        self.kind = kind
        # Milliseconds since 1970.
        self.at = at
        self.hit = hit
        # It is the event of a fired hit, and its loss counts as one.
        self.fired = fired
        self.text = text
        self.truncated = truncated
        self.snapshot = snapshot
        # Condition or template, and the error as the guest packs it.
        self.fault = fault
        self.cause = cause
        # For the program's own redaction of a text: a snapshot of its variables, the values of ours, the template.
        self.copies = copies
        # The program's own redaction has passed it.
        self.is_redacted = False
        self.seq = 0
        self.size = _EVENT_BYTES + (len(snapshot) if snapshot is not None else 0)
        # Characters of up to four bytes.
        self.size += (4 * len(text) if text is not None else 0) + (len(copies[0]) if copies is not None else 0)


class Outbox:
    """The bounded queue. Every method is safe from every thread."""

    def __init__(self) -> None:
        self.max_events = HOST_LIMITS["queueEvents"]
        self.max_bytes = HOST_LIMITS["queueBytes"]
        # Events lost so far.
        self.dropped = 0
        self._seq = 0
        self.renew()

    def renew(self) -> None:
        """Empty, with a new lock: in a forked process, whose events these are not."""
        self._lock = RLock()
        self._events: Deque[Outgoing] = deque()
        self._bytes = 0
        self._sent = 0

    def add(self, event: Outgoing) -> None:
        """Takes an event. Of a full queue the oldest ones go, and are counted."""
        with self._lock:
            self._seq += 1
            event.seq = self._seq
            self._events.append(event)
            self._bytes += event.size
            while len(self._events) > self.max_events or (self._bytes > self.max_bytes and len(self._events) > 1):
                self._drop(self._take_first())

    def unsent(self, most: int) -> List[Outgoing]:
        """The next events to be sent, in order; they count as sent."""
        with self._lock:
            first = self._sent
            taken = [self._events[i] for i in range(first, min(first + most, len(self._events)))]
            self._sent += len(taken)
            return taken

    def acknowledge(self, seq: int) -> None:
        """Forgets the events up to and with this one."""
        with self._lock:
            while self._events and self._events[0].seq <= seq:
                self._take_first()

    def rewind(self) -> None:
        """After a lost connection: everything is to be sent again."""
        with self._lock:
            self._sent = 0

    def lose(self, event: Outgoing) -> None:
        """Gives up on an event that cannot be sent."""
        with self._lock:
            for place, held in enumerate(self._events):
                if held is event:
                    del self._events[place]
                    self._bytes -= event.size
                    self._sent -= place < self._sent
                    self._drop(event)
                    return

    def lose_unmade(self, probe: Probe) -> None:
        """Counts an event that could not even be made."""
        with self._lock:
            self.dropped += 1
            probe.dropped += 1

    def waiting(self) -> int:
        """How many events are not sent yet."""
        with self._lock:
            return len(self._events) - self._sent

    def __len__(self) -> int:
        return len(self._events)

    def _take_first(self) -> Outgoing:
        event = self._events.popleft()
        self._bytes -= event.size
        self._sent = max(0, self._sent - 1)
        return event

    def _drop(self, event: Outgoing) -> None:
        self.dropped += 1
        if event.fired:
            event.probe.dropped += 1
