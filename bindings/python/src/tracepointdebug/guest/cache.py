"""Keeps the compiled engine on disk: compiling takes 100 ms and 12 MiB, loading what was compiled takes 1 ms.

What is loaded is machine code, so it is taken only from a folder that belongs to this user and that nobody else can write, and only
if its digest fits. Every trouble with the folder means compiling; nothing of it is an error.
"""

from __future__ import annotations

import hashlib
import os
import platform
import stat
import sys
from pathlib import Path
from typing import Any, Final, Optional

FOLDER: Final = "tracepointdebug"
#: Raised when the configuration of the engine changes: what was compiled with another is refused by wasmtime anyway.
CONFIGURATION: Final = 1
#: Bytes of one compiled engine. It has 240 KB; more is not ours.
MAX_BYTES: Final = 4 << 20
#: Entries that are kept: one for each wasmtime and engine that are in use on this machine. The oldest go.
MAX_ENTRIES: Final = 8
_DIGEST_BYTES: Final = 32
_PREFIX: Final = "engine-"


def load_compiled(wasmtime: Any, engine: Any, version: str, wasm: bytes) -> Any:
    """The module `wasm`, from the disk or compiled and then put there. Throws what wasmtime throws for a wrong module. `version`: of wasmtime."""
    name = _name(version, wasm)
    folder = _open_folder()
    try:
        if folder is not None:
            found = _read(folder, name)
            if found is not None:
                try:
                    return wasmtime.Module.deserialize(engine, found)
                except wasmtime.WasmtimeError:
                    pass  # made by another processor, or with another configuration
        module = wasmtime.Module(engine, wasm)
        if folder is not None:
            _write(folder, name, bytes(module.serialize()))
        return module
    finally:
        if folder is not None:
            os.close(folder)


def _name(version: str, wasm: bytes) -> str:
    digest = hashlib.sha256(wasm).hexdigest()[:32]
    return f"{_PREFIX}{digest}-{version}-{CONFIGURATION}-{sys.platform}-{platform.machine()}.compiled"


def _open_folder() -> Optional[int]:
    """The private cache folder, made where it is missing, as a descriptor; None where there is none that is private."""
    if not hasattr(os, "getuid"):
        return None
    base = os.environ.get("XDG_CACHE_HOME", "")
    parent = Path(base) if base.startswith("/") else Path(os.path.expanduser("~")) / ".cache"
    try:
        # Not with another user's rights (sudo): the folder would be closed to its owner.
        if not parent.is_dir():
            if parent.parent.stat().st_uid != os.getuid():
                return None
            parent.mkdir(mode=0o700)
        if parent.stat().st_uid != os.getuid():
            return None
        folder = parent / FOLDER
        if not folder.exists():
            folder.mkdir(mode=0o700)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (OSError, RuntimeError, ValueError):
        return None
    # From here on the descriptor is asked, not the path, which others may turn elsewhere.
    if _is_private(os.fstat(descriptor)):
        return descriptor
    os.close(descriptor)
    return None


def _is_private(found: os.stat_result) -> bool:
    return found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) & 0o077 == 0


def _read(folder: int, name: str) -> Optional[bytes]:
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    except OSError:
        return None
    with open(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or not _is_private(found) or found.st_size > MAX_BYTES:
            return None
        try:
            data = file.read(MAX_BYTES + 1)
        except OSError:
            return None
    digest, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == digest else None


def _write(folder: int, name: str, content: bytes) -> None:
    """Under another name first: a reader sees the whole file or none."""
    if len(content) + _DIGEST_BYTES > MAX_BYTES:
        return
    temporary = f"{name}.{os.getpid()}.tmp"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        try:
            descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
        except FileExistsError:
            os.unlink(temporary, dir_fd=folder)  # left by a process of the same number that was killed
            return
        try:
            with open(descriptor, "wb") as file:
                file.write(hashlib.sha256(content).digest() + content)
            os.rename(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError:
            os.unlink(temporary, dir_fd=folder)
        _make_room(folder)
    except OSError:
        pass  # no room, or a disk that is read only


def _make_room(folder: int) -> None:
    names = [name for name in os.listdir(folder) if name.startswith(_PREFIX)]
    newest_first = sorted(
        names, key=lambda name: os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime, reverse=True
    )
    for name in newest_first[MAX_ENTRIES:]:
        os.unlink(name, dir_fd=folder)
