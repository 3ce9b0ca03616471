"""What a person has to know, once, through `logging` under `tracepointdebug`. Says nothing about probes: events and causes do that."""

from __future__ import annotations

from typing import Set

# The same line twice tells nothing new, and a host that is away for a day would fill a disk.
_MAX_TOLD = 1000

_told: Set[str] = set()


def set_level(level: str) -> None:
    """Follows the setting `log`: `debug`, `warn`, `off`; with `""` the program's own configuration stands."""
    if level == "":
        return
    import logging  # costs 10 ms, and most programs never hear from us

    levels = {"debug": logging.DEBUG, "warn": logging.WARNING, "off": logging.CRITICAL + 1}
    logging.getLogger("tracepointdebug").setLevel(levels[level])


def debug(message: str) -> None:
    """A line for whoever looks for a fault of ours."""
    import sys

    # Without a configured logging nobody reads it: not worth the import.
    if "logging" in sys.modules:
        _tell("debug", message)


def warn(message: str) -> None:
    """A line for the program's operator: something has to be mended."""
    _tell("warning", message)


def _tell(method: str, message: str) -> None:
    if message in _told or len(_told) >= _MAX_TOLD:
        return
    _told.add(message)
    try:
        import logging

        getattr(logging.getLogger("tracepointdebug"), method)("%s", message.replace("\n", " "))
    except Exception:  # noqa: BLE001, S110 - the program's handlers may do anything; there is nobody left to tell
        pass
