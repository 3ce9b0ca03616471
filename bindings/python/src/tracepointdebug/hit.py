"""What runs at each hit: decide, count, take quota, capture or render, hand over to be sent. The order is that of host/hit.ts.

Nothing in here waits, and a false condition touches nothing but one counter. What may come out of `test` and `fire` is only what a
signal handler of the program has raised just then; the placement tells that from a fault of ours.
"""

from __future__ import annotations

import sys
from types import FrameType
from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Set, Tuple, Type

from ._abi import ERR_BUDGET, ERR_CODE_MASK, ERR_INTERNAL, ERR_MEMORY
from ._limits import HOST_LIMITS
from .errors import Cause, GuestError
from .link.native import RLock, get_ident, monotonic, wall
from .link.outbox import Outbox, Outgoing
from .quota import Bucket, ProcessQuota
from .specials import Specials, Trace, is_ours

if TYPE_CHECKING:
    from .probe import Probe

Test = Callable[..., bool]
Fire = Callable[[FrameType, Sequence[str], Sequence[object]], None]
Snapshot = Callable[[FrameType, Sequence[str], Sequence[object]], bytes]

_CROWDED = Cause(
    "stack",
    "The program's stack or memory was nearly used up at this hit, so the probe could not be asked.",
    "Nothing to do for the probe: it goes on at the next hit. A recursion of the program may be without end.",
)
# Python 3.8 ends the process where a full stack is caught and filled again; there the placement lets it through to the program.
_FULL: Tuple[Type[BaseException], ...] = (MemoryError,) if sys.version_info < (3, 9) else (RecursionError, MemoryError)
# In the place of a packed error: that of `_CROWDED` was reported.
_CROWDED_KEY = -1


class HitContext:
    """What all probes of a process share at a hit."""

    def __init__(
        self,
        outbox: Outbox,
        closed: Callable[[Probe, str, Optional[int], Optional[Cause]], None],
        trace: Optional[Trace] = None,
        copies: bool = False,
    ) -> None:
        self.outbox = outbox
        # Called on the program's stack when a probe has shut itself, with `spent` or `guard`: only notes what is to be done.
        self.closed = closed
        self.trace = trace
        # Whether log events carry copies of the values behind their text, for the program's own redaction.
        self.copies = copies
        self.follow(HOST_LIMITS)
        self.renew()

    def renew(self) -> None:
        """New locks and quotas, at the start and in a forked process: another thread may have held the old ones."""
        # A signal handler may hit a probe while its own thread is in here: it must not wait for itself.
        self.lock = RLock()
        # Threads in which code of ours runs: a probe in what we call must not fire into itself.
        self.busy: Set[int] = set()
        self.quota = ProcessQuota(self.process_rate)

    def follow(self, limits: Mapping[str, Any]) -> None:
        """Takes the limits that the host told."""
        if getattr(self, "process_rate", None) != limits["processRate"]:
            self.process_rate: float = limits["processRate"]
            self.quota = ProcessQuota(self.process_rate)
        self.consecutive_errors: int = limits["consecutiveErrors"]
        self.budget_errors: int = limits["budgetErrors"]


class Handler(NamedTuple):
    """What a placement calls, and the variables that it hands over."""

    test: Test
    fire: Fire
    test_names: Tuple[str, ...]
    capture_names: Optional[Tuple[str, ...]]


def make_handler(
    probe: Probe, condition: Optional[Any], template: Optional[Any], snapshot: Optional[Snapshot], context: HitContext
) -> Handler:
    """The two functions of one probe. `condition` and `template` are modules in the guests; `snapshot` is that of a tracepoint,
    or for a logpoint what takes the copies for the program's redaction.
    """
    specials = Specials(probe, context.trace)
    decide = _Decision(probe, context)
    roots: Tuple[str, ...] = () if condition is None else tuple(condition.roots)
    test = (
        _unconditional(probe, decide)
        if condition is None
        else _conditional(probe, condition.test, roots, specials.sources(roots, firing=False), decide)
    )
    if template is None:
        assert snapshot is not None
        fire = _snapping(probe, snapshot, context)
        capture_names = None
    else:
        fire = _logging(probe, template, specials, snapshot if context.copies else None, context)
        capture_names = tuple(root for root in template.roots if not is_ours(root))
    return Handler(test, fire, tuple(root for root in roots if not is_ours(root)), capture_names)


class _Decision:
    """What a condition that is not false leads to; and step 2 of a probe without one."""

    __slots__ = ("_bucket", "_context", "_empty_until_s", "_probe")

    def __init__(self, probe: Probe, context: HitContext) -> None:
        self._probe = probe
        self._context = context
        self._bucket = Bucket(probe.rate)
        # Until then the probe's own bucket has no token, in seconds of the steady clock: a hot line need not take the lock to hear it.
        self._empty_until_s = 0.0

    def settle(self, verdict: int) -> bool:
        """Whether the hit fires. `verdict`: 1, or a packed error below 0."""
        if verdict < 0:
            return self._failed(-verdict)
        probe = self._probe
        probe.streak = 0
        return self.admit()

    def admit(self) -> bool:
        """Takes quota, counts."""
        probe, context = self._probe, self._context
        if monotonic() < self._empty_until_s:
            probe.rate_limited.add()
            return False
        with context.lock:
            # Another thread may have shut it since this one looked.
            if not probe.open or get_ident() in context.busy:
                probe.not_due.add()
                return False
            now_ms = monotonic() * 1000
            if not context.quota.admit(self._bucket, now_ms):
                probe.rate_limited.add()
                self._empty_until_s = self._bucket.empty_until(now_ms) / 1000
                return False
            probe.fired += 1
            if probe.fired >= probe.hit_limit:
                probe.open = False
                # Its last event is still to be made: whoever is told waits for `settled`.
                context.closed(probe, "spent", None, None)
            return True

    def crowded(self) -> bool:
        """The program has left no room for a call of ours."""
        probe, context = self._probe, self._context
        with context.lock:
            probe.condition_error += 1
            if _CROWDED_KEY not in probe.reported:
                probe.reported.add(_CROWDED_KEY)
                context.outbox.add(_outgoing(probe, "error", cause=_CROWDED, fired=False))
        return False

    def _failed(self, packed: int) -> bool:
        probe, context = self._probe, self._context
        with context.lock:
            if not probe.open or get_ident() in context.busy:
                probe.not_due.add()
                return False
            if packed not in probe.reported:
                probe.reported.add(packed)
                context.outbox.add(_outgoing(probe, "error", fault=("condition", packed), fired=False))
            probe.streak += 1
            code = packed & ERR_CODE_MASK
            if code in (ERR_BUDGET, ERR_MEMORY):
                probe.budget_errors += 1
            if code == ERR_INTERNAL or probe.budget_errors >= context.budget_errors:
                probe.open = False
                context.closed(probe, "guard", packed, None)
            elif probe.on_error == "fire":
                fires = self.admit()
                if fires:
                    probe.despite[get_ident()] = packed
                return fires
            probe.condition_error += 1
            return False


