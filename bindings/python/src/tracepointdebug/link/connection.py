"""One connection to the host: length-prefixed frames over a socket. Knows frames, not what they mean.

4 bytes, big-endian: the length of the rest, up to 1 MiB    one CBOR map with a `type`
"""

from __future__ import annotations

from typing import Any, Iterator, List, Mapping, Optional

from .._limits import LINK_LIMITS
from ..errors import LinkError
from . import cbor
from .messages import Message, read
from .native import POLLIN, Socket, monotonic, poll

_MAX_FRAME = LINK_LIMITS["frameBytes"]
_CHUNK = 65_536


def frame(message: Mapping[str, Any]) -> bytes:
    """A message as it goes over the wire. Raises LinkError where it is too large."""
    body = cbor.encode(message)
    if len(body) > _MAX_FRAME:
        raise LinkError(
            "too_large", f"A frame of {len(body)} bytes is over the limit of {_MAX_FRAME}.", "Capture or send less."
        )
    return len(body).to_bytes(4, "big") + body


class Frames:
    """Cuts a stream of bytes into frames."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The frames that these bytes complete, without their lengths.

        Raises LinkError at a length that no frame has: from there on nothing in the stream means anything.
        """
        held = self._held
        held += data
        at = 0
        try:
            while len(held) - at >= 4:
                length = int.from_bytes(held[at : at + 4], "big")
                if length == 0 or length > _MAX_FRAME:
                    raise LinkError(
                        "bad_frame",
                        f"A frame of {length} bytes is not from 1 to {_MAX_FRAME}.",
                        "Use the same release of agent and host. Is it the link that is meant here?",
                    )
                if len(held) - at < 4 + length:
                    return
                at += 4 + length
                yield bytes(held[at - length : at])
        finally:
            del held[:at]


class Connection:
    """A socket that speaks in messages, for a caller that can wait. The agent's thread has a loop of its own instead."""

    def __init__(self, socket: Socket) -> None:
        self.socket = socket
        self._frames = Frames()
        self._ready: List[Message] = []

    def send(self, message: Mapping[str, Any]) -> None:
        """Sends a message whole. Raises LinkError, or OSError where the connection is gone."""
        self.socket.sendall(frame(message))

    def receive(self, seconds: float) -> Optional[Message]:
        """The next message within so many seconds, or None. Raises LinkError where it is malformed, OSError where the host is gone."""
        ends = monotonic() + seconds
        while not self._ready:
            left = ends - monotonic()
            poller = poll()
            poller.register(self.socket.fileno(), POLLIN)
            if left <= 0 or not poller.poll(left * 1000):
                return None
            data = self.socket.recv(_CHUNK)
            if not data:
                raise ConnectionResetError("the host has closed the connection")
            self._ready.extend(read(body) for body in self._frames.feed(data))
        return self._ready.pop(0)

    def close(self) -> None:
        """Ends the connection."""
        self.socket.close()

    def __enter__(self) -> Connection:  # noqa: PYI034
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
