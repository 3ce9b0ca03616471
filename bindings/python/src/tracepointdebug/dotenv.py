"""Reads the agent's variables from an `.env` file. Only those: what else stands in it is not ours to look at."""

from __future__ import annotations

import os
import stat
from typing import Dict, Optional, Tuple, Union

from .errors import Cause

_MAX_BYTES = 65_536
_PREFIXES = ("TRACEPOINTDEBUG_", "SIDEKICK_")

Found = Tuple[Dict[str, str], Optional[Cause]]


def read_dotenv(path: Union[str, os.PathLike[str], None]) -> Found:
    """The variables in the file, and why it could not be used. Without a path: `.env` in the current folder, if there is one."""
    file = ".env" if path is None else path
    try:
        # Not held up by a pipe of that name.
        with open(os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as opened:
            problem = _distrust(os.fstat(opened.fileno()))
            if problem is not None:
                return {}, _cause(file, problem) if path is not None or problem != _ODD else None
            data = opened.read(_MAX_BYTES + 1)
    except (OSError, ValueError):
        return {}, None if path is None else _cause(file, "it cannot be read")
    if len(data) > _MAX_BYTES:
        return {}, _cause(file, f"it has more than {_MAX_BYTES} bytes")
    return parse(data.decode("utf-8", "replace")), None


_ODD = "it is no file"


def _distrust(found: os.stat_result) -> Optional[str]:
    """Whoever may write the file decides where our data goes: only its owner may, and only the user or root may own it."""
    if not stat.S_ISREG(found.st_mode):
        return _ODD
    if found.st_uid not in (os.getuid(), 0):
        return "it belongs to another user"
    return "everybody may write to it" if found.st_mode & stat.S_IWOTH else None


def _cause(file: object, why: str) -> Cause:
    return Cause(
        "bad_setting", f"The file {file} was left out: {why}.", "Correct it, or set the variables in the environment."
    )


def parse(text: str) -> Dict[str, str]:
    """`NAME=value` lines, with `export`, comments and quotes as shells have them; no expansion."""
    found: Dict[str, str] = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        name = name.strip()
        if name.startswith("export "):
            name = name[len("export ") :].strip()
        if equals and name.startswith(_PREFIXES):
            found[name] = _value(value.strip())
    return found


def _value(text: str) -> str:
    if text[:1] in ("'", '"'):
        end = text.find(text[0], 1)
        if end > 0:
            return text[1:end]
    return text.split(" #", 1)[0].rstrip()
