"""Refuses every WebAssembly module that our compiler would not have made, before it is compiled.

Its imports, memory, instructions, loops, data and `probe` section are checked, in the order of the sections. Never runs or
instantiates anything; what is left, the types of operands, is validated by wasmtime. Mirrors host/verify.ts.
"""

from __future__ import annotations

import json
from typing import Any, Dict, List, NoReturn, Tuple

from .. import _abi as abi
from .._limits import LIMITS
from .._modules import ENGINE_FUNCTIONS, EXPORT_NAMES, PROBE_SECTION
from .binary import BinaryReader
from .instructions import Budget, verify_entry, verify_relocations
from .section import Facts, fault_of_section

HEADER = b"\0asm\x01\0\0\0"
I32 = 0x7F
F64 = 0x7C
GLOBAL_GET = 0x23
END = 0x0B

# Sections, in the only order in which they may come; the custom one is the last.
CUSTOM = 0
TYPE = 1
IMPORT = 2
FUNCTION = 3
EXPORT = 7
START = 8
CODE = 10
DATA = 11
SECTION_NAMES = {
    0: "custom",
    1: "type",
    2: "import",
    3: "function",
    4: "table",
    5: "memory",
    6: "global",
    7: "export",
    8: "start",
    9: "element",
    10: "code",
    11: "data",
    12: "data count",
    13: "tag",
}

# Types of one module: those of the engine's functions and our two.
MAX_TYPES = len(ENGINE_FUNCTIONS) + 2
# Bytes of the data segment: what one module may take of the segment area.
MAX_DATA = 65_536

# Types of the parameters and of the result: compared, never interpreted.
Signature = Tuple[bytes, bytes]
ENTRY_TYPE: Signature = (bytes((I32,)), bytes((I32,)))
START_TYPE: Signature = (b"", b"")


def verify_module(data: bytes) -> Dict[str, Any]:
    """The `probe` section of a module that our compiler makes. Throws VerifyError for any other."""
    r = BinaryReader(data)
    if len(data) > LIMITS["moduleBytes"]:
        r.fail("too_large", f"{len(data)} bytes, {LIMITS['moduleBytes']} are allowed")
    r.expect_all(HEADER, "malformed", "this is not a WebAssembly module of version 1")
    end = _required(r, TYPE)
    types = _verify_types(r)
    _close(r, end)
    end = _required(r, IMPORT)
    imported = _verify_imports(r, types)
    _close(r, end)
    end = _required(r, FUNCTION)
    functions = _verify_functions(r, types)
    _close(r, end)
    end = _required(r, EXPORT)
    exported = _verify_export(r, imported)
    _close(r, end)
    if functions == 2:
        end = _required(r, START)
        if r.u32() != imported + 1:
            r.fail("forbidden_export", "the start function is not the module's second function")
        _close(r, end)
    end = _required(r, CODE)
    budget, touched = _verify_code(r, functions, imported)
    _close(r, end)
    data_bytes = 0
    if r.peek() == DATA:
        end = _required(r, DATA)
        data_bytes = _verify_data(r)
        _close(r, end)
    if touched > data_bytes:
        r.fail("forbidden_write", "the start function writes outside the module's data")
    end = _required(r, CUSTOM)
    section = _verify_probe(r, end, Facts(exported, data_bytes, budget.steps, budget.arena_bytes))
    if r.at != len(data):
        _refuse_section(r)
    return section


def _required(r: BinaryReader, section: int) -> int:
    """Opens the section that must come next; gives its end."""
    r.step = f"{SECTION_NAMES[section]} section"
    if r.peek() != section:
        _refuse_section(r)
    r.at += 1
    size = r.size()
    return r.at + size


def _refuse_section(r: BinaryReader) -> NoReturn:
    found = r.peek()
    if found < 0:
        r.fail("malformed", "the file ends too early")
    r.fail("forbidden_section", f"a section that is not expected here: {SECTION_NAMES.get(found, found)}")


def _close(r: BinaryReader, end: int) -> None:
    if r.at != end:
        r.fail("malformed", "the section's size does not fit what is in it")


def _verify_types(r: BinaryReader) -> List[Signature]:
    count = r.u32()
    if count > MAX_TYPES:
        r.fail("too_large", f"{count} types, {MAX_TYPES} are allowed")
    types: List[Signature] = []
    for _ in range(count):
        r.expect(0x60, "malformed", "a type that is not a function's")
        params = bytes([_value_type(r) for _ in range(r.size())])
        results = r.u32()
        if results > 1:
            r.fail("malformed", "a function with more than one result")
        types.append((params, bytes([_value_type(r) for _ in range(results)])))
    return types


def _value_type(r: BinaryReader) -> int:
    found = r.byte()
    if found not in (I32, F64):
        r.fail("malformed", "a value type other than i32 and f64", r.at - 1)
    return found


def _type_at(r: BinaryReader, types: List[Signature]) -> object:
    index = r.u32()
    return types[index] if index < len(types) else None


