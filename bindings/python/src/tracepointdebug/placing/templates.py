"""
What changed code does at a probe, as Python texts that are compiled anew for each version of Python before 3.12: so each has its own
instructions for it, and nothing here knows them.

GATE is a seat's gate, see seat.py. An exception of ours ends in the inserted handler; one of the program's (a signal's) goes on to the
program's own handlers.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Sequence, Tuple, Union

from bytecode import CellVar, FreeVar, Instr, Label
from bytecode.instr import InstrLocation

from .ops import HAS_TABLE, Op, Region, body_index, ops_of, read
from .seat import FAIL, Seat
from .swallow import SKIPPED

if TYPE_CHECKING:
    from types import CodeType

    from .variables import Source

Stand = Tuple[Any, ...]
"""Name of an instruction and its argument, if any: what stands for a name of a template."""

_LINE = """
    try:
        if GATE[0]({arguments}): GATE[1]()
    except SKIPPED: pass
    except ANY:
        if GATE[2](): raise
"""
_CALL = """
    try: GATE[{index}]()
    except SKIPPED: pass
"""
_RETURN = """
    try: VALUE in EXIT
    except SKIPPED: pass
"""
_FAIL = """
    try: BODY
    except EVERY:
{calls}
        raise
"""
_FAIL_CALL = """
        try: GATE{seat}[{index}]()
        except SKIPPED: pass
"""
_NAMES: Dict[str, Stand] = {
    "SKIPPED": ("LOAD_CONST", SKIPPED),
    "ANY": ("LOAD_CONST", Exception),
    "EVERY": ("LOAD_CONST", BaseException),
    "VALUE": ("COPY", 1) if HAS_TABLE else ("DUP_TOP",),
}


class Template:
    """Instructions to be inserted, and the values that stand for the names in them."""

    def __init__(self, text: str, names: Dict[str, Stand]) -> None:
        self._ops, self.stack_size = _parsed(text)
        self._names = {**_NAMES, **names}

    def ops(self, line: Optional[int], depth: int, region: Optional[Region], end: Optional[Label]) -> List[Op]:
        """The instructions for a line, with so many values on the stack, within a part of the exception table. They go on at `end`;
        without it they are those of a function that returns.
        """
        result: List[Op] = []
        renamed: Dict[int, Label] = {}

        def own(label: Label) -> Label:
            return renamed.setdefault(id(label), Label())

        location = InstrLocation(line, None, None, None)
        for op in self._ops:
            if end is not None and op.instr.name == "RETURN_VALUE":
                # Its value, None, was loaded by the instruction before.
                result[-1].instr = Instr("JUMP_FORWARD", end, location=location)
                continue
            inside = region
            if op.region is not None:
                inside = Region(own(op.region.target), op.region.push_lasti, op.region.depth + depth)
            labels = [own(label) for label in op.labels]
            for name, *given in self._instructions(op.instr):
                argument = [own(value) if isinstance(value, Label) else value for value in given]
                result.append(Op(Instr(name, *argument, location=location), labels, inside))
                labels = []
        return result

    def _instructions(self, instr: Instr) -> List[Tuple[Any, ...]]:
        """Name and argument, if any, of what stands for an instruction of the text."""
        if instr.name != "LOAD_GLOBAL":
            return [(instr.name, instr.arg) if instr.require_arg() else (instr.name,)]
        # In 3.11 the argument says as well whether a NULL is wanted below, for a call.
        name = instr.arg[1] if isinstance(instr.arg, tuple) else instr.arg
        null: List[Tuple[Any, ...]] = [("PUSH_NULL",)] if isinstance(instr.arg, tuple) and instr.arg[0] else []
        return [*null, self._names[str(name)]]


@functools.lru_cache(maxsize=64)
def _parsed(text: str) -> Tuple[List[Op], int]:
    """The instructions of a text, and how many values they put on the stack at most."""
    scope: Dict[str, Any] = {}
    exec(compile("def template():" + text, __file__, "exec"), scope)
    code: CodeType = scope["template"].__code__
    ops = ops_of(read(code))
    return ops[body_index(ops) :], code.co_stacksize + 2


def line_template(code: CodeType, seat: Seat, hit: int) -> Template:
    """At a line: calls `test` with its variables, and where they are no plain ones, the seat, which reads the frame."""
    loads = [_load(code, source) for source in seat.test_sources]
    if any(load is None for load in loads):
        return call_template(seat, hit)
    names = {f"A{index}": load for index, load in enumerate(loads) if load is not None}
    return Template(_LINE.format(arguments=", ".join(names)), {"GATE": ("LOAD_CONST", seat.gate), **names})


def call_template(seat: Seat, index: int) -> Template:
    """Calls a function of the gate."""
    return Template(_CALL.format(index=index), {"GATE": ("LOAD_CONST", seat.gate)})


def return_template(seat: Seat) -> Template:
    """In front of a return, whose value is on the stack."""
    return Template(_RETURN, {"EXIT": ("LOAD_CONST", seat.exit)})


def fail_handler(seats: Sequence[Seat], line: Optional[int]) -> Tuple[List[Op], Label, int]:
    """A handler for the whole body of a function, to be put behind it: instructions, where it begins, values on the stack."""
    calls = "".join(_FAIL_CALL.format(seat=n, index=FAIL) for n in range(len(seats)))
    names: Dict[str, Stand] = {f"GATE{n}": ("LOAD_CONST", seat.gate) for n, seat in enumerate(seats)}
    template = Template(_FAIL.format(calls=calls), {**names, "BODY": ("LOAD_CONST", None)})
    ops = template.ops(line, 0, None, None)
    targets: List[Any] = [op.instr.arg for op in ops if op.instr.name == "SETUP_FINALLY"]
    targets += [op.region.target for op in ops if op.region is not None]
    start = targets[0]
    first = next(index for index, op in enumerate(ops) if start in op.labels)
    return ops[first:], start, template.stack_size


def _load(code: CodeType, source: Source) -> Optional[Stand]:
    kind, name = source
    if kind == "global":
        return ("LOAD_GLOBAL", (False, name) if HAS_TABLE else name)
    if kind != "local":
        return None
    argument: Union[str, CellVar, FreeVar] = name
    if name in code.co_cellvars:
        argument = CellVar(name)
    elif name in code.co_freevars:
        argument = FreeVar(name)
    return ("LOAD_FAST" if isinstance(argument, str) else "LOAD_DEREF", argument)
