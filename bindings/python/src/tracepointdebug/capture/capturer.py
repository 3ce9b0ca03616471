"""The snapshot of one hit, put together: frames, variables, and what it took."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Callable, Dict, Final, List, Mapping, Optional, Sequence, Tuple

from .._limits import CAPTURE_LIMITS
from ..reading.natives import FAULTY
from ..unavailable import UNAVAILABLE
from . import heads
from .frames import Frames
from .walk import MAX_NAME, Heads, Walk

if TYPE_CHECKING:
    from types import FrameType

#: Variables of one frame that are named; what the link takes is 10,000.
MAX_VARIABLES: Final = 1000

_LANGUAGE: Final = heads.text("language") + heads.text("python")
_FRAMES: Final = heads.text("frames")
_BEGIN: Final = heads.MAPS[4] + _LANGUAGE + _FRAMES
_BEGIN_CUT: Final = heads.MAPS[5] + _LANGUAGE + heads.text("framesOmitted") + b"\xf5" + _FRAMES
_VARIABLES: Final = heads.text("variables")
_TOOK: Final = heads.text("captureUs")
#: Stands behind the variables that are named.
_MORE_VARIABLES: Final[Tuple[str, object]] = ("more variables", UNAVAILABLE)
#: What is told where not even that much can be done: at the end of the stack or of memory.
_NOTHING: Final = (
    _BEGIN_CUT + heads.array_head(0) + _VARIABLES + heads.array_head(0) + _TOOK + heads.head(0, 0)
)  # fmt: skip


class Capturer:
    """Captures on any thread, any number at a time.

    limits: the names of `CAPTURE_LIMITS`, where they are not the usual ones. redact: says of a name (of a variable, a field, a key)
    whether its value may not be shown; it is asked before the value is looked at, and must not raise.
    """

    def __init__(
        self, limits: Optional[Mapping[str, int]] = None, redact: Optional[Callable[[str], bool]] = None
    ) -> None:
        self._limits: Dict[str, int] = {**CAPTURE_LIMITS, **(limits or {})}
        self._redact = redact
        self._frames = Frames()
        self._field_heads: Heads = {}
        self._key_heads: Heads = {}

    def snapshot(
        self,
        frame: Optional[FrameType],
        names: Sequence[str],
        values: Sequence[object],
        after: Sequence[Tuple[str, object]] = (),
    ) -> bytes:
        """The `Snapshot` of host/captured.ts as one CBOR map: the stack from `frame` outwards, these variables in this order, and
        further (name, value) pairs behind them. UNAVAILABLE stands for a value that cannot be read.
        """
        try:
            started = perf_counter()
            frames, has_more = self._frames.write(frame, self._limits["frames"])
            walk = Walk(self._limits, self._redact, self._field_heads, self._key_heads, started)
            walk.charge(len(frames))
            pairs: List[Tuple[str, Any]] = list(zip(names, values))
            variables = _variables(walk, [*pairs, *after] if after else pairs)
            took = heads.double(int((perf_counter() - started) * 1e7) / 10)
            return (_BEGIN_CUT if has_more else _BEGIN) + frames + _VARIABLES + variables + _TOOK + took
        except FAULTY:
            return _NOTHING


def _variables(walk: Walk, pairs: List[Tuple[str, Any]]) -> bytes:
    """The array of variables. One that no budget was left for is there with its name."""
    pieces: List[bytes] = []
    if len(pairs) > MAX_VARIABLES:
        pairs = [*pairs[: MAX_VARIABLES - 1], _MORE_VARIABLES]
    count = walk.named(pieces, pairs, 0, walk.field_heads)
    rest = pairs[count:]
    if rest:
        nothing = heads.omitted_value(walk.stopped or "unavailable")
        pieces += [heads.pair_head(name[:MAX_NAME]) + nothing for name, _ in rest]
    walk.drain()
    return heads.array_head(count + len(rest)) + b"".join(pieces)