def _verify_imports(r: BinaryReader, types: List[Signature]) -> int:
    """The memory and the globals, then functions of the engine. Gives how many functions."""
    count = r.u32()
    if count < 5:
        r.fail("forbidden_import", "the memory and the four globals are not imported")
    _verify_memory(r)
    _verify_global(r, "env", "base", 0)
    _verify_global(r, "engine", "steps", 1)
    _verify_global(r, "engine", "top", 1)
    _verify_global(r, "engine", "end", 1)
    known = set()
    for _ in range(5, count):
        start = r.at
        module = r.name()
        name = r.name()
        expected = ENGINE_FUNCTIONS.get(name) if module == "engine" else None
        if expected is None or name in known:
            r.fail(
                "forbidden_import", f"`{module}.{name}` may not be imported{' twice' if name in known else ''}", start
            )
        known.add(name)
        r.expect(0x00, "forbidden_import", f"`{module}.{name}` is not imported as a function")
        if _type_at(r, types) != expected:
            r.fail("forbidden_import", f"`{module}.{name}` is imported with another type than it has", start)
    return count - 5


def _verify_name(r: BinaryReader, module: str, name: str) -> None:
    start = r.at
    found = f"{r.name()}.{r.name()}"
    if found != f"{module}.{name}":
        r.fail("forbidden_import", f"`{found}` is imported where `{module}.{name}` belongs", start)


def _verify_memory(r: BinaryReader) -> None:
    _verify_name(r, "env", "memory")
    r.expect(0x02, "forbidden_import", "`env.memory` is not imported as a memory")
    # 0x01: a maximum follows. Shared and 64-bit memories have other flags.
    r.expect(0x01, "memory_limit", "the memory has no fixed size, or is shared")
    start = r.at
    sizes = (r.u32(), r.u32())
    if sizes != (abi.MEMORY_PAGES, abi.MEMORY_PAGES):
        allowed = f"{abi.MEMORY_PAGES} to {abi.MEMORY_PAGES}"
        r.fail("memory_limit", f"a memory of {sizes[0]} to {sizes[1]} pages; it must be {allowed}", start)


def _verify_global(r: BinaryReader, module: str, name: str, mutable: int) -> None:
    _verify_name(r, module, name)
    kind = "a mutable" if mutable else "an immutable"
    r.expect_all((0x03, I32, mutable), "forbidden_import", f"`{module}.{name}` is not imported as {kind} i32 global")


def _verify_functions(r: BinaryReader, types: List[Signature]) -> int:
    """One function, or two where the second moves pointers at the start."""
    count = r.u32()
    if not 1 <= count <= 2:
        r.fail("too_large", f"{count} functions; a module has one, or two with a start function")
    if _type_at(r, types) != ENTRY_TYPE:
        r.fail("forbidden_export", "the first function does not take an i32 and give an i32")
    if count == 2 and _type_at(r, types) != START_TYPE:
        r.fail("forbidden_export", "the start function takes or gives something")
    return count


def _verify_export(r: BinaryReader, imported: int) -> str:
    count = r.u32()
    if count != 1:
        r.fail("forbidden_export", f"{count} exports; a module has one")
    start = r.at
    name = r.name()
    if name not in EXPORT_NAMES.values():
        r.fail("forbidden_export", f"`{name}` is no entry of a module", start)
    r.expect(0x00, "forbidden_export", f"`{name}` is not exported as a function")
    if r.u32() != imported:
        r.fail("forbidden_export", f"`{name}` is not the module's first function", start)
    return name


def _verify_code(r: BinaryReader, functions: int, imported: int) -> Tuple[Budget, int]:
    """Gives what the module may spend, and the end of the data that its start function writes."""
    if r.u32() != functions:
        r.fail("malformed", "there are more or fewer bodies than functions")
    r.step = "code of the entry"
    size = r.size()
    budget = verify_entry(r, r.at + size, imported)
    if functions == 1:
        return budget, 0
    r.step = "code of the start function"
    size = r.size()
    end = r.at + size
    touched = verify_relocations(r, end)
    _close(r, end)
    return budget, touched


def _verify_data(r: BinaryReader) -> int:
    """One active segment at the imported base. Gives its size."""
    if r.u32() != 1:
        r.fail("data_limit", "more than one data segment")
    r.expect_all((0x00, GLOBAL_GET, 0, END), "data_limit", "the data does not go to the module's base")
    start = r.at
    size = r.size()
    if size > MAX_DATA:
        r.fail("data_limit", f"{size} bytes of data, {MAX_DATA} are allowed", start)
    r.at += size
    return size


def _verify_probe(r: BinaryReader, end: int, facts: Facts) -> Dict[str, Any]:
    r.step = "probe section"
    start = r.at
    if r.name() != PROBE_SECTION:
        r.fail("forbidden_section", f"a custom section other than `{PROBE_SECTION}`", start)
    if r.at > end:
        r.fail("malformed", "the section's size does not fit what is in it", start)
    try:
        section = json.loads(r.bytes[r.at : end].decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        r.fail("probe_section", "it is not JSON")
    fault = fault_of_section(section, facts)
    if fault is not None:
        r.fail("probe_section", fault)
    r.at = end
    assert isinstance(section, dict)
    return section


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
