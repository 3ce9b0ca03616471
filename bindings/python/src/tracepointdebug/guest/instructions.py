"""Verifies the body of one function of a probe module, instruction by instruction.

Knows the few shapes in which the compiler writes globals and memory and heads its loops, and refuses every other. Never
recurses: nesting is a list of numbers. Mirrors host/instructions.ts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, List, NamedTuple, Tuple

from .. import _abi as abi
from .._limits import MAXIMA
from .._modules import OPCODES as OP

if TYPE_CHECKING:
    from .binary import BinaryReader

# Locals of one function: two or three a syntax node.
MAX_LOCALS = 10_000
# Blocks within blocks: a few a level of the expression.
MAX_BLOCKS = 1024
MEMORY_BYTES = abi.MEMORY_PAGES * abi.PAGE_BYTES

NO_RESULT = 0x40
I32 = 0x7F

# Global indexes, fixed by the order of the imports.
BASE = 0
STEPS = 1
TOP = 2
ARENA = 3

# What follows an opcode. 0: it is not allowed.
(
    PLAIN,
    BLOCK,
    ELSE,
    END,
    LABEL,
    CALL,
    LOCAL,
    GLOBAL_GET,
    GLOBAL_SET,
    LOAD_I32,
    LOAD_F64,
    STORE,
    CONST_I32,
    CONST_F64,
    LOOP,
    DIVIDE,
) = range(1, 17)

# Last of the comparisons, arithmetic and conversions: no immediates, no memory, no control.
LAST_NUMERIC = 0xC4
KIND = [0] * 256
for _opcode in OP.values():
    if OP["i32Eqz"] <= _opcode <= LAST_NUMERIC:
        KIND[_opcode] = PLAIN
for _name, _kind in (
    ("drop", PLAIN),
    ("select", PLAIN),
    ("block", BLOCK),
    ("if", BLOCK),
    ("loop", LOOP),
    ("else", ELSE),
    ("end", END),
    ("br", LABEL),
    ("brIf", LABEL),
    ("call", CALL),
    ("localGet", LOCAL),
    ("localSet", LOCAL),
    ("localTee", LOCAL),
    ("globalGet", GLOBAL_GET),
    ("globalSet", GLOBAL_SET),
    ("i32Load", LOAD_I32),
    ("f64Load", LOAD_F64),
    ("i32Store", STORE),
    ("i32Const", CONST_I32),
    ("f64Const", CONST_F64),
    # Integer division traps on zero.
    ("i32DivU", DIVIDE),
):
    KIND[OP[_name]] = _kind

# `global.get steps; i32.const 1; i32.sub; global.set steps; global.get steps; i32.const 0; i32.lt_s; if`
LOOP_HEAD = (
    *(OP["globalGet"], STEPS, OP["i32Const"], 1, OP["i32Sub"], OP["globalSet"], STEPS),
    *(OP["globalGet"], STEPS, OP["i32Const"], 0, OP["i32LtS"], OP["if"], NO_RESULT),
)
# `i32.load offset=12`, the count of a list.
LOAD_COUNT = bytes((OP["i32Load"], 2, abi.SLOT_COUNT))


class Budget(NamedTuple):
    """What a module gives itself at its start."""

    steps: int
    arena_bytes: int


def verify_entry(r: BinaryReader, end: int, imported: int) -> Budget:
    """The body that is exported: its locals, then its budget of steps and memory, then anything harmless."""
    names = 1 + _declared_locals(r)
    r.expect_all(
        (OP["localGet"], 0, OP["globalSet"], TOP, OP["i32Const"]),
        "forbidden_write",
        "the arena does not start where the caller said",
    )
    start = r.at
    steps = r.s32()
    if not 1 <= steps <= MAXIMA["steps"]:
        r.fail("unbounded_loop", f"a budget of {steps} steps, 1 to {MAXIMA['steps']} are allowed", start)
    r.expect_all((OP["globalSet"], STEPS, OP["i32Const"]), "unbounded_loop", "the step budget is not set first")
    start = r.at
    arena_bytes = r.s32() - abi.ARENA_BASE
    if not 1 <= arena_bytes <= MAXIMA["arenaBytes"]:
        r.fail("memory_limit", f"an arena of {arena_bytes} bytes, 1 to {MAXIMA['arenaBytes']} are allowed", start)
    r.expect_all((OP["globalSet"], ARENA), "memory_limit", "the end of the arena is not set")
    _verify_instructions(r, end, imported, names)
    return Budget(steps, arena_bytes)


def _declared_locals(r: BinaryReader) -> int:
    start = r.at
    groups = r.u32()
    if groups == 0:
        return 0
    if groups != 1:
        r.fail("malformed", "locals are declared in more than one group", start)
    count = r.u32()
    if count > MAX_LOCALS:
        r.fail("too_large", f"{count} locals, {MAX_LOCALS} are allowed", start)
    r.expect(I32, "malformed", "a local is not an i32")
    return count


def _verify_instructions(r: BinaryReader, end: int, imported: int, names: int) -> None:
    # One entry an open block: its opcode. The first is the function itself.
    opened: List[int] = [OP["block"]]
    # Where the last five instructions began, the latest first.
    before = (0, 0, 0, 0, 0)
    while r.at < end:
        at = r.at
        opcode = r.byte()
        kind = KIND[opcode]
        if kind == PLAIN:
            pass
        elif kind == LOCAL:
            if r.u32() >= names:
                r.fail("malformed", "there is no such local", at)
        elif kind == CONST_I32:
            r.s32()
        elif kind == LOAD_I32:
            _verify_access(r, 2)
        elif kind == LOAD_F64:
            _verify_access(r, 3)
        elif kind == GLOBAL_GET:
            if r.u32() > ARENA:
                r.fail("malformed", "there is no such global", at)
        elif kind == CALL:
            _verify_call(r, imported, at)
        elif kind == BLOCK:
            _verify_block_type(r)
            _enter(r, opened, opcode)
        elif kind == LOOP:
            r.expect(NO_RESULT, "unbounded_loop", "a loop may not leave a value")
            _enter(r, opened, opcode)
            _verify_loop_head(r, len(opened), imported)
        elif kind == ELSE:
            if opened[-1] != OP["if"]:
                r.fail("unbalanced", "an `else` without an `if`", at)
            opened[-1] = OP["else"]
        elif kind == END:
            opened.pop()
            if not opened:
                if r.at != end:
                    r.fail("unbalanced", "instructions follow the end of the function", r.at)
                return
        elif kind == LABEL:
            if r.u32() >= len(opened):
                r.fail("unbalanced", "a branch leaves more blocks than are open", at)
        elif kind == CONST_F64:
            r.at += 8
        elif kind == DIVIDE:
            divisor = before[0]
            if r.bytes[divisor] != OP["i32Const"] or r.bytes[divisor + 1] == 0:
                r.fail("forbidden_opcode", "division by something else than a constant", at)
        elif kind == STORE:
            _verify_store(r, at, before)
        elif kind == GLOBAL_SET:
            r.fail("forbidden_write", "a global is set elsewhere than at the start and at the head of a loop", at)
        else:
            r.fail("forbidden_opcode", f"opcode 0x{opcode:02x} is not allowed", at)
        before = (at, *before[:4])
    r.fail("unbalanced", "the function does not end")


def _enter(r: BinaryReader, opened: List[int], opcode: int) -> None:
    opened.append(opcode)
    if len(opened) > MAX_BLOCKS:
        r.fail("too_large", f"more than {MAX_BLOCKS} blocks within blocks")


def _verify_block_type(r: BinaryReader) -> None:
    if r.byte() not in (NO_RESULT, I32):
        r.fail("malformed", "a block leaves something else than nothing or an i32", r.at - 1)


def _verify_call(r: BinaryReader, imported: int, at: int) -> None:
    if r.u32() >= imported:
        r.fail("forbidden_opcode", "only functions of the engine may be called", at)


def _verify_access(r: BinaryReader, align: int) -> None:
    start = r.at
    if r.u32() != align or r.u32() >= MEMORY_BYTES:
        r.fail("malformed", "an access to memory with an alignment or offset that is not ours", start)


def _verify_loop_head(r: BinaryReader, opened: int, imported: int) -> None:
    """The step check, and that a spent budget leaves the loop at once: `i32.const error; [call f;] br d; end`.

    `d` lies beyond the loop. Without the second half a module could spend steps for ever.
    """
    r.expect_all(LOOP_HEAD, "unbounded_loop", "no step check at the head of a loop")
    start = r.at
    leaves = "a spent budget does not end the loop"
    r.expect(OP["i32Const"], "unbounded_loop", leaves)
    r.s32()
    opcode = r.byte()
    if opcode == OP["call"]:
        _verify_call(r, imported, start)
        opcode = r.byte()
    # Label 0 is the check's own `if`, 1 the loop.
    label = r.u32() if opcode == OP["br"] else 0
    if not 2 <= label <= opened:
        r.fail("unbounded_loop", leaves, start)
    r.expect(OP["end"], "unbounded_loop", leaves)


def _verify_store(r: BinaryReader, at: int, before: Tuple[int, ...]) -> None:
    """The one store outside the start function turns a count of slots into a count of records.

    `local.get a; local.get a; i32.load count; i32.const n; i32.div_u; i32.store count`
    """
    p1, p2, p3, p4, p5 = before
    data = r.bytes
    _verify_access(r, 2)
    same = (
        data[p5] == OP["localGet"]
        and data[p5:p4] == data[p4:p3]
        and data[p3:p2] == LOAD_COUNT
        and data[p2] == OP["i32Const"]
        and data[p1] == OP["i32DivU"]
    )
    if not same or data[r.at - 1] != abi.SLOT_COUNT:
        r.fail("forbidden_write", "memory is written elsewhere than where a list keeps its count", at)


def verify_relocations(r: BinaryReader, end: int) -> int:
    """The start function: adds the base to pointers in the module's own data and does nothing else.

    Gives the end of the data that it touches.
    """
    what = "the start function does something else than move pointers"
    base = (OP["globalGet"], BASE)
    r.expect(0, "forbidden_write", what)
    touched = 0
    while r.at < end - 1:
        start = r.at
        r.expect_all((*base, *base, OP["i32Load"], 2), "forbidden_write", what)
        word = r.u32()
        r.expect_all((*base, OP["i32Add"], OP["i32Store"], 2), "forbidden_write", what)
        if r.u32() != word:
            r.fail("forbidden_write", what, start)
        touched = max(touched, word + 4)
    r.expect(OP["end"], "unbalanced", "the start function does not end")
    return touched
