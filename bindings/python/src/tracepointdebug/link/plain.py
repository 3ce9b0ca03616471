"""Captured values as plain Python ones, for the program's own redaction, and back where it has changed them. Knows no events."""

from __future__ import annotations

from math import isfinite
from typing import Any, Dict, List

_MAX_DEPTH = 20
_UNUSUAL = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def plain(captured: Dict[str, Any]) -> Any:
    """A captured value as dicts, lists, text, numbers, bytes and None. What was cut is cut; what is not there says why."""
    if "fields" in captured or captured.get("type") == "error":
        found = {name: plain(value) for name, value in captured.get("fields", ())}
        if captured.get("type") == "error":
            found.update({"message": captured.get("value"), "stack": captured.get("stack")})
            if "cause" in captured:
                found["cause"] = plain(captured["cause"])
        return found
    if "items" in captured:
        return [plain(item) for item in captured["items"]]
    if "entries" in captured:
        return {_key(plain(key)): plain(value) for key, value in captured["entries"]}
    if "value" in captured:
        return captured["value"]
    kind = captured.get("type")
    if kind in ("null", "none", "undefined"):
        return None
    return f"<{captured.get('omitted') or kind}>"


def _key(key: Any) -> Any:
    return key if type(key) in (str, int, float, bool, bytes, type(None)) else str(key)


def merge(captured: Any, before: Any, after: Any, depth: int = 0) -> Dict[str, Any]:
    """The captured value where a callback left its plain form alone, else what the callback made of it."""
    if captured is not None and _same(before, after):
        return captured  # type: ignore[no-any-return]
    if captured is None or depth > _MAX_DEPTH or captured.get("type") == "error":
        return _captured(after, depth)
    if "fields" in captured and type(before) is dict and type(after) is dict:
        known = dict(captured["fields"])
        fields = [
            [_name(name), merge(known.get(name), before.get(name), value, depth + 1)] for name, value in after.items()
        ]
        return {**captured, "fields": fields}
    if "items" in captured and type(before) is list and type(after) is list and len(before) == len(after):
        items = [merge(*each, depth + 1) for each in zip(captured["items"], before, after)]
        return {**captured, "items": items}
    return _captured(after, depth)


def _same(before: Any, after: Any) -> bool:
    # True is not 1 here: a changed class is a change.
    return type(before) is type(after) and bool(before == after)


def _name(name: Any) -> str:
    if type(name) is not str:
        raise TypeError("a name that is no text")
    return name


def _captured(value: Any, depth: int) -> Dict[str, Any]:
    """A plain value in the shapes of host/captured.ts. Raises TypeError for anything else."""
    if depth > _MAX_DEPTH:
        raise TypeError("values nested too deeply")
    kind = type(value)
    if value is None:
        return {"type": "null"}
    if kind is bool:
        return {"type": "boolean", "value": value}
    if kind is int:
        return {"type": "int", "value": value if abs(value) < 1 << 53 else str(value)}
    if kind is float:
        return {"type": "number", "value": value if isfinite(value) else _UNUSUAL[str(value)]}
    if kind is str:
        return {"type": "string", "value": value}
    if kind is bytes:
        return {"type": "bytes", "value": value}
    if kind in (list, tuple):
        items: List[Any] = [_captured(item, depth + 1) for item in value]
        return {"type": "array", "items": items}
    if kind is dict:
        entries = [[_captured(key, depth + 1), _captured(item, depth + 1)] for key, item in value.items()]
        return {"type": "map", "entries": entries}
    raise TypeError(f"a value of the class {kind.__name__}")
