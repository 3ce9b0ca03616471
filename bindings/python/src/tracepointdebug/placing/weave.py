"""Makes a code object that calls its seats, before 3.12. Where a line begins is where a debugger would stop: at each way into it from
another line, and at each jump back.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Dict, List, NamedTuple, Optional, Sequence, Set, Tuple

from bytecode import Instr, Label

from .limits import MAX_WOVEN_BYTES
from .ops import HAS_TABLE, Op, Region, body_index, depths_of, ops_of, read, write
from .problems import EngineRefusedError
from .seat import ENTER, HIT, Seat
from .templates import Template, call_template, fail_handler, line_template, return_template

if TYPE_CHECKING:
    from types import CodeType

_SETUPS = ("SETUP_FINALLY", "SETUP_WITH", "SETUP_ASYNC_WITH")


def woven(code: CodeType, seats: Sequence[Seat]) -> CodeType:
    """The code with calls of the seats in it. Raises EngineRefusedError."""
    if len(code.co_code) > MAX_WOVEN_BYTES:
        raise EngineRefusedError(f"its bytecode is longer than {MAX_WOVEN_BYTES // 1024} KiB")
    weaver = _Weaver(code)
    for line in sorted({seat.line for seat in seats if seat.at == "line"}):
        weaver.line(line, [seat for seat in seats if seat.at == "line" and seat.line == line])
    exits = [seat for seat in seats if seat.at == "exit"]
    if exits:
        weaver.exits(exits)
    for seat in seats:
        if seat.at == "entry" or seat.needs_start:
            weaver.entry(call_template(seat, HIT if seat.at == "entry" else ENTER))
    made = weaver.made()
    if _has_docstring(made) != _has_docstring(code):
        raise EngineRefusedError("its docstring would change")
    return made


def _has_docstring(code: CodeType) -> bool:
    return bool(code.co_consts) and type(code.co_consts[0]) is str


class _Start(NamedTuple):
    """Where a line begins: in front of `op`. `jumps`: the instructions whose jumps to it count; None: all ways to it count."""

    op: Op
    falls_in: bool
    jumps: Optional[Set[int]]
    handles: bool = True
    """Whether exceptions that lead to it count."""


class _Weaver:
    def __init__(self, code: CodeType) -> None:
        self._code = code
        self._bytecode = read(code)
        self._ops = ops_of(self._bytecode)
        self._body = self._ops[body_index(self._ops)]
        self._stack = 0
        depths = depths_of(self._ops) if HAS_TABLE else [0] * len(self._ops)
        self._depths = {id(op): max(depth, 0) for op, depth in zip(self._ops, depths)}

    def made(self) -> CodeType:
        return write(self._bytecode, self._ops, self._code.co_stacksize + self._stack)

    def line(self, line: int, seats: Sequence[Seat]) -> None:
        """Calls the seats wherever the line begins."""
        templates = [line_template(self._code, seat, HIT) for seat in seats]
        for start in self._starts(line):
            inserted, end = self._inserted(templates, line, start.op)
            self._insert(start, inserted, end)

    def entry(self, template: Template) -> None:
        """Does something when the body begins, and not when a loop that begins there comes round."""
        at = body_index(self._ops)
        end = Label()
        self._ops[at].labels.append(end)
        self._ops[at:at] = template.ops(self._code.co_firstlineno, 0, None, end)
        self._stack = max(self._stack, template.stack_size)

    def exits(self, seats: Sequence[Seat]) -> None:
        """Calls the seats before each return, and when an exception leaves the function."""
        handler, target, stack = fail_handler(seats, self._code.co_firstlineno)
        self._stack = max(self._stack, stack)
        returns = [op for op in self._ops if op.instr.name == "RETURN_VALUE"]
        if HAS_TABLE:
            for op in self._ops[body_index(self._ops) :]:
                if op.region is None and op.instr.name != "RETURN_VALUE":
                    op.region = Region(target, push_lasti=False, depth=0)
        templates = [return_template(seat) for seat in seats]
        for op in returns:
            inserted, end = self._inserted(templates, op.line, op)
            if not HAS_TABLE:
                inserted.insert(0, self._plain("POP_BLOCK", op))
            self._insert(_Start(op, falls_in=True, jumps=None), inserted, end)
        if not HAS_TABLE:
            self._ops.insert(body_index(self._ops), self._plain("SETUP_FINALLY", self._body, target))
        self._ops += handler

    def _plain(self, name: str, beside: Op, target: Optional[Label] = None) -> Op:
        line = beside.line or self._code.co_firstlineno
        return Op(Instr(name, lineno=line) if target is None else Instr(name, target, lineno=line), [], None)

    def _inserted(self, templates: Sequence[Template], line: Optional[int], op: Op) -> Tuple[List[Op], Label]:
        """What stands in front of an instruction, and the label that has to stand there."""
        result: List[Op] = []
        end: Optional[Label] = None
        for template in templates:
            self._stack = max(self._stack, template.stack_size)
            own_end = Label()
            ops = template.ops(line, self._depths.get(id(op), 0), op.region, own_end)
            if end is not None:
                ops[0].labels = [end, *ops[0].labels]
            result += ops
            end = own_end
        assert end is not None
        return result, end

    def _insert(self, start: _Start, inserted: List[Op], end: Label) -> None:
        op = start.op
        old, op.labels = op.labels, [end]
        if start.falls_in and start.jumps is None:
            inserted[0].labels = [*old, *inserted[0].labels]
        else:
            # The ways that do not count go past what is inserted, to the old labels.
            begin = Label()
            inserted[0].labels = [begin, *inserted[0].labels]
            op.labels += old
            for other in self._ops:
                if (start.jumps is None or id(other) in start.jumps) and other.instr.arg in old:
                    other.instr.arg = begin
                if start.handles and other.region is not None and other.region.target in old:
                    other.region = other.region._replace(target=begin)
            if not start.falls_in:
                skip = Label()
                op.labels.append(skip)
                line = op.line or self._code.co_firstlineno
                inserted.insert(0, Op(Instr("JUMP_FORWARD", skip, lineno=line), [], op.region))
        at = self._ops.index(op)
        self._ops[at:at] = inserted

    def _starts(self, line: int) -> List[_Start]:
        ops = self._ops
        first = ops.index(self._body)
        jumps: Dict[int, List[Tuple[int, Op]]] = {}
        handled: Dict[int, Set[int]] = {}
        for index, op in enumerate(ops):
            if isinstance(op.instr.arg, Label):
                jumps.setdefault(id(op.instr.arg), []).append((index, op))
            if op.region is not None and op.line is not None:
                handled.setdefault(id(op.region.target), set()).add(op.line)
        found: List[_Start] = []
        for index in range(first, len(ops)):
            op = ops[index]
            if op.line != line:
                continue
            before = ops[index - 1] if index > first else None
            falls = before is None or not before.instr.is_final()
            falls_in = falls and (before is None or before.line != line)
            ways = {id(way): (at, way) for label in op.labels for at, way in jumps.get(id(label), ())}
            if sys.version_info < (3, 10):
                # A debugger stops where a line begins in the table, however it comes there; else only for jumps back.
                if before is None or before.line != line:
                    found.append(_Start(op, falls_in=True, jumps=None))
                    continue
                falls_in = before.instr.name == "CALL_FINALLY"  # which comes back from further down
            counted = {key for key, (at, way) in ways.items() if self._counts(way, at, index, line)}
            handles = [lines != {line} for label in op.labels for lines in [handled.get(id(label))] if lines]
            if falls_in or counted or any(handles):
                is_all = len(counted) == len(ways) and all(handles)
                start = self._before_call(op)
                found.append(_Start(start, falls_in or not falls, None if is_all else counted, any(handles)))
        return found

    def _counts(self, jump: Op, at: int, target: int, line: int) -> bool:
        """Whether a debugger stops for a jump: from another line, or back, but not while an `await` waits."""
        if jump.instr.name in _SETUPS:
            # No jump: exceptions lead there, from the instructions up to the end of the block.
            return sys.version_info >= (3, 9) and any(op.line != line for op in self._block(at))
        if sys.version_info < (3, 10):
            return at > target
        return jump.line != line or (at > target and jump.instr.name != "JUMP_BACKWARD_NO_INTERRUPT")

    def _block(self, at: int) -> List[Op]:
        depth = 0
        for index in range(at, len(self._ops)):
            name = self._ops[index].instr.name
            depth += (name in _SETUPS) - (name == "POP_BLOCK")
            if depth == 0:
                return self._ops[at:index]
        return self._ops[at:]

    def _before_call(self, op: Op) -> Op:
        """In 3.11 a call may consist of up to three instructions that belong together."""
        index = self._ops.index(op)
        while index > 0 and self._ops[index - 1].instr.name in ("KW_NAMES", "PRECALL"):
            index -= 1
        return self._ops[index]
