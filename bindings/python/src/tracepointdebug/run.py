"""`tracepointdebug-run`: runs a program with the agent in it, without a change to its source, and in the Python programs it starts.

The command takes the place of this process, with a folder in front of PYTHONPATH whose `sitecustomize` starts the agent. So the
program is `__main__`, with the arguments, path and flags that it would have had.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import List, Mapping, Optional, Sequence

USAGE = """usage: tracepointdebug-run app.py [arguments]
       tracepointdebug-run -m module [arguments]
       tracepointdebug-run -c code [arguments]
       tracepointdebug-run command [arguments]      such as: gunicorn app:app

Runs a Python program with probes possible in it and in the Python programs that it starts. Settings: variables
TRACEPOINTDEBUG_* of the environment or of an .env file in the current folder, as tracepointdebug.start() takes them.
"""

NOT_FOUND = 127
NOT_EXECUTABLE = 126
WRONG_USAGE = 2

# Words before the program that Python itself takes.
_OF_PYTHON = ("-m", "-c")


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs the command line; answers an exit code only when the program could not be started."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] in ("-h", "--help"):
        (sys.stdout if words else sys.stderr).write(USAGE)
        return 0 if words else WRONG_USAGE
    if words[0] == "--":
        words = words[1:]
    if (
        not words
        or (words[0].startswith("-") and words[0] not in _OF_PYTHON)
        or (words[0] in _OF_PYTHON and len(words) < 2)
    ):
        sys.stderr.write(USAGE)
        return WRONG_USAGE
    command = command_of(words)
    if command is None:
        sys.stderr.write(f"tracepointdebug-run: there is neither a file nor a command {words[0]}\n")
        return NOT_FOUND
    sys.stdout.flush()
    try:
        os.execve(command[0], command, environment(os.environ))  # noqa: S606
    except OSError as error:
        sys.stderr.write(f"tracepointdebug-run: {command[0]} cannot be run: {error}\n")
        return NOT_EXECUTABLE


def command_of(words: Sequence[str]) -> Optional[List[str]]:
    """The executable and its arguments: this Python for a script, module or code; else a command of the PATH, or one beside this Python, whose
    environment need not be activated. None: there is none.
    """
    python = [sys.executable, *_flags()]
    first = words[0]
    if first in _OF_PYTHON:
        return [*python, *words]
    is_script = first.endswith((".py", ".pyw", ".pyc", ".pyz")) or os.path.isdir(first)
    if is_script and os.path.exists(first):
        return [*python, *words]
    found = shutil.which(first) or shutil.which(first, path=os.path.dirname(sys.executable))
    if found is not None:
        return [found, *words[1:]]
    # A file without a suffix that is not marked as executable.
    return [*python, *words] if os.path.exists(first) else None


def environment(env: Mapping[str, str]) -> dict[str, str]:
    """The environment in which Python programs start the agent."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bootstrap")
    others = [entry for entry in env.get("PYTHONPATH", "").split(os.pathsep) if entry not in ("", folder)]
    return {**env, "PYTHONPATH": os.pathsep.join([folder, *others])}


def _flags() -> List[str]:
    """The flags that this Python was given, such as -X dev."""
    import subprocess

    flags: List[str] = subprocess._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return flags


if __name__ == "__main__":
    sys.exit(main())
