"""`python -m tracepointdebug` and the command `tracepointdebug`: run a program, evaluate expressions, and the command line of the host.

What is not said here is the host's business: `log`, `snap`, `tail`, `list`, `rm` and the others go to its bundle, run by node.
"""

from __future__ import annotations

import os
import sys
from typing import List, Optional, Sequence

USAGE = """usage: tracepointdebug run app.py [arguments]       run a program with probes possible in it (or: run -m module, run command)
       tracepointdebug eval EXPR | --batch FILE     evaluate conditions and templates in this Python
       tracepointdebug host                         serve the programs of this user
       tracepointdebug log | snap | tail | list | rm | enable | disable | compile | explain | preview ...

Without node on this machine: pip install 'tracepointdebug[host]'
The commands of the last line, each with --help, are those of the host's command line:
"""

NO_NODE = 3
NOT_EXECUTABLE = 126


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Runs a command line and answers its exit code: 0 done, 1 refused or failed, 2 wrong usage, 3 no broker, host or node."""
    words = list(sys.argv[1:] if argv is None else argv)
    command = words[0] if words else "--help"
    if command == "run":
        from .run import main as run

        return run(words[1:])
    if command == "eval":
        from .batch import main as evaluate
        from .link.asking import open_connection

        return evaluate(words[1:], open_connection)
    if command in ("-V", "--version"):
        from .version import VERSION

        sys.stdout.write(f"{VERSION}\n")
        return 0
    if command in ("-h", "--help", "help") and len(words) < 2:
        sys.stdout.write(USAGE)
        sys.stdout.flush()
        if not words:
            return 2
    return _pass_on(words or ["--help"])


def _pass_on(words: List[str]) -> int:
    """The command of the host's bundle, in the place of this process. Answers an exit code only when it cannot be started."""
    from .errors import LinkError
    from .link.starting import host_command
    from .settings import read_settings

    try:
        command = [*host_command(read_settings({}).node, os.environ), *words]
        os.execve(command[0], command, dict(os.environ))  # noqa: S606
    except LinkError as error:
        sys.stderr.write(f"{error.cause.code}: {error.cause.message}\n{error.cause.remedy}\n")
        return NO_NODE
    except OSError as error:
        sys.stderr.write(f"tracepointdebug: the host's command line cannot be run: {error}\n")
        return NOT_EXECUTABLE


if __name__ == "__main__":
    sys.exit(main())
