"""Verifies the `probe` section of a module: what it says of itself must agree with what it is.

Its projection must stay within its own slots, because a reader writes where the projection says. Mirrors host/section.ts.
"""

from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from .. import _abi as abi
from .._limits import LIMITS, MAXIMA
from .._modules import EXPORT_NAMES

WANTS = ("presence", "size", "scalar", "deep")
# Steps of paths in one projection: each stands for a syntax node or holds a slot.
MAX_NODES = LIMITS["nodes"] + LIMITS["slots"]
# The integers that every reader of JSON keeps exactly.
MAX_SAFE_INTEGER = 2**53 - 1

SLOT_OUT_OF_RANGE = "a slot of its projection is out of range"
PROJECTION_TOO_LARGE = "its projection is too large or malformed"


class Facts(NamedTuple):
    """What the rest of the module showed."""

    exported: str
    data_bytes: int
    steps: int
    arena_bytes: int


def _is_count(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def fault_of_section(section: object, facts: Facts) -> Optional[str]:
    """What is wrong with a section as it was parsed from JSON, or None."""
    if not isinstance(section, dict):
        return "it is no object"
    if section.get("abi") != abi.ABI_VERSION or type(section["abi"]) is not int:
        return f"it was made for abi {str(section.get('abi', 'undefined'))[:20]}, this is {abi.ABI_VERSION}"
    entry = section.get("entry")
    if type(entry) is not str or entry not in EXPORT_NAMES:
        return "its entry is unknown"
    if EXPORT_NAMES[entry] != facts.exported:
        return f"its entry is {entry}, but the module exports `{facts.exported}`"
    if type(section.get("source")) is not str:
        return "it has no source"
    if not _is_count(section.get("cost"), LIMITS["cost"]):
        return "its cost is out of range"
    if not _is_count(section.get("dataBytes"), facts.data_bytes) or section["dataBytes"] != facts.data_bytes:
        return f"it says {str(section.get('dataBytes', 'undefined'))[:20]} bytes of data, there are {facts.data_bytes}"
    limits = section.get("limits")
    if not isinstance(limits, dict) or limits.get("steps") != facts.steps:
        return "its limits are not those of its code"
    if limits.get("arenaBytes") != facts.arena_bytes:
        return "its limits are not those of its code"
    for name, most in MAXIMA.items():
        if not _is_count(limits.get(name), most):
            return f"its limit `{name}` is out of range"
    if not _is_count(section.get("slots"), LIMITS["slots"]):
        return "its number of slots is out of range"
    return _fault_of_projection(section.get("roots"), section["slots"])


def _fault_of_projection(roots: object, slots: int) -> Optional[str]:
    if not isinstance(roots, list):
        return "it has no projection"
    # What is left to look at: a node, and how many slots there are where it lies, the input or one record.
    pending: List[Tuple[object, int]] = [(node, slots) for node in roots]
    seen = 0
    while pending:
        node, room = pending.pop()
        if seen > MAX_NODES or not isinstance(node, dict):
            return PROJECTION_TOO_LARGE
        seen += 1
        fault = _fault_of_node(node, room) or _spread(node, room, pending)
        if fault is not None:
            return fault
    for root in roots:
        if type(root["key"]) is not str:
            return "a variable of its projection has no name"
    return None


def _fault_of_node(node: Dict[str, Any], slots: int) -> Optional[str]:
    key = node.get("key")
    if type(key) is not str and not (type(key) is int and abs(key) <= MAX_SAFE_INTEGER):
        return "a key of its projection is neither text nor a position"
    if ("slot" in node) != ("want" in node):
        return "a slot of its projection has no purpose"
    if "slot" in node and (not _is_count(node["slot"], slots - 1) or node["want"] not in WANTS):
        return SLOT_OUT_OF_RANGE
    if "depth" in node and not _is_count(node["depth"], LIMITS["valueDepth"]):
        return "a depth of its projection is out of range"
    if "cap" in node and not _is_count(node["cap"], MAX_SAFE_INTEGER):
        return "a cap of its projection is out of range"
    return None


def _spread(node: Dict[str, Any], slots: int, pending: List[Tuple[object, int]]) -> Optional[str]:
    """Checks what hangs on a node, and notes what is to be looked at next."""
    if "members" in node:
        members = node["members"]
        if not isinstance(members, list) or len(members) > MAX_NODES:
            return PROJECTION_TOO_LARGE
        for member in members:
            named = isinstance(member, dict) and type(member.get("key")) is str
            if not named or not _is_count(member.get("slot"), slots - 1):
                return SLOT_OUT_OF_RANGE
    if "fields" in node:
        if not isinstance(node["fields"], list):
            return PROJECTION_TOO_LARGE
        pending.extend((field, slots) for field in node["fields"])
    for name in ("each", "pairs"):
        if name not in node:
            continue
        records = node[name]
        if not isinstance(records, dict) or not _is_count(records.get("slot"), slots - 1):
            return SLOT_OUT_OF_RANGE
        if not _is_count(records.get("slots"), LIMITS["slots"]) or (name == "pairs" and records["slots"] == 0):
            return SLOT_OUT_OF_RANGE
        pending.append((records.get("element"), records["slots"]))
    return None
