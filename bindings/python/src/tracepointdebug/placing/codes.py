"""What a code object says of itself: its lines, its place in the file, its names. Reads code objects only, never runs one."""

from __future__ import annotations

import dis
import sys
from dataclasses import dataclass
from types import CodeType
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

CO_OPTIMIZED = 0x1
_CO_VARARGS = 0x4
_CO_VARKEYWORDS = 0x8
_COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>")
_RESUME = dis.opmap.get("RESUME")


@dataclass(frozen=True)
class CodePlace:
    """A code object and where it stands. Compared by identity of the code: code objects are equal by value."""

    code: CodeType
    qualname: str
    parent: Optional[CodePlace]
    """The code whose constants hold this one, where that is known and alive."""

    @property
    def is_function(self) -> bool:
        """Whether its variables are locals; not so for modules and class bodies."""
        return bool(self.code.co_flags & CO_OPTIMIZED)

    @property
    def is_comprehension(self) -> bool:
        """Comprehensions are code objects of their own before 3.12; generator expressions always are."""
        return self.code.co_name in _COMPREHENSIONS

    @property
    def function_name(self) -> str:
        """Empty for modules and class bodies."""
        return self.code.co_name if self.is_function else ""

    @property
    def class_name(self) -> str:
        """Of the class whose method or body this is, with the classes around it; else empty."""
        if self.code.co_name == "<module>":
            return ""
        path = self.qualname.split(".") if self.is_function else [*self.qualname.split("."), ""]
        classes: List[str] = []
        for part in reversed(path[:-1]):
            if part == "<locals>":
                break
            classes.append(part)
        return ".".join(reversed(classes))


def root_place(code: CodeType, qualname: str) -> CodePlace:
    """A code object found on its own. `qualname`: its function's, which decorators may have borrowed from another."""
    if sys.version_info >= (3, 11):
        return CodePlace(code, code.co_qualname, None)
    return CodePlace(code, qualname if qualname.rsplit(".", maxsplit=1)[-1] == code.co_name else code.co_name, None)


def nested(place: CodePlace) -> Iterator[CodePlace]:
    """The place and all code objects within it, outermost first."""
    yield place
    for constant in place.code.co_consts:
        if type(constant) is CodeType:
            yield from nested(CodePlace(constant, _qualname(constant, place), place))


def _qualname(code: CodeType, parent: CodePlace) -> str:
    if sys.version_info >= (3, 11):
        return code.co_qualname
    if parent.code.co_name == "<module>" and not parent.is_function:
        return code.co_name
    return f"{parent.qualname}.<locals>.{code.co_name}" if parent.is_function else f"{parent.qualname}.{code.co_name}"


def lines_of(code: CodeType) -> List[int]:
    """The lines at which a debugger would stop in the code object itself, in ascending order."""
    return sorted({line for _, line in line_starts(code)})


def line_starts(code: CodeType) -> Iterator[Tuple[int, int]]:
    """Offset and line of each run of instructions, without those before the function's body."""
    body = _body_offset(code)
    if sys.version_info >= (3, 10):
        for start, end, line in code.co_lines():
            if line is not None and end > max(start, body):
                yield start, line
    else:
        yield from dis.findlinestarts(code)


def _body_offset(code: CodeType) -> int:
    """Where the body begins: behind RESUME and what stands before it (3.11 and later)."""
    if _RESUME is None:
        return 0
    raw = code.co_code
    for offset in range(0, len(raw), 2):
        if raw[offset] == _RESUME:
            return offset + 2
    return 0


def begins_at_once(code: CodeType) -> bool:
    """Whether the body begins on the very line at which calls begin, as in `def f(): return 1`."""
    body = _body_offset(code)
    if body == 0:
        return False
    lines = [line for start, end, line in code.co_lines() if start < body + 2 and end > body - 2]
    return len(set(lines)) == 1


def column_of(code: CodeType, line: int) -> int:
    """Column, from 1, of the first instruction on a line; 1 where it is not known."""
    if sys.version_info >= (3, 11):
        columns = [
            column + 1
            for start, _, column, _ in code.co_positions()
            if start == line and column is not None and column >= 0
        ]
        return min(columns, default=1)
    return 1


def argument_names(code: CodeType) -> Tuple[str, ...]:
    """Names of the parameters, `*args` and `**kwargs` last."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & _CO_VARARGS) + bool(code.co_flags & _CO_VARKEYWORDS)
    return code.co_varnames[:count]


def local_names(code: CodeType) -> Tuple[str, ...]:
    """Names that can be read there: arguments, locals, cells, and variables of the functions around that are used. Of code that is
    not a function's: the names that it sets.
    """
    if not code.co_flags & CO_OPTIMIZED:
        stores = ("STORE_NAME", "STORE_GLOBAL")
        found: Sequence[str] = [str(i.argval) for i in dis.get_instructions(code) if i.opname in stores]
    else:
        found = code.co_varnames + code.co_cellvars + code.co_freevars
    # Those with a dot are the compiler's own.
    return tuple(dict.fromkeys(name for name in found if not name.startswith(".")))


def this_name(place: CodePlace) -> Optional[str]:
    """Name of a method's first argument, if the code is that of a method."""
    code = place.code
    if not place.is_function or place.class_name == "" or place.is_comprehension or code.co_name == "<lambda>":
        return None
    # A static method looks the same: only the name of its first argument can tell.
    return code.co_varnames[0] if code.co_argcount > 0 else None


def by_identity(places: Sequence[CodePlace]) -> List[CodePlace]:
    """Each code object once, with all the code objects around it that are known from any of the places."""
    found: Dict[int, CodePlace] = {}
    for place in places:
        known = found.get(id(place.code))
        if known is None or (known.parent is None and place.parent is not None):
            found[id(place.code)] = place

    def settled(place: CodePlace) -> CodePlace:
        parent = None if place.parent is None else settled(found.get(id(place.parent.code), place.parent))
        return CodePlace(place.code, place.qualname, parent)

    return [settled(place) for place in found.values()]
