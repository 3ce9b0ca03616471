"""
What changed code does at a probe, as Python texts that are compiled anew for each version of Python before 3.12: so each has its own
instructions for it, and nothing here knows them.

GATE is a seat's gate, see seat.py. An exception of ours ends in the inserted handler; one of the program's (a signal's) goes on to the
program's own handlers.
"""

from __future__ import annotations

import functools
from types import CodeType
from typing import Any, Dict, List, Optional, Sequence, Tuple, Union

from bytecode import CellVar, FreeVar, Instr, Label
from bytecode.instr import InstrLocation

from .ops import HAS_TABLE, Op, Region, ops_of, read
from .seat import FAIL, Seat
from .swallow import SKIPPED
from .variables import Source

Constant = Tuple[str, Any]
"""("const", value) or (name of an instruction, its argument): what stands for a name of a template."""

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
_NAMES: Dict[str, Constant] = {
    "SKIPPED": ("const", SKIPPED),
    "ANY": ("const", Exception),
    "EVERY": ("const", BaseException),
    "VALUE": ("COPY", 1) if HAS_TABLE else ("DUP_TOP", None),
}


class Template:
    """Instructions to be inserted, and the values that stand for the names in them."""

    def __init__(self, text: str, names: Dict[str, Constant]) -> None:
        self._code = _compiled(text)
        self._names = {**_NAMES, **names}
        self.stack_size = self._code.co_stacksize + 2

    def ops(self, line: Optional[int], depth: int, region: Optional[Region], end: Optional[Label]) -> List[Op]:
        """The instructions for a line, with so many values on the stack, within a part of the exception table. They go on at `end`;
        without it they are those of a function that returns.
        """
        result: List[Op] = []
        ops = ops_of(read(self._code))[1 if HAS_TABLE else 0 :]
        location = InstrLocation(line, None, None, None)
        for index, op in enumerate(ops):
            own = region if op.region is None else op.region._replace(depth=op.region.depth + depth)
            if end is not None and op.instr.name == "RETURN_VALUE":
                # Its value, None, was loaded by the instruction before.
                result[-1].instr = Instr("JUMP_FORWARD", end, location=location)
                continue
            labels = op.labels
            for name, argument in self._instructions(op.instr):
                instr = (
                    Instr(name, location=location)
                    if argument is None and name != "LOAD_CONST"
                    else Instr(name, argument, location=location)
                )
                result.append(Op(instr, labels, own))
                labels = []
        return result

    def _instructions(self, instr: Instr) -> List[Tuple[str, Any]]:
        if instr.name != "LOAD_GLOBAL":
            return [(instr.name, None if instr.arg == 0 and not instr.require_arg() else instr.arg)]
        # In 3.11 the argument says as well whether a NULL is wanted below, for a call.
        name = instr.arg[1] if isinstance(instr.arg, tuple) else instr.arg
        null: List[Tuple[str, Any]] = [("PUSH_NULL", None)] if isinstance(instr.arg, tuple) and instr.arg[0] else []
        kind, value = self._names[str(name)]
        return [*null, ("LOAD_CONST" if kind == "const" else kind, value)]


@functools.lru_cache(maxsize=64)
def _compiled(text: str) -> CodeType:
    scope: Dict[str, Any] = {}
    exec(compile("def template():" + text, __file__, "exec"), scope)
    made: CodeType = scope["template"].__code__
    return made


def line_template(code: CodeType, seat: Seat, hit: int) -> Template:
    """At a line: calls `test` with its variables, and where they are no plain ones, the seat, which reads the frame."""
    loads = [_load(code, source) for source in seat.test_sources]
    if any(load is None for load in loads):
        return call_template(seat, hit)
    names = {f"A{index}": load for index, load in enumerate(loads) if load is not None}
    return Template(_LINE.format(arguments=", ".join(names)), {"GATE": ("const", seat.gate), **names})


def call_template(seat: Seat, index: int) -> Template:
    """Calls a function of the gate."""
    return Template(_CALL.format(index=index), {"GATE": ("const", seat.gate)})


def return_template(seat: Seat) -> Template:
    """In front of a return, whose value is on the stack."""
    return Template(_RETURN, {"EXIT": ("const", seat.exit)})


def fail_handler(seats: Sequence[Seat], line: Optional[int]) -> Tuple[List[Op], Label, int]:
    """A handler for the whole body of a function, to be put behind it: instructions, where it begins, values on the stack."""
    calls = "".join(_FAIL_CALL.format(seat=n, index=FAIL) for n in range(len(seats)))
    names: Dict[str, Constant] = {f"GATE{n}": ("const", seat.gate) for n, seat in enumerate(seats)}
    template = Template(_FAIL.format(calls=calls), {**names, "BODY": ("const", None)})
    ops = template.ops(line, 0, None, None)
    targets: List[Any] = [op.instr.arg for op in ops if op.instr.name == "SETUP_FINALLY"]
    targets += [op.region.target for op in ops if op.region is not None]
    start = targets[0]
    first = next(index for index, op in enumerate(ops) if start in op.labels)
    return ops[first:], start, template.stack_size


def _load(code: CodeType, source: Source) -> Optional[Constant]:
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
