"""Events as the link carries them, after the program's own redaction. Runs on the link's thread; takes nothing from the program's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Optional

from . import log
from .errors import AgentError
from .link import cbor
from .link.connection import frame

if TYPE_CHECKING:
    from .link.messages import Message
    from .link.outbox import Outgoing

Callback = Callable[[Any], Any]


class Events:
    """Makes frames of events. `outside` runs code of the program without holding up a fork."""

    def __init__(
        self,
        tracepoint_callback: Optional[Callback],
        log_callback: Optional[Callback],
        outside: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self._tracepoint_callback = tracepoint_callback
        self._log_callback = log_callback
        self._outside = outside

    def frame(self, event: Outgoing, agent_id: str) -> Optional[bytes]:
        """The frame of an event, or None: it does not fit into one."""
        self._redact(event)
        try:
            return frame(_message(event, agent_id))
        except AgentError as error:
            log.warn(f"An event was lost. {error.cause.message}")
            return None

    def _redact(self, event: Outgoing) -> None:
        """Asks the program's callback, once for each event, however often it is sent."""
        if event.is_redacted:
            return
        event.is_redacted = True
        if event.snapshot is not None and self._tracepoint_callback is not None:
            from .callbacks import redact_snapshot as redact

            callback = self._tracepoint_callback
        elif event.copies is not None and self._log_callback is not None:
            from .callbacks import redact_text as redact

            callback = self._log_callback
        else:
            return
        passed = self._outside(lambda: redact(callback, event))
        event.copies = None
        event.text, event.truncated, event.snapshot = passed.text, passed.truncated, passed.snapshot
        if passed.cause is not None:
            event.cause = passed.cause
            log.warn(f"{passed.cause.message} {passed.cause.remedy}")


def _message(event: Outgoing, agent_id: str) -> Message:
    message: Message = {
        "type": "event",
        "seq": event.seq,
        "placementId": event.probe.placement_id,
        "eventId": f"{agent_id}.{event.seq}",
        "at": event.at,
        "kind": event.kind,
        "hit": event.hit,
    }
    if event.fault is not None:
        message["fault"] = {"of": event.fault[0], "packed": event.fault[1]}
    if event.cause is not None:
        message["cause"] = event.cause.to_wire()
    if event.text is not None:
        message["text"] = event.text
        if event.truncated:
            message["truncated"] = True
    if event.snapshot is not None:
        message["snapshot"] = cbor.Encoded(event.snapshot)
    return message
