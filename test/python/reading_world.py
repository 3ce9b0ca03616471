"""Reads values into a plain memory and decodes the slots, and classes of which every method leaves a trace."""

from __future__ import annotations

import struct
from typing import Any, Callable, Dict, List, Optional

from tracepointdebug import _abi as abi
from tracepointdebug._limits import ERROR_CODES, LIMITS
from tracepointdebug.reading import Writer, make_reader
from tracepointdebug.tagged import to_tagged

MEMORY_BYTES = abi.ARENA_END + 4096


class World:
    """One memory and its writer."""

    def __init__(self, redact: Optional[Callable[[str], bool]] = None, **limits: int) -> None:
        self.memory = memoryview(bytearray(MEMORY_BYTES))
        self.writer = Writer(self.memory, redact)
        self.limits = {**LIMITS, **limits}

    def reader(self, *roots: Dict[str, Any], slots: Optional[int] = None) -> Callable[..., int]:
        return make_reader({"slots": slots or count_slots(roots), "roots": list(roots)}, self.writer, self.limits)

    def read(self, roots: List[Dict[str, Any]], *values: Any) -> List[Any]:
        """The input slots after one hit."""
        slots = count_slots(roots)
        # What was there before must not be taken for what was written.
        self.memory[abi.ARENA_BASE : abi.ARENA_BASE + slots * 16] = b"\xee" * (slots * 16)
        top = self.reader(*roots)(*values)
        assert abi.ARENA_BASE + slots * 16 <= top <= abi.ARENA_END + 8
        assert bytes(self.memory[abi.ARENA_END + 8 :]) == bytes(MEMORY_BYTES - abi.ARENA_END - 8), (
            "wrote behind the arena"
        )
        return [self.slot(abi.ARENA_BASE + index * 16) for index in range(slots)]

    def slot(self, at: int) -> Any:
        tag, length, pointer, count = struct.unpack_from("<iiii", self.memory, at)
        if tag & abi.TAG_MASK == abi.TAG_ERROR:
            code = length & abi.ERR_CODE_MASK
            up = length >> abi.ERR_UP_SHIFT
            return {
                "error": ERROR_CODES[code],
                **({"up": up} if up else {}),
                **({"unusable": True} if pointer == 1 else {}),
            }
        if tag & abi.TAG_MASK == abi.TAG_EACH:
            cut = {"cut": True} if tag & abi.FLAG_TRUNCATED else {}
            return {"each": pointer, "held": count, "size": length, **cut}
        if tag == abi.TAG_BOOL | abi.FLAG_SET:
            return {"member": pointer == 1}
        return to_tagged(self.memory, at)


def count_slots(roots: Any) -> int:
    """One more than the largest input slot."""
    found = 0
    for node in roots:
        own = [node["slot"]] if "slot" in node else []
        own += [wanted["slot"] for wanted in node.get("members", ())]
        own += [node[part]["slot"] for part in ("each", "pairs") if part in node]
        found = max([found, *[slot + 1 for slot in own], count_slots(node.get("fields", ()))])
    return found


def scalar(key: Any, slot: int = 0, **more: Any) -> Dict[str, Any]:
    return {"key": key, "slot": slot, "want": "scalar", **more}


def whole(key: Any, slot: int = 0, depth: int = 4, **more: Any) -> Dict[str, Any]:
    return {"key": key, "slot": slot, "want": "deep", "depth": depth, **more}


def holder(*fields: Dict[str, Any], key: Any = "x") -> Dict[str, Any]:
    return {"key": key, "fields": list(fields)}


def value_of(value: Any, depth: int = 4, world: Optional[World] = None, **limits: int) -> Any:
    """The value with its content, tagged."""
    return (world or World(**limits)).read([whole("x", depth=depth)], value)[0]


def field_of(value: Any, *keys: Any) -> Any:
    """What a path below a value reads as."""
    node = scalar(keys[-1])
    for key in reversed(keys[:-1]):
        node = {"key": key, "fields": [node]}
    return World().read([holder(node)], value)[0]


def size_of(value: Any) -> Any:
    return World().read([{"key": "x", "slot": 0, "want": "size"}], value)[0]


def records(value: Any, *keys: Any, go: str = "each", world: Optional[World] = None) -> Any:
    """The header of an `each` or `pairs`, and its records. No key: the element itself."""
    world = world or World()
    first = 1 if go == "pairs" else 0
    width = first + max(1, len(keys))
    element = (
        {"key": "", "fields": [scalar(key, first + index) for index, key in enumerate(keys)]}
        if keys
        else scalar("", first)
    )
    header = world.read([{"key": "x", go: {"slot": 0, "slots": width, "element": element}}], value)[0]
    if "each" not in header:
        return header
    at = header.pop("each")
    rows = [[world.slot(at + (row * width + column) * 16) for column in range(width)] for row in range(header["held"])]
    return {**header, "rows": rows}


#: Names of the methods that ran.
RAN: List[str] = []


def trap(name: str) -> Callable[..., Any]:
    """A method that leaves a trace and fails."""

    def trapped(*arguments: Any, **named: Any) -> Any:
        RAN.append(name)
        raise BaseExceptionFromProgram(name)

    return trapped


class BaseExceptionFromProgram(BaseException):
    """What the program's code would raise into ours."""


#: Whatever the interpreter looks up on a class to read, compare, convert, print or iterate.
METHODS = [
    f"__{name}__"
    for name in (
        "getattribute getattr repr str format bytes bool int float index complex hash eq ne lt le gt ge len length_hint iter next "
        "getitem contains reversed missing call enter exit reduce reduce_ex getstate sizeof dir fspath trunc round abs neg add radd "
        "sub mul iadd instancecheck subclasscheck await aiter buffer release_buffer copy deepcopy"
    ).split()
]


def traps(*spared: str) -> Dict[str, Any]:
    """A class body in which all of that is a trap."""
    return {name: trap(name) for name in METHODS if name not in spared}
