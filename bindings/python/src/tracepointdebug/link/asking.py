"""A connection to the host for a command that can wait: to have an expression compiled. Nothing of it appears at the broker."""

from __future__ import annotations

import os
import time

from .._abi import ABI_VERSION
from .._limits import LINK_VERSION, WIRE_LIMITS
from ..errors import LinkError
from ..settings import read_settings
from .connection import Connection
from .finding import find_address
from .messages import cause_of
from .starting import reach_host


def open_connection() -> Connection:
    """Finds a host, or starts one, and introduces itself. Raises LinkError with the reason where there is none."""
    settings = read_settings({})
    if settings.fatal is not None:
        raise LinkError(settings.fatal.code, settings.fatal.message, settings.fatal.remedy)
    address = find_address(settings.host, settings.host_token, os.environ)
    connection = Connection(reach_host(address, settings.node, settings.start_host, os.environ, _wait))
    try:
        hello = {"type": "hello", "link": LINK_VERSION, "abi": ABI_VERSION, "redact": []}
        if address.token is not None:
            hello["token"] = address.token
        connection.send(hello)
        answer = connection.receive(WIRE_LIMITS["handshakeMs"] / 1000)
    except OSError as error:
        connection.close()
        raise LinkError("lost", f"The host went away: {error}.", "Try again.") from error
    if answer is None or answer["type"] != "welcome":
        connection.close()
        if answer is not None and answer["type"] == "refused":
            cause = cause_of(answer["cause"])
            raise LinkError(cause.code, cause.message, cause.remedy)
        raise LinkError("no_welcome", "The host does not answer.", "End its process: it is started anew then.")
    return connection


def _wait(seconds: float) -> bool:
    time.sleep(seconds)
    return True
