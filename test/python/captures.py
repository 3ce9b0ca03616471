"""Snapshots as the tests of capturing read them: decoded, of one value or of several."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from tracepointdebug._limits import CAPTURE_LIMITS
from tracepointdebug.capture import Capturer
from tracepointdebug.link import cbor


def snapshot_of(
    variables: Dict[str, object], redact: Optional[Callable[[str], bool]] = None, **limits: int
) -> Dict[str, Any]:
    """A decoded snapshot without frames; `limits` by their names in CAPTURE_LIMITS."""
    assert set(limits) <= set(CAPTURE_LIMITS)
    made: Dict[str, Any] = cbor.decode(
        Capturer(limits, redact).snapshot(None, list(variables), list(variables.values()))
    )
    return made


def variables_of(
    variables: Dict[str, object], redact: Optional[Callable[[str], bool]] = None, **limits: int
) -> List[List[Any]]:
    """The variables of a snapshot."""
    made: List[List[Any]] = snapshot_of(variables, redact, **limits)["variables"]
    return made


def captured(value: object, redact: Optional[Callable[[str], bool]] = None, **limits: int) -> Dict[str, Any]:
    """One captured value."""
    [[_, made]] = variables_of({"v": value}, redact, **limits)
    result: Dict[str, Any] = made
    return result


def fields(of: Dict[str, Any]) -> Dict[str, Any]:
    """The fields of a captured object by name."""
    return dict(of["fields"])


def number(value: int) -> Dict[str, Any]:
    """An int as it is captured."""
    return {"type": "int", "value": value}


def text(value: str) -> Dict[str, Any]:
    """A str as it is captured."""
    return {"type": "string", "value": value}
