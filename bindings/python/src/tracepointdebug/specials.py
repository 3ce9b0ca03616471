"""The values of `@hits`, `@now` and the other special identifiers that the agent knows better than the placement.

Mirrors host/specials.ts. The program's own code is asked for one thing only: the ids of the current trace, by the function that
its operator gave to `start`.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, FrozenSet, Mapping, Optional, Sequence

from .link.native import get_ident, wall

if TYPE_CHECKING:
    from datetime import datetime

    from .probe import Probe

# Answers `{"trace_id": text, "span_id": text}` or a pair of both; either may be None.
Trace = Callable[[], Any]

# Specials that the placement supplies, because they are variables of the program.
_OF_PLACEMENT: FrozenSet[str] = frozenset(("@args", "@this", "@return", "@exception", "@duration"))

# Threads whose moment is kept between condition and template.
_MAX_MOMENTS = 1000


def is_ours(root: str) -> bool:
    """True of a root that the agent supplies."""
    return root.startswith("@") and root not in _OF_PLACEMENT


class Specials:
    """The special values of one probe. One moment a hit: the condition and the template see the same `@now`."""

    __slots__ = ("_moments", "_probe", "_trace")

    def __init__(self, probe: Probe, trace: Optional[Trace]) -> None:
        self._probe = probe
        self._trace = trace
        self._moments: Dict[int, datetime] = {}

    def sources(self, roots: Sequence[str], firing: bool) -> Mapping[str, Callable[[], Any]]:
        """What gives the value of each root that is ours, without arguments and without raising. `firing`: for the template."""
        return {root: self._source(root, firing) for root in roots if is_ours(root)}

    def _source(self, root: str, firing: bool) -> Callable[[], Any]:
        probe = self._probe
        if root == "@hits":
            # The hit itself does not count; once it fires it has been counted.
            return (lambda: probe.reached() - 1) if firing else probe.reached
        if root == "@now":
            return self._clock(firing)
        if root == "@thread":
            return _thread_name
        if root == "@threadId":
            return _thread_id
        if root == "@line":
            return lambda: probe.site.line if probe.site is not None else probe.line
        if root == "@file":
            return lambda: probe.site.file if probe.site is not None else probe.file
        if root == "@method":
            return lambda: probe.site.function_name if probe.site is not None else ""
        if root == "@class":
            return lambda: probe.site.class_name if probe.site is not None else ""
        if root == "@traceId":
            return lambda: self._trace_id("trace_id", 0)
        if root == "@spanId":
            return lambda: self._trace_id("span_id", 1)
        return _nothing  # the compiler refuses every other one here

    def _clock(self, firing: bool) -> Callable[[], datetime]:
        from datetime import datetime, timezone  # 3 ms that a program without probes does not pay

        moments = self._moments

        def now() -> datetime:
            moment = datetime.fromtimestamp(wall(), timezone.utc)
            if len(moments) >= _MAX_MOMENTS:
                moments.clear()
            moments[get_ident()] = moment
            return moment

        def said_now() -> datetime:
            # What the condition of this hit was told, if it asked.
            said = moments.pop(get_ident(), None)
            return datetime.fromtimestamp(wall(), timezone.utc) if said is None else said

        return said_now if firing else now

    def _trace_id(self, name: str, place: int) -> Optional[str]:
        if self._trace is None:
            return None
        try:
            ids = self._trace()
            found = ids.get(name) if isinstance(ids, dict) else ids[place]
        except Exception:
            return None
        return found if type(found) is str else None


def _nothing() -> None:
    return None


def _thread_name() -> str:
    """The name that the program gave its thread. `current_thread()` would make a thread object where there is none."""
    threading: Any = sys.modules.get("threading")
    if threading is None:
        return ""
    try:
        thread = threading._active.get(threading.get_ident())
        name = None if thread is None else thread.__dict__.get("_name")
    except Exception:
        return ""
    return name if type(name) is str else ""


_native_id: Callable[[], int] = getattr(sys.modules.get("_thread"), "get_native_id", get_ident)


def _thread_id() -> int:
    """The number that the operating system's tools show, too."""
    return _native_id()