def _outgoing(probe: Probe, kind: str, *, fired: bool = True, **content: Any) -> Outgoing:
    # A fired hit is counted already; another is still being decided.
    hit = probe.reached() + (0 if fired else 1)
    return Outgoing(probe, kind, wall() * 1000, hit, fired=fired, **content)


def _unconditional(probe: Probe, decide: _Decision) -> Test:
    admit, missed = decide.admit, probe.not_due.add

    def test() -> bool:
        if probe.open:
            return admit()
        missed()
        return False

    return test


# One function a number of variables, made for it: collecting them in a tuple and spreading it again costs more than all the rest.
_CONDITIONAL = """
def make(probe, run, missed, refused, settle, crowded, {sources}):
    def test({parameters}):
        if probe.open:
            try:
                verdict = run({arguments})
            except FULL:
                return crowded()
            if verdict == 0:
                refused()
                probe.streak = 0
                return False
            return settle(verdict)
        missed()
        return False
    return test
"""


def _conditional(
    probe: Probe,
    run: Callable[..., int],
    roots: Sequence[str],
    sources: Mapping[str, Callable[[], Any]],
    decide: _Decision,
) -> Test:
    parameters = [f"v{i}" for i, root in enumerate(roots) if root not in sources]
    arguments = [f"s{i}()" if root in sources else f"v{i}" for i, root in enumerate(roots)]
    given = {f"s{i}": sources[root] for i, root in enumerate(roots) if root in sources}
    code = _CONDITIONAL.format(
        sources=", ".join(given), parameters=", ".join(parameters), arguments=", ".join(arguments)
    )
    scope: Dict[str, Any] = {"FULL": _FULL}
    # The text is made of the numbers of the variables; nothing of a person's expression is in it.
    exec(compile(code, __file__, "exec"), scope)
    made: Test = scope["make"](
        probe, run, probe.not_due.add, probe.condition_false.add, decide.settle, decide.crowded, *given.values()
    )
    return made


def _snapping(probe: Probe, snapshot: Snapshot, context: HitContext) -> Fire:
    def fire(frame: FrameType, names: Sequence[str], values: Sequence[object]) -> None:
        with _Firing(probe, context) as firing:
            firing.send("snapshot", snapshot=snapshot(frame, names, values))

    return fire


def _logging(probe: Probe, template: Any, specials: Specials, copy: Optional[Snapshot], context: HitContext) -> Fire:
    roots: Tuple[str, ...] = tuple(template.roots)
    sources = specials.sources(roots, firing=True)
    render: Callable[..., Tuple[str, bool]] = template.render_cut

    def fire(frame: FrameType, names: Sequence[str], values: Sequence[object]) -> None:
        with _Firing(probe, context) as firing:
            handed = iter(values)
            everything: List[object] = [sources[root]() if root in sources else next(handed) for root in roots]
            text, truncated = render(*everything)
            copies = None
            if copy is not None:
                ours = {root: value for root, value in zip(roots, everything) if root in sources}
                copies = (copy(frame, names, values), ours, template)
            firing.send("log", text=text, truncated=truncated, copies=copies)

    return fire


class _Firing:
    """The making of one event: nothing that it calls can fire into it, and what fails in it becomes an event of its own."""

    __slots__ = ("_context", "_probe", "_sent", "_thread")

    def __init__(self, probe: Probe, context: HitContext) -> None:
        self._probe = probe
        self._context = context
        self._thread = get_ident()
        self._sent = False

    def __enter__(self) -> _Firing:  # noqa: PYI034
        self._context.busy.add(self._thread)
        return self

    def send(self, kind: str, **content: Any) -> None:
        """Hands the event over."""
        despite = self._probe.despite.pop(self._thread, None) if self._probe.despite else None
        fault = None if despite is None else ("condition", despite)
        self._context.outbox.add(_outgoing(self._probe, kind, fault=fault, **content))
        self._sent = True

    def __exit__(self, kind: object, error: object, _: object) -> bool:
        probe, context = self._probe, self._context
        try:
            if isinstance(error, GuestError):
                self.send("error", cause=error.cause)
                probe.open = False
                context.closed(probe, "guard", None, error.cause)
                return True
            if not self._sent and isinstance(error, _FULL):
                self.send("error", cause=_CROWDED)
                return True
            return False
        finally:
            with context.lock:
                probe.settled += 1
            if not self._sent:
                context.outbox.lose_unmade(probe)
            context.busy.discard(self._thread)
