"""The source of a loaded file as it lies on disk or in its archive: its hash, and the lines of all its code, alive or not. Asks only
loaders of the standard library, since others would run code of the program; writes nothing.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import time
import zipimport
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER
from types import CodeType
from typing import TYPE_CHECKING, Dict, List, Optional, Sequence

from .codes import CodePlace, nested, root_place
from .limits import MAX_COMPILED_BYTES, MAX_READ_BYTES
from .problems import source_differs

if TYPE_CHECKING:
    from .loaded import LoadedFile

_HEADER = 16
_STARTED = time.time()


class Source:
    """What is known of a file's source. Reads when asked, once."""

    def __init__(self, loaded: LoadedFile) -> None:
        self.path = loaded.path
        self._namespace: Dict[str, object] = loaded.namespaces[0] if loaded.namespaces else {}
        self._data: Optional[bytes] = None
        self._was_read = False
        self._tree: Optional[List[CodePlace]] = None

    def data(self) -> Optional[bytes]:
        """The bytes of the source; None where it cannot be had."""
        if not self._was_read:
            self._was_read = True
            self._data = self._read()
        return self._data

    def line_count(self) -> Optional[int]:
        """Lines of the source."""
        data = self.data()
        return None if data is None else len(data.splitlines())

    def check(self, file_hash: str, living: Sequence[CodePlace]) -> bool:
        """Whether the client saw this source. False: it cannot be known. Raises PlacementError `source_differs`."""
        data = self.data()
        if data is None:
            return False
        if hashlib.sha256(data).hexdigest() != file_hash.lower():
            raise source_differs(self.path, "its SHA-256 is another one")
        if self.has_changed(living):
            raise source_differs(self.path, "it was changed after the program had loaded it")
        return True

    def has_changed(self, living: Sequence[CodePlace]) -> bool:
        """Whether the file was changed after it had been loaded, as far as can be told."""
        try:
            stat = os.stat(self.path)
        except OSError:
            return False
        compiled = self._compiled_file()
        if compiled is not None:
            # Written or checked when the module was loaded: it knows size and time of the source then.
            return compiled[8:_HEADER] != _stamp(stat)
        if stat.st_mtime < _STARTED or not living:
            return False
        codes = {place.code for place in self.tree()}
        return bool(codes) and not any(place.code in codes for place in living)

    def tree(self) -> List[CodePlace]:
        """All code of the file, the module's own first, as new code objects; empty where it cannot be had or is too large."""
        if self._tree is None:
            code = self._code()
            self._tree = [] if code is None else list(nested(root_place(code, "<module>")))
        return self._tree

    def _code(self) -> Optional[CodeType]:
        try:
            compiled = self._compiled_file()
            if compiled is not None and compiled[8:_HEADER] == _stamp(os.stat(self.path)):
                code = marshal.loads(compiled[_HEADER:])  # noqa: S302 - the program has run this very file
                return code if type(code) is CodeType else None
            data = self.data()
            if data is None or len(data) > MAX_COMPILED_BYTES:
                return None
            made: CodeType = compile(data, self.path, "exec", dont_inherit=True)
        except (OSError, ValueError, SyntaxError, EOFError, TypeError):
            return None
        return made

    def _compiled_file(self) -> Optional[bytes]:
        """The .pyc of the module, if it goes by time and size of the source."""
        name = self._namespace.get("__cached__")
        loader = self._namespace.get("__loader__")
        if type(name) is not str or type(loader) is not SourceFileLoader:
            return None
        data = _read_file(name)
        is_usable = data is not None and data[:4] == MAGIC_NUMBER and data[4:8] == bytes(4)
        return data if is_usable else None

    def _read(self) -> Optional[bytes]:
        data = _read_file(self.path)
        if data is not None:
            return data
        loader = self._namespace.get("__loader__")
        if type(loader) is zipimport.zipimporter:
            try:
                return loader.get_data(self.path)
            except OSError:
                return None
        return None


def _read_file(path: str) -> Optional[bytes]:
    try:
        if os.path.getsize(path) > MAX_READ_BYTES or not os.path.isfile(path):
            return None
        with open(path, "rb") as file:
            return file.read(MAX_READ_BYTES)
    except (OSError, ValueError):
        return None


def _stamp(stat: os.stat_result) -> bytes:
    words = (int(stat.st_mtime) & 0xFFFFFFFF, stat.st_size & 0xFFFFFFFF)
    return b"".join(word.to_bytes(4, "little") for word in words)
