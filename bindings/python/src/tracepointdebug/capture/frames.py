"""Writes the stack as CBOR, innermost frame first. Reads frames and code objects only, which are the interpreter's own, and no
variable of them.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Dict, Final, List, Optional, Tuple
from weakref import ref

from . import heads
from .heads import ARRAYS

if TYPE_CHECKING:
    from types import CodeType, FrameType

#: Code points of a function's name and of a file's.
MAX_LABEL: Final = 256
MAX_FILE: Final = 1024
#: Code objects remembered, and lines of each with their bytes.
MAX_CODES: Final = 2000
MAX_LINES: Final = 200

_OWN_FOLDER: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_HAS_QUALNAME: Final = sys.version_info >= (3, 11)
#: co_flags of a coroutine and of an asynchronous generator.
_AWAITS: Final = 0x80 | 0x200
_FUNCTION: Final = heads.text("function")
_FILE: Final = heads.text("file")
_COLUMN: Final = heads.text("column") + heads.head(0, 0)
_LINE: Final = heads.text("line")
_ASYNC: Final = heads.text("async") + b"\xf5"


#: The bytes of frames by line, and of frames reached through `await`, for a code object that awaits.
_Lines = Tuple[Dict[Optional[int], bytes], Optional[Dict[Optional[int], bytes]]]
_OWN: Final[_Lines] = ({}, None)


class Frames:
    """Reads stacks, and remembers what it has written of code objects."""

    def __init__(self, limit: int) -> None:
        """`limit`: frames of one stack."""
        self._limit = limit
        # By identity; the references drop an entry with its code object.
        self._lines: Dict[int, _Lines] = {}
        self._references: Dict[int, ref[CodeType]] = {}

    def write(self, frame: Optional[FrameType]) -> Tuple[bytes, bool]:
        """The array of frames from this one outwards, and whether there are more. Ours are left out."""
        known = self._lines
        pieces: List[bytes] = []
        room = self._limit
        is_below_awaiting = False
        has_more = False
        while frame is not None:
            code = frame.f_code
            called, awaited = entry = known.get(id(code)) or self._remember(code)
            if entry is not _OWN:
                if room == 0:
                    has_more = True
                    break
                room -= 1
                by_line = awaited if is_below_awaiting and awaited is not None else called
                line = frame.f_lineno
                pieces.append(by_line.get(line) or _write_line(code, line, by_line, by_line is awaited))
            is_below_awaiting = awaited is not None
            frame = frame.f_back
        count = len(pieces)
        begin = ARRAYS[count] if count < len(ARRAYS) else heads.array_head(count)
        return begin + b"".join(pieces), has_more

    def _remember(self, code: CodeType) -> _Lines:
        key = id(code)

        def forget(reference: ref[CodeType]) -> None:
            if self._references.get(key) is reference:
                self._lines.pop(key, None)
                self._references.pop(key, None)

        if len(self._lines) >= MAX_CODES:
            self._lines.clear()
            self._references.clear()
        made: _Lines = _OWN
        if not code.co_filename.startswith(_OWN_FOLDER):
            made = {}, ({} if code.co_flags & _AWAITS else None)
        self._references[key] = ref(code, forget)
        self._lines[key] = made
        return made


def _write_line(code: CodeType, line: Optional[int], by_line: Dict[Optional[int], bytes], is_awaited: bool) -> bytes:
    name: str = code.co_qualname if _HAS_QUALNAME else code.co_name  # type: ignore[attr-defined]
    made = (
        heads.MAPS[5 if is_awaited else 4]
        + (_ASYNC if is_awaited else b"")
        + (_FUNCTION + heads.text(name[:MAX_LABEL]) + _FILE + heads.text(code.co_filename[:MAX_FILE]))
        + (_LINE + heads.integer(line or 0) + _COLUMN)
    )
    if len(by_line) < MAX_LINES:
        by_line[line] = made
    return made
