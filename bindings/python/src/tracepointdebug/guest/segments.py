"""Hands out address ranges of the guest's segment area to probe modules, first fit, and joins what is given back.

Keeps a list of free ranges only; never touches the memory itself. Mirrors host/segments.ts.
"""

from __future__ import annotations

from typing import List, Optional, Tuple

# Ranges are 16-byte aligned, so that slots in them are too.
ALIGN = 16


def _rounded(size: int) -> int:
    return max(ALIGN, (size + ALIGN - 1) // ALIGN * ALIGN)


class Segments:
    """The free ranges between two addresses."""

    def __init__(self, start: int, end: int) -> None:
        self._free: List[Tuple[int, int]] = [(start, end)]
        # Bytes handed out.
        self.used = 0

    def take(self, size: int) -> Optional[int]:
        """The start of a range of at least `size` bytes, or None when there is none."""
        wanted = _rounded(size)
        for index, (start, end) in enumerate(self._free):
            if end - start >= wanted:
                self._free[index : index + 1] = [(start + wanted, end)] if end - start > wanted else []
                self.used += wanted
                return start
        return None

    def give(self, start: int, size: int) -> None:
        """Gives a range back that `take(size)` handed out."""
        given = _rounded(size)
        self.used -= given
        joined: List[Tuple[int, int]] = []
        for free in sorted([*self._free, (start, start + given)]):
            if joined and joined[-1][1] == free[0]:
                joined[-1] = (joined[-1][0], free[1])
            else:
                joined.append(free)
        self._free = joined
