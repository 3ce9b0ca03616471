"""The program's own redaction: its callbacks, over copies, off its threads. They fail closed: what they did not pass is withheld.

    tracepoint_data_redaction_callback({file_name, line_no, method_name, frames: [{..., variables}]})
    log_data_redaction_callback({file_name, line_no, method_name, log_expression, variables, message})

A callback changes the dict in place and returns nothing, or returns the changed dict. What it leaves as it was is sent as it was
captured; what it changes is sent as it made it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from ._limits import LINK_LIMITS
from .errors import Cause
from .link import cbor
from .link.plain import merge, plain

if TYPE_CHECKING:
    from .link.outbox import Outgoing
    from .probe import Probe

Callback = Callable[[Dict[str, Any]], Any]
# Characters of a text that the link carries, whatever they are.
_MAX_TEXT = LINK_LIMITS["textLength"] // 2
WITHHELD = "<withheld: the redaction callback failed>"


class Passed(NamedTuple):
    """What is left of an event. `cause`: why something was withheld."""

    text: Optional[str]
    truncated: bool
    snapshot: Optional[bytes]
    cause: Optional[Cause]


class _RefusedError(Exception):
    """What came back from a callback cannot be used."""


def redact_snapshot(callback: Callback, event: Outgoing) -> Passed:
    """A snapshot after the program's redaction; without its variables where that fails."""
    assert event.snapshot is not None
    snapshot: Dict[str, Any] = cbor.decode(event.snapshot)
    try:
        snapshot["variables"] = _redacted_variables(callback, event.probe, snapshot)
        encoded = cbor.encode(snapshot)
    except Exception as error:
        snapshot["variables"] = []
        cause = _failure("tracepoint_data_redaction_callback", "the variables were withheld", error)
        return Passed(None, False, cbor.encode(snapshot), cause)
    return Passed(None, False, encoded, None)


def _redacted_variables(callback: Callback, probe: Probe, snapshot: Mapping[str, Any]) -> List[Any]:
    captured: Dict[str, Any] = dict(snapshot["variables"])
    before = {name: plain(value) for name, value in captured.items()}
    frames = [
        {"file_name": frame["file"], "line_no": frame["line"], "method_name": frame["function"], "variables": {}}
        for frame in snapshot["frames"]
    ] or [{**_place(probe), "variables": {}}]
    # A copy of its own: what is compared with must stay what it is.
    frames[0]["variables"] = {name: plain(value) for name, value in captured.items()}
    data = _called(callback, {**_place(probe), "frames": frames})
    kept = data.get("frames")
    if not isinstance(kept, list):
        raise _RefusedError("`frames` is no list")
    if not kept:
        return []
    variables = kept[0].get("variables") if isinstance(kept[0], dict) else None
    return _merged(captured, before, variables)


def redact_text(callback: Callback, event: Outgoing) -> Passed:
    """The text of a logpoint after the program's redaction; another text where that fails."""
    assert event.copies is not None
    encoded, ours, template = event.copies
    try:
        captured: Dict[str, Any] = dict(cbor.decode(encoded)["variables"])
        source = str(template.section["source"])
        before = {name: plain(value) for name, value in captured.items()}
        copies = {name: plain(value) for name, value in captured.items()}
        asked = {**_place(event.probe), "log_expression": source, "variables": copies, "message": event.text}
        data = _called(callback, asked)
        if data.get("log_expression") != source:
            raise _RefusedError("`log_expression` cannot be changed; change `message`")
        message, variables = data.get("message"), data.get("variables")
        if not isinstance(message, str) or not isinstance(variables, dict):
            raise _RefusedError("`message` is no text, or `variables` no dict")
        if message != event.text or variables == before:
            return Passed(message[:_MAX_TEXT], event.truncated, None, None)
        _merged(captured, before, variables)  # only what could be sent as well
        values = [ours[root] if root in ours else variables.get(root) for root in template.roots]
        text, truncated = template.render_cut(*values)
    except Exception as error:
        cause = _failure("log_data_redaction_callback", "the text was withheld", error)
        return Passed(WITHHELD, False, None, cause)
    return Passed(text, truncated, None, None)


def _place(probe: Probe) -> Dict[str, Any]:
    site = probe.site
    return {
        "file_name": probe.file if site is None else site.file,
        "line_no": probe.line if site is None else site.line,
        "method_name": "" if site is None else site.function_name,
    }


def _called(callback: Callback, data: Dict[str, Any]) -> Dict[str, Any]:
    answer = callback(data)
    if answer is None:
        return data
    if not isinstance(answer, dict):
        raise _RefusedError(f"it returned a value of the class {type(answer).__name__}")
    return answer


def _merged(captured: Mapping[str, Any], before: Mapping[str, Any], after: Any) -> List[Any]:
    if not isinstance(after, dict) or any(type(name) is not str for name in after):
        raise _RefusedError("`variables` is no dict of names")
    missing = object()
    merged: List[Tuple[str, Any]] = []
    for name, value in after.items():
        merged.append((name, merge(captured.get(name), before.get(name, missing), value)))
    return [list(pair) for pair in merged]


def _failure(callback: str, consequence: str, error: Exception) -> Cause:
    # Its message may hold the very value that was to be hidden.
    what = str(error) if isinstance(error, _RefusedError) else f"it raised {type(error).__name__}"
    return Cause(
        "redaction_failed",
        f"The program's {callback} failed, so {consequence}: {what}.",
        f"Mend {callback}: it gets a dict and changes it in place.",
    )
