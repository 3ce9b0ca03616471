"""The probes of this process: loaded, placed, counted, shut and taken out, as the host says. Runs on the link's thread.

What a hit has to say (a probe has shut itself) and what a placement has to say comes as a note, done on that thread as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Optional, Tuple

from ._limits import CAPTURE_LIMITS, HOST_LIMITS
from .errors import AgentError, Cause
from .hit import HitContext, make_handler
from .link.client import describe
from .link.native import monotonic, wall
from .probe import Probe

if TYPE_CHECKING:
    from .guest import Guests
    from .link.messages import Message
    from .link.outbox import Outbox
    from .placing import Placement, PlacementState
    from .specials import Trace

# Milliseconds after its expiry at which a probe ends here by itself: a host that is there ends it before.
_EXPIRY_GRACE_MS = 2000
# Milliseconds after which a hit that was let through and never came to fire is not waited for.
_SETTLE_MS = 2000


class Seat:
    """A probe and what it holds in this process."""

    __slots__ = ("closing_since", "has_stood", "modules", "probe", "reported")

    def __init__(self, probe: Probe) -> None:
        self.probe = probe
        self.modules: List[Any] = []
        # The counts that were sent last.
        self.reported: Optional[Dict[str, Any]] = None
        self.closing_since = 0.0
        # It has been in place, and then open to hits.
        self.has_stood = False


class Seats:
    """All probes. `send` gives a message to the host, as long as there is one; `post` does work on the link's thread, from any thread."""

    def __init__(
        self,
        outbox: Outbox,
        *,
        engine: str,
        redact: Tuple[str, ...],
        trace: Optional[Trace],
        copies: bool,
        send: Callable[[Message], None],
        post: Callable[[Callable[[], None]], None],
    ) -> None:
        self._engine = engine
        self._redact = redact
        self._outbox = outbox
        self._send = send
        self._post = post
        self.context = HitContext(outbox, self._closed_by_itself, trace, copies)
        self._seats: Dict[str, Seat] = {}
        # Probes that have shut themselves, until their last event is sent.
        self._closing: List[Tuple[Seat, Message]] = []
        self._status_s = HOST_LIMITS["statusMs"] / 1000
        self._count_at = 0.0
        # Made when the first probe needs them: a program without probes does not pay for them.
        self._placement: Optional[Placement] = None
        self._guests: Optional[Guests] = None
        self._capturer: Any = None
        self._capture_limits: Dict[str, Any] = dict(CAPTURE_LIMITS)
        self._redactor: Any = None

    # From any thread.

    def probes(self) -> List[Probe]:
        """The probes that there are now."""
        return [seat.probe for seat in list(self._seats.values())]

    def placement_stats(self) -> Optional[Dict[str, Any]]:
        """What placing has cost, if there was anything to place."""
        placement = self._placement
        return None if placement is None else dict(vars(placement.stats()))

    def shut_all(self) -> None:
        """From now on no hit does anything."""
        for probe in self.probes():
            probe.open = False

    def renew(self) -> None:
        """In a forked process, whose probes these are now."""
        self.context.renew()
        self._closing.clear()
        for seat in self._seats.values():
            seat.probe.renew()
            seat.reported = None

    # On the link's thread.

    def standing(self) -> Tuple[Dict[str, str], ...]:
        """What a `hello` says of the probes that are in place."""
        return tuple({"placementId": probe.placement_id, "probeId": probe.probe_id} for probe in self.probes())

    def follow(self, limits: Dict[str, Any], status_s: float) -> None:
        """Takes the limits of the host, and tells it everything anew."""
        self.context.follow(limits)
        self._status_s = status_s
        if limits["capture"] != self._capture_limits:
            self._capture_limits = limits["capture"]
            self._capturer = None
        for seat in self._seats.values():
            seat.reported = None
            if seat.probe.state != "received":
                self._tell(seat.probe)
        self._count()

    def place(self, message: Message) -> None:
        """Puts a probe into the program. What fails becomes its cause."""
        probe = Probe(message["placementId"], message["probe"])
        old = self._seats.get(probe.placement_id)
        if old is not None:
            self._take_out(old)
        seat = self._seats[probe.placement_id] = Seat(probe)
        try:
            self._install(seat, message.get("condition"), message.get("template"))
        except AgentError as error:
            self._fail(seat, error.cause)
        except Exception as error:
            what = f"Unexpected failure: {describe(error)}"
            self._fail(seat, Cause("internal", what, "This is our fault: report it."))

    def remove(self, placement_id: str, drain: Callable[[], None]) -> None:
        """Takes a probe out. `drain` sends the events so far: nothing of the probe may follow its end."""
        seat = self._seats.get(placement_id)
        if seat is not None:
            self._take_out(seat)
            drain()
            self._send(self._counts_of([seat]))
        self._send({"type": "removed", "placementId": placement_id})

    def remove_all(self) -> None:
        """Takes everything out of the program."""
        for seat in list(self._seats.values()):
            self._take_out(seat)
        placement, self._placement = self._placement, None
        if placement is not None:
            placement.close()

    def beat(self, final: bool) -> bool:
        """Ends what has expired, looks for files that have come, sends counts that have changed. Whether there are probes."""
        if not self._seats:
            return False
        now = wall() * 1000
        for seat in list(self._seats.values()):
            if now > seat.probe.expires_at + _EXPIRY_GRACE_MS:
                self._take_out(seat)
                self._send({"type": "closed", "placementId": seat.probe.placement_id, "why": "expired"})
        if self._placement is not None:
            self._placement.tick()
        if final or monotonic() >= self._count_at:
            self._count()
        return bool(self._seats)

    def is_closing(self) -> bool:
        """Whether the end of a probe is still to be told."""
        return bool(self._closing)

    def closed(self) -> List[Message]:
        """What is to be told of probes that have shut themselves. Call it when all events so far are sent."""
        still: List[Tuple[Seat, Message]] = []
        told: List[Message] = []
        for seat, message in self._closing:
            probe = seat.probe
            if probe.settled < probe.fired and (monotonic() - seat.closing_since) * 1000 < _SETTLE_MS:
                still.append((seat, message))
            else:
                told += [self._counts_of([seat]), message]
        self._closing = still
        return told

    def _install(self, seat: Seat, condition: Optional[bytes], template: Optional[bytes]) -> None:
        from .placing import PlaceRequest, create_placement

        probe = seat.probe
        # The engine lets the first hits in before it has told where the probe stands, which a condition or a template may ask for.
        probe.open = False
        loaded = [None if wasm is None else self._load(seat, wasm) for wasm in (condition, template)]
        handler = make_handler(probe, loaded[0], loaded[1], self._snapshot, self.context)
        if self._placement is None:
            self._placement = create_placement(self._engine)
        self._placement.place(
            PlaceRequest(
                placement_id=probe.placement_id,
                file=probe.file,
                line=probe.line,
                at=probe.at,
                file_hash=probe.file_hash,
                test_names=handler.test_names,
                capture_names=handler.capture_names,
                test=handler.test,
                fire=handler.fire,
                on_change=lambda state: self._note_changed(seat, state),
            )
        )

    def _note_changed(self, seat: Seat, state: PlacementState) -> None:
        """Called by the placement, on any thread."""
        from .placing import Installed

        if isinstance(state, Installed) and not seat.has_stood and self._seats.get(seat.probe.placement_id) is seat:
            seat.has_stood = True
            seat.probe.site = state.site
            seat.probe.open = seat.probe.hit_limit > 0
        self._post(lambda: self._changed(seat, state))

    def _load(self, seat: Seat, wasm: bytes) -> Any:
        if self._guests is None:
            from .guest import Guests

            self._guests = Guests(self._redactor_of_names())
        module = self._guests.load(wasm)
        seat.modules.append(module)
        return module

    def _redactor_of_names(self) -> Any:
        if self._redactor is None:
            from .redaction import make_redact

            self._redactor = make_redact(self._redact)
        return self._redactor

    def _snapshot(self, frame: Any, names: Any, values: Any) -> bytes:
        capturer = self._capturer
        if capturer is None:
            from .capture import Capturer

            capturer = self._capturer = Capturer(self._capture_limits, self._redactor_of_names())
        made: bytes = capturer.snapshot(frame, names, values)
        return made

    def _changed(self, seat: Seat, state: PlacementState) -> None:
        from .placing import Failed, Installed

        probe = seat.probe
        if self._seats.get(probe.placement_id) is not seat:
            return
        if isinstance(state, Failed):
            self._fail(seat, Cause(state.code, state.message, state.remedy, tuple(state.details)))
            return
        probe.state = "installed" if isinstance(state, Installed) else "pending"
        probe.note = state.note
        probe.site = state.site if isinstance(state, Installed) else None
        probe.engine = state.engine if isinstance(state, Installed) else ""
        self._tell(probe)

    def _tell(self, probe: Probe) -> None:
        message: Message = {"type": "placed", "placementId": probe.placement_id, "state": probe.state}
        if probe.note:
            message["note"] = probe.note
        site = probe.site
        if site is not None:
            message["engine"] = probe.engine
            message["site"] = {
                "file": site.file,
                "line": site.line,
                "column": site.column,
                "functionName": site.function_name,
                "className": site.class_name,
                "names": list(site.names),
            }
        self._send(message)

    def _fail(self, seat: Seat, cause: Cause) -> None:
        self._take_out(seat)
        self._send(
            {"type": "placed", "placementId": seat.probe.placement_id, "state": "failed", "cause": cause.to_wire()}
        )

    def _take_out(self, seat: Seat) -> None:
        """After this no new hit begins, and one that is on its way finds the probe shut."""
        seat.probe.open = False
        self._seats.pop(seat.probe.placement_id, None)
        self._closing = [(other, closed) for other, closed in self._closing if other is not seat]
        if self._placement is not None:
            self._placement.remove(seat.probe.placement_id)
        for module in seat.modules:
            module.close()
        seat.modules.clear()

    def _closed_by_itself(self, probe: Probe, why: str, packed: Optional[int], cause: Optional[Cause]) -> None:
        """Called at a hit, on the program's thread."""
        message: Message = {"type": "closed", "placementId": probe.placement_id, "why": why}
        if packed is not None:
            message["fault"] = {"of": "condition", "packed": packed}
        if cause is not None:
            message["cause"] = cause.to_wire()
        self._post(lambda: self._note_closed(probe, message))

    def _note_closed(self, probe: Probe, message: Message) -> None:
        seat = self._seats.get(probe.placement_id)
        if seat is not None and seat.probe is probe:
            seat.closing_since = monotonic()
            self._closing.append((seat, message))

    def _count(self) -> None:
        self._count_at = monotonic() + self._status_s
        changed = [seat for seat in self._seats.values() if seat.probe.counts() != seat.reported]
        if changed:
            self._send(self._counts_of(changed))

    def _counts_of(self, seats: List[Seat]) -> Message:
        for seat in seats:
            seat.reported = seat.probe.counts()
        return {"type": "counts", "counts": [seat.reported for seat in seats], "dropped": self._outbox.dropped}
