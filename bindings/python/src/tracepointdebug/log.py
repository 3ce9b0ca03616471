"""What a person has to know, once, through `logging` under `tracepointdebug`. Says nothing about probes: events and causes do that.

Lines wait until `flush`: the program's handlers may take any time and any lock, so the agent's thread calls them when it holds none.
"""

from __future__ import annotations

import sys
from collections import deque
from typing import Deque, Set, Tuple

# The same line twice tells nothing new, and a host that is away for a day would fill a disk.
_MAX_TOLD = 1000

_told: Set[str] = set()
_waiting: Deque[Tuple[str, str]] = deque()


def set_level(level: str) -> None:
    """Follows the setting `log`: `debug`, `warn`, `off`; with `""` the program's own configuration stands."""
    if level == "":
        return
    import logging  # 10 ms, and most programs never hear from us

    levels = {"debug": logging.DEBUG, "warn": logging.WARNING, "off": logging.CRITICAL + 1}
    logging.getLogger("tracepointdebug").setLevel(levels[level])


def debug(message: str) -> None:
    """A line for whoever looks for a fault of ours. Not worth an import: without `logging` nobody reads it."""
    if "logging" in sys.modules:
        _note("debug", message)


def warn(message: str) -> None:
    """A line for the program's operator: something has to be mended."""
    _note("warning", message)


def flush() -> None:
    """Says what waits. Never raises."""
    while _waiting:
        try:
            method, message = _waiting.popleft()
            import logging

            getattr(logging.getLogger("tracepointdebug"), method)("%s", message)
        except Exception:
            continue  # the program's handlers may do anything; there is nobody left to tell


def _note(method: str, message: str) -> None:
    if message in _told or len(_told) >= _MAX_TOLD:
        return
    _told.add(message)
    _waiting.append((method, message.replace("\n", " ")))
