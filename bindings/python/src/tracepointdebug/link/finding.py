"""Where the host process listens, and a connection to it that is known to lead to a process of the same user. Starts nothing."""

from __future__ import annotations

import _socket
import errno
import os
import stat
import struct
from typing import Mapping, NamedTuple, Optional, Tuple

from .._limits import LINK_LIMITS
from ..errors import LinkError
from .native import Socket, connect_tcp, connect_unix

# Seconds that a connection on the same machine may take.
_CONNECT_S = 2.0
# Nobody listens there: a host may be started.
_ABSENT = (errno.ENOENT, errno.ECONNREFUSED)


class Address(NamedTuple):
    """A Unix socket's path, or a port of this machine with a token. `is_usual`: nobody named it, so a host may be started there."""

    path: Optional[str]
    tcp: Optional[Tuple[str, int]]
    token: Optional[str]
    is_usual: bool

    def text(self) -> str:
        """The address as a person writes it."""
        return f"{self.path}" if self.tcp is None else f"tcp://{self.tcp[0]}:{self.tcp[1]}"


def find_address(host: Optional[str], token: Optional[str], env: Mapping[str, str]) -> Address:
    """Where the settings say, else the socket of this user."""
    if host is None:
        return Address(usual_socket(env), None, None, is_usual=True)
    if not host.startswith("tcp://"):
        return Address(host, None, None, is_usual=False)
    place, _, port = host[len("tcp://") :].rpartition(":")
    numbers = "::1" if place == "[::1]" else "127.0.0.1"
    return Address(None, (numbers, int(port)), token, is_usual=False)


def state_folder(env: Mapping[str, str]) -> str:
    """The folder for what hosts and brokers keep of a user: that of host/discovery.ts."""
    home = env.get("HOME") or os.path.expanduser("~")
    return os.path.join(env.get("XDG_STATE_HOME") or os.path.join(home, ".local", "state"), "tracepointdebug")


def usual_socket(env: Mapping[str, str]) -> str:
    """`host.sock` in the state folder; where that is too long for the system, in a folder of the user below that for temporary files."""
    usual = os.path.normpath(os.path.join(state_folder(env), "host.sock"))
    if len(os.fsencode(usual)) <= LINK_LIMITS["socketPathBytes"]:
        return usual
    import hashlib  # rarely needed, and not free

    temporary = env.get("TMPDIR") or env.get("TMP") or env.get("TEMP") or "/tmp"  # noqa: S108 - as node finds it
    name = hashlib.sha256(os.fsencode(usual)).hexdigest()[:16]
    return os.path.normpath(os.path.join(temporary, f"tracepointdebug-{os.getuid()}", f"{name}.sock"))


def connect(address: Address) -> Optional[Socket]:
    """A connection, or None where nobody listens. Raises LinkError where somebody else might, or it fails otherwise."""
    try:
        if address.tcp is not None:
            return connect_tcp(*address.tcp, _CONNECT_S)
        assert address.path is not None
        _trust_file(address.path)
        socket = connect_unix(address.path, _CONNECT_S)
    except OSError as error:
        if error.errno in _ABSENT:
            return None
        raise LinkError(
            "unreachable",
            f"The host at {address.text()} cannot be reached: {error}.",
            "Check TRACEPOINTDEBUG_HOST, or leave it out; start a host with: tracepointdebug host",
        ) from error
    peer = _peer_uid(socket)
    if peer is not None and peer != os.getuid():
        socket.close()
        raise _not_ours(address.path, f"a process of the user {peer} listens there")
    return socket


def _trust_file(path: str) -> None:
    """What we send are values of the program: only to the program's own user."""
    folder = os.stat(os.path.dirname(path) or ".")
    found = os.lstat(path)
    if not stat.S_ISSOCK(found.st_mode):
        raise _not_ours(path, "it is no socket")
    if found.st_uid != os.getuid():
        raise _not_ours(path, f"it belongs to the user {found.st_uid}")
    others = stat.S_IRWXG | stat.S_IRWXO
    # In a private folder nobody else gets at it; a host that is just starting has not set its mode yet.
    if found.st_mode & others and (folder.st_mode & others or folder.st_uid != os.getuid()):
        raise _not_ours(path, "others may use it")
    if folder.st_mode & stat.S_IWOTH and not folder.st_mode & stat.S_ISVTX:
        raise _not_ours(path, "others may replace it: everybody may write to its folder")


def _peer_uid(socket: Socket) -> Optional[int]:
    option = getattr(_socket, "SO_PEERCRED", None)
    if option is None:
        return None
    try:
        found = socket.getsockopt(_socket.SOL_SOCKET, option, 12)
    except OSError:
        return None
    return int(struct.unpack("3i", found)[1])


def _not_ours(path: Optional[str], why: str) -> LinkError:
    return LinkError(
        "not_private",
        f"The socket {path} is not used: {why}.",
        "Run the host as the same user, with its socket in a folder that only this user may write to.",
    )
