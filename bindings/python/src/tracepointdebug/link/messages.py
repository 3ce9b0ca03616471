"""The messages of the host, checked field by field when they come in, and the `hello` that asks for them.

What each means: docs/protocol.md. Unknown fields are ignored; an unknown type or a wrong field is refused, never guessed at.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping, Optional

from .._abi import ABI_VERSION
from .._limits import LINK_LIMITS, LINK_VERSION, MAXIMA
from ..errors import Cause, LinkError
from . import cbor

Message = Dict[str, Any]
Check = Callable[[Any], bool]

_MAX_ID = 128
_MAX_WHOLE = 2**53 - 1


def hello(
    agent: Mapping[str, Any],
    *,
    token: Optional[str] = None,
    redact: tuple[str, ...] = (),
    broker: Optional[Mapping[str, str]] = None,
    ppid: Optional[int] = None,
    placements: tuple[Mapping[str, str], ...] = (),
) -> Message:
    """The first message of a connection. `placements`: what still stands from an earlier one."""
    made: Message = {
        "type": "hello",
        "link": LINK_VERSION,
        "abi": ABI_VERSION,
        "agent": dict(agent),
        "redact": list(redact),
    }
    optional = {"token": token, "broker": broker and dict(broker), "ppid": ppid, "placements": list(placements) or None}
    made.update({name: value for name, value in optional.items() if value is not None})
    return made


def read(body: bytes) -> Message:
    """One message of the host. Raises LinkError: `malformed`, `limit`, `unknown_type` or `invalid_message`."""
    message = cbor.decode(body)
    if type(message) is not dict:
        raise _invalid("A frame of the host is no map.")
    kind = message.get("type")
    fields = _FIELDS.get(kind) if type(kind) is str else None
    if fields is None:
        raise LinkError("unknown_type", f"The host sent a message of the type {str(kind)[:64]!r}.", _REMEDY)
    for name, check in fields.items():
        value = message.get(name)
        if type(value) is float and value.is_integer():
            value = message[name] = int(value)
        if not check(value):
            raise _invalid(f"The field {name} of the host's message {kind} is not as agreed.")
    if kind == "compiled" and ("fault" in message) == ("wasm" in message):
        raise _invalid("The host's message compiled has neither a module nor a fault.")
    return message


def cause_of(wire: Mapping[str, Any]) -> Cause:
    """A cause that the host sent, already checked."""
    return Cause(wire["code"], wire["message"], wire["remedy"])


_REMEDY = "Use the same release of agent and host."


def _invalid(what: str) -> LinkError:
    return LinkError("invalid_message", what, _REMEDY)


def _whole(least: int = 0, most: int = _MAX_WHOLE) -> Check:
    return lambda value: type(value) is int and least <= value <= most


def _text(most: int, least: int = 0) -> Check:
    return lambda value: type(value) is str and least <= len(value) <= most


def _one_of(*words: str) -> Check:
    return lambda value: type(value) is str and value in words


def _optional(check: Check) -> Check:
    return lambda value: value is None or check(value)


def _shape(fields: Mapping[str, Check]) -> Check:
    def check(value: Any) -> bool:
        if type(value) is not dict:
            return False
        for name, fits in fields.items():
            found = value.get(name)
            if type(found) is float and found.is_integer():
                found = value[name] = int(found)
            if not fits(found):
                return False
        return True

    return check


def _number(value: Any) -> bool:
    return type(value) in (int, float) and abs(value) < float("inf")


def _rate(value: Any) -> bool:
    return _number(value) and value > 0


def _bytes(value: Any) -> bool:
    return type(value) is bytes and len(value) <= MAXIMA["moduleBytes"]


def _list(value: Any) -> bool:
    return type(value) is list


def _map(value: Any) -> bool:
    return type(value) is dict


_ID = _text(_MAX_ID, 1)
_LONG = _text(LINK_LIMITS["sourceLength"])
_CAUSE = _shape({"code": _text(64, 1), "message": _LONG, "remedy": _LONG})
_PROBE = _shape(
    {
        "id": _ID,
        "kind": _one_of("tracepoint", "logpoint"),
        "file": _text(4096, 1),
        "line": _whole(1),
        "at": _one_of("line", "entry", "exit"),
        "fileHash": _optional(_text(_MAX_ID)),
        "hitLimit": _whole(),
        "expiresAt": _number,
        "rate": _rate,
        "onError": _one_of("skip", "fire"),
    }
)
_LIMITS = _shape(
    {
        "processRate": _rate,
        "queueEvents": _whole(1),
        "queueBytes": _whole(1),
        "consecutiveErrors": _whole(1),
        "budgetErrors": _whole(1),
        "capture": lambda value: _map(value) and all(_rate(limit) for limit in value.values()),
    }
)

_FIELDS: Dict[str, Dict[str, Check]] = {
    "welcome": {"link": _whole(), "hostVersion": _text(64), "statusMs": _whole(1), "limits": _LIMITS},
    "place": {"placementId": _ID, "probe": _PROBE, "condition": _optional(_bytes), "template": _optional(_bytes)},
    "remove": {"placementId": _ID},
    "ack": {"seq": _whole()},
    "compiled": {
        "requestId": _whole(),
        "wasm": _optional(_bytes),
        "spans": _optional(_list),
        "operands": _optional(_list),
        "rootSpans": _optional(_map),
        "lints": _optional(_list),
        "fault": _optional(_shape({"code": _text(64, 1), "at": _list, "message": _LONG, "remedy": _LONG})),
    },
    "refused": {"cause": _CAUSE, "fatal": lambda value: type(value) is bool, "requestId": _optional(_whole())},
}
