"""The stand-in for a variable that could not be read at a hit: a local that is not bound yet, or deleted."""

from __future__ import annotations

from typing import Final


class _Unavailable:
    """One object, compared by identity."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNAVAILABLE"


UNAVAILABLE: Final = _Unavailable()
