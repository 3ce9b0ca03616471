"""Takes snapshots at a hit: the stack, and the variables, in CBOR, outer values first when a budget runs out. Runs no code of the
program, never raises, and keeps no reference to its values.
"""

from __future__ import annotations

from .capturer import Capturer

__all__ = ["Capturer"]
