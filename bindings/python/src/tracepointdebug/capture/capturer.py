"""The snapshot of one hit, put together: frames, variables, and what it took."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Callable, Final, List, Mapping, Optional, Sequence, Tuple

from .._limits import CAPTURE_LIMITS
from ..reading.natives import FAULTY, pass_on
from ..unavailable import UNAVAILABLE
from . import heads
from .frames import Frames
from .heads import ARRAYS, pack_double
from .walk import MAX_NAME, Terms, Walk

if TYPE_CHECKING:
    from types import FrameType

#: Variables of one frame that are named; what the link takes is 10,000.
MAX_VARIABLES: Final = 1000

_LANGUAGE: Final = heads.text("language") + heads.text("python")
_FRAMES: Final = heads.text("frames")
_BEGIN: Final = heads.MAPS[4] + _LANGUAGE + _FRAMES
_BEGIN_CUT: Final = heads.MAPS[5] + _LANGUAGE + heads.text("framesOmitted") + b"\xf5" + _FRAMES
_VARIABLES: Final = heads.text("variables")
_TOOK: Final = heads.text("captureUs") + b"\xfb"
#: Stands behind the variables that are named.
_MORE_VARIABLES: Final[Tuple[str, object]] = ("more variables", UNAVAILABLE)
#: What is told where not even that much can be done: at the end of the stack or of memory.
_NOTHING: Final = (
    _BEGIN_CUT + heads.array_head(0) + _VARIABLES + heads.array_head(0) + _TOOK + bytes(8)
)  # fmt: skip


class Capturer:
    """Captures on any thread, any number at a time.

    limits: the names of `CAPTURE_LIMITS`, where they are not the usual ones. redact: says of a name (of a variable, a field, a key)
    whether its value may not be shown; it is asked before the value is looked at, and must not raise.
    """

    def __init__(
        self, limits: Optional[Mapping[str, int]] = None, redact: Optional[Callable[[str], bool]] = None
    ) -> None:
        known = {**CAPTURE_LIMITS, **(limits or {})}
        self._frames = Frames(known["frames"])
        self._terms = Terms(known, redact)

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
            frames, has_more = self._frames.write(frame)
            terms = self._terms
            walk = Walk(terms, started, len(frames))
            pairs: List[Tuple[str, Any]] = [*zip(names, values), *after]
            if len(pairs) > MAX_VARIABLES:
                pairs = [*pairs[: MAX_VARIABLES - 1], _MORE_VARIABLES]
            pieces: List[bytes] = []
            count = walk.named(pieces, pairs, 0, terms.field_heads)
            if count < len(pairs):
                # A variable that no budget was left for is there with its name.
                nothing = heads.omitted_value(walk.stopped or "unavailable")
                pieces += [heads.pair_head(name[:MAX_NAME]) + nothing for name, _ in pairs[count:]]
                count = len(pairs)
            walk.drain()
            begin = ARRAYS[count] if count < len(ARRAYS) else heads.array_head(count)
            pieces.insert(0, (_BEGIN_CUT if has_more else _BEGIN) + frames + _VARIABLES + begin)
            pieces.append(_TOOK + pack_double(int((perf_counter() - started) * 1e7) / 10))
            return b"".join(pieces)
        except FAULTY as error:
            pass_on(error)
            return _NOTHING
