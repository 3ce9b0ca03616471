"""A function's bytecode as a list in which one may insert: instructions with the labels in front of them and the part of the exception
table that they are in. Before 3.12 only; `bytecode` does offsets, jumps, EXTENDED_ARG and the tables of lines.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Dict, List, NamedTuple, Optional, Sequence, Tuple

from bytecode import Bytecode, ConcreteBytecode, Instr, Label, TryBegin, TryEnd

if TYPE_CHECKING:
    from types import CodeType

HAS_TABLE = sys.version_info >= (3, 11)


class Region(NamedTuple):
    """What the exception table of 3.11 says of an instruction: where an exception goes, with how much of the stack."""

    target: Label
    push_lasti: bool
    depth: int


class Op:
    """One instruction."""

    __slots__ = ("instr", "labels", "region")

    def __init__(self, instr: Instr, labels: List[Label], region: Optional[Region]) -> None:
        self.instr = instr
        self.labels = labels
        self.region = region

    @property
    def line(self) -> Optional[int]:
        """Its line; None for what the compiler has added."""
        line = self.instr.lineno
        return line if type(line) is int else None


def read(code: CodeType) -> Bytecode:
    """The bytecode of a code object, with everything that is needed to make one again."""
    concrete = ConcreteBytecode.from_code(code)
    made = concrete.to_bytecode(conserve_exception_block_stackdepth=True) if HAS_TABLE else concrete.to_bytecode()
    # All locals in their old order, used or not: locals() shows them.
    made.argnames = list(code.co_varnames)
    return made


def ops_of(bytecode: Bytecode) -> List[Op]:
    """The instructions of a bytecode."""
    ops: List[Op] = []
    labels: List[Label] = []
    region: Optional[Region] = None
    for item in bytecode:
        if isinstance(item, Label):
            labels.append(item)
        elif isinstance(item, TryBegin):
            region = Region(item.target, item.push_lasti, item.stack_depth)
        elif isinstance(item, TryEnd):
            region = None
        elif isinstance(item, Instr):
            ops.append(Op(item, labels, region))
            labels = []
    return ops


def write(bytecode: Bytecode, ops: Sequence[Op], stack_size: int) -> CodeType:
    """The code object of changed instructions."""
    items: List[Any] = []
    region: Optional[Region] = None
    begun: Optional[TryBegin] = None
    for op in ops:
        if op.region != region and begun is not None:
            items.append(TryEnd(begun))
            begun = None
        items.extend(op.labels)
        if op.region != region and op.region is not None:
            begun = TryBegin(op.region.target, op.region.push_lasti, op.region.depth)
            items.append(begun)
        region = op.region
        items.append(op.instr)
    if begun is not None:
        items.append(TryEnd(begun))
    bytecode[:] = items
    concrete = bytecode.to_concrete_bytecode(compute_exception_stack_depths=False)
    made: CodeType = concrete.to_code(stacksize=stack_size, compute_exception_stack_depths=False)
    if sys.version_info[:2] == (3, 10):
        # `bytecode` loses the line of what follows instructions without one, if it is the line from before them.
        made = made.replace(co_linetable=_line_table([(instr.size, op.line) for instr, op in zip(concrete, ops)], made))
    return made


def _line_table(sizes: Sequence[Tuple[int, Optional[int]]], code: CodeType) -> bytes:
    """The table of 3.10: pairs of bytes of code and difference of lines, -128 for no line (Objects/lnotab_notes.txt)."""
    table = bytearray()
    last = code.co_firstlineno
    index = 0
    while index < len(sizes):
        line = sizes[index][1]
        length = 0
        while index < len(sizes) and sizes[index][1] == line:
            length += sizes[index][0]
            index += 1
        delta = 0 if line is None else line - last
        while abs(delta) > 127:
            step = max(-127, min(127, delta))
            table += bytes((0, step & 0xFF))
            delta -= step
        word = 0x80 if line is None else delta & 0xFF
        while length > 254:
            table += bytes((254, word))
            length -= 254
            word = 0x80 if line is None else 0
        table += bytes((length, word))
        last = last if line is None else line
    return bytes(table)


def body_index(ops: Sequence[Op]) -> int:
    """Where the function's body begins."""
    for index, op in enumerate(ops):
        if op.instr.name in ("RESUME", "GEN_START"):
            return index + 1
        if index == 0 and not HAS_TABLE:
            return 0
    return 0


def depths_of(ops: Sequence[Op]) -> List[int]:
    """How many values are on the stack before each instruction (3.11); -1 where none leads to it."""
    at: Dict[int, int] = {id(label): index for index, op in enumerate(ops) for label in op.labels}
    depths = [-1] * len(ops)
    waiting = [(0, 0)]
    while waiting:
        index, depth = waiting.pop()
        while index < len(ops) and depths[index] < 0:
            depths[index] = depth
            op = ops[index]
            if op.region is not None:
                waiting.append((at[id(op.region.target)], op.region.depth + op.region.push_lasti + 1))
            target = op.instr.arg
            if isinstance(target, Label):
                waiting.append((at[id(target)], depth + op.instr.stack_effect(jump=True)))
            if op.instr.name == "RETURN_GENERATOR":
                depth += 1  # it comes back with what is sent first, None
            elif op.instr.is_final():
                break
            else:
                depth += op.instr.stack_effect(jump=False)
            index += 1
    return depths
