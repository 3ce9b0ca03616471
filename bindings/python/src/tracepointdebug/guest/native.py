"""The engine in libwasmtime: compiles modules, makes stores with one memory each, binds their functions.

The only file that touches wasmtime. It is imported with the first wasm probe, not before. Everything that may happen at a hit goes
through PyDLL, which keeps the GIL: a thread of the program cannot fork in the middle of it. Compiling gives the GIL up.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Dict, Final, List, Optional, Sequence, Tuple

from .. import _abi as abi
from ..errors import Cause, GuestError, VerifyError
from . import cache
from .binary import REMEDY as RECOMPILE
from .calls import RawCall

# Majors of the wasmtime package that this code was run with. A new one comes every month and may change the layouts of C structs.
OLDEST_WASMTIME: Final = 45
NEWEST_WASMTIME: Final = 50
# Bytes of the machine stack that the guest may use: it needs less than a tenth of it, and threads may have small stacks.
MAX_STACK_BYTES: Final = 128 << 10
MEMORY_BYTES: Final = abi.MEMORY_PAGES * abi.PAGE_BYTES

_I32 = "i32"


class Engine:
    """Compiles modules, for all stores of the process. `open_engine` gives the one that there is. Its memory is never freed."""

    def __init__(self) -> None:
        self.ctypes, self.wasmtime, self.lib, version = _load()
        self.ffi = self.wasmtime._ffi
        config = self.wasmtime.Config()
        # Else a compilation in a forked child waits for threads that the child does not have.
        config.parallel_compilation = False
        # Else the program's handlers of SIGSEGV, SIGILL and SIGFPE are replaced.
        config.signals_based_traps = False
        # Else each memory reserves 4 GiB of addresses, and as much again behind it.
        config.memory_reservation = MEMORY_BYTES
        config.memory_reservation_for_growth = 0
        config.memory_guard_size = 0
        config.max_wasm_stack = MAX_STACK_BYTES
        self.engine = self.wasmtime.Engine(config)
        module = cache.load_compiled(self.wasmtime, self.engine, version, _engine_bytes())
        _require(module, "outCut", (), (_I32,))
        # Pointers without an owner: what would free them when the interpreter ends is gone by then, and complains.
        self.pointer = self.engine._consume()
        self.module = module._consume()
        pages = self.wasmtime.Limits(abi.MEMORY_PAGES, abi.MEMORY_PAGES)
        self.memory_type = self.wasmtime.MemoryType(pages)._consume()
        self.base_type = self.wasmtime.GlobalType(self.wasmtime.ValType.i32(), False)._consume()

        class Memory(self.ctypes.c_ubyte * MEMORY_BYTES):  # type: ignore[misc]
            """The memory of a store; keeps the store alive for as long as a view of it is used."""

            store: Store

        self.memory_class = Memory

    def compile(self, wasm: bytes, entry: str) -> Module:
        """A module that the verifier has accepted. Throws VerifyError if wasmtime does not."""
        pointer = self.ctypes.POINTER(self.ffi.wasmtime_module_t)()
        binary = (self.ctypes.c_uint8 * len(wasm)).from_buffer_copy(wasm)
        error = self.ffi.wasmtime_module_new(self.pointer, binary, len(wasm), self.ctypes.byref(pointer))
        if error:
            what = self.wasmtime.WasmtimeError._from_ptr(error)
            raise VerifyError("invalid", f"The WebAssembly engine refuses the module: {what}.", RECOMPILE)
        return Module(self, pointer, entry)


class Module:
    """A compiled probe module. Its code lives as long as this, or an instance of it."""

    __slots__ = ("_delete", "entry", "imports", "pointer")

    def __init__(self, engine: Engine, pointer: Any, entry: str) -> None:
        self._delete = engine.lib.wasmtime_module_delete
        self.pointer = pointer
        self.entry = entry
        described = engine.wasmtime.Module._from_ptr(pointer)
        try:
            # What a raw call takes and gives is checked by nobody later.
            _require(described, entry, (_I32,), (_I32,))
            self.imports: List[Tuple[str, str]] = [(item.module, item.name or "") for item in described.imports]
        finally:
            described._consume()

    def __del__(self) -> None:
        self._delete(self.pointer)


def _load() -> Tuple[Any, Any, Any, str]:
    """`ctypes`, the package, its library with the GIL kept in each call, and its version."""
    if sys.version_info < (3, 9):
        raise GuestError(
            "python_too_old",
            "There is no WebAssembly engine for Python 3.8: probes with a condition or a template cannot run here.",
            "Run the program with Python 3.9 or later.",
        )
    install = f"Install it with: pip install 'wasmtime>={OLDEST_WASMTIME},<{NEWEST_WASMTIME + 1}'"
    try:
        import ctypes
    except ImportError as error:
        raise GuestError(
            "no_ctypes",
            f"Python's module ctypes does not work here: {error}.",
            "Run the program in the main interpreter, of a Python that has ctypes.",
        ) from error
    try:
        import wasmtime  # 60 ms and 5 MiB that a program without probes does not pay
        import wasmtime._ffi as ffi
    except ModuleNotFoundError as error:
        raise GuestError("no_wasmtime", f"The package wasmtime is missing: {error}.", install) from error
    except Exception as error:
        # OSError: no library for this machine; RuntimeError: not for this architecture; ImportError: not in this interpreter.
        raise GuestError(
            "no_wasmtime",
            f"The package wasmtime does not work here: {error}.",
            "It has wheels for 64-bit Linux, macOS and Windows on x86-64 and ARM, and runs in the main interpreter only.",
        ) from error
    found = _version(wasmtime)
    major = found.split(".", 1)[0]
    if not major.isdigit() or not OLDEST_WASMTIME <= int(major) <= NEWEST_WASMTIME:
        raise GuestError("wasmtime_version", f"wasmtime {found} is not one that this agent was made for.", install)
    lib = ctypes.PyDLL(ffi.dll._name)
    lib.wasmtime_error_delete.argtypes = lib.wasm_trap_delete.argtypes = [ctypes.c_void_p]
    lib.wasmtime_error_delete.restype = lib.wasm_trap_delete.restype = None
    for name in (
        "wasmtime_module_delete",
        "wasmtime_store_new",
        "wasmtime_store_delete",
        "wasmtime_store_context",
        "wasmtime_memory_new",
        "wasmtime_memory_data",
        "wasmtime_memory_data_size",
        "wasmtime_global_new",
        "wasmtime_global_get",
        "wasmtime_instance_new",
        "wasmtime_instance_export_get",
    ):
        function, declared = getattr(lib, name), getattr(ffi.dll, name)
        function.argtypes, function.restype = declared.argtypes, declared.restype
    return ctypes, wasmtime, lib, found


def _version(wasmtime: Any) -> str:
    """The version of the package, which does not say it itself."""
    folder = Path(wasmtime.__file__).parent
    beside = [path.name for path in folder.parent.glob("wasmtime-*.dist-info")]
    if len(beside) == 1:
        return beside[0][len("wasmtime-") : -len(".dist-info")]
    import importlib.metadata  # 60 ms

    try:
        return importlib.metadata.version("wasmtime")
    except importlib.metadata.PackageNotFoundError:
        return "of an unknown version"


def _engine_bytes() -> bytes:
    path = Path(__file__).parent.parent / "engine.wasm"
    try:
        return path.read_bytes()
    except OSError as error:
        raise GuestError(
            "no_engine",
            f"The package is not complete: {error}.",
            "Install it again: pip install --force-reinstall tracepointdebug. In the sources run: npm run setup",
        ) from error


def _require(module: Any, name: str, params: Sequence[str], results: Sequence[str]) -> None:
    """A raw call with other types would destroy memory."""
    for item in module.exports:
        if item.name == name:
            found = item.type
            taken = tuple(str(kind) for kind in getattr(found, "params", ("?",)))
            if taken == tuple(params) and tuple(str(kind) for kind in found.results) == tuple(results):
                return
    raise GuestError(
        "wrong_engine", f"A module has no function `{name}` of the type that is needed.", "Install the agent again."
    )


_open: Optional[Engine] = None


def open_engine() -> Engine:
    """The engine of this process. Throws GuestError where there can be none; then the next call tries again."""
    global _open
    if _open is None:
        try:
            _open = Engine()
        except GuestError:
            raise
        except Exception as error:
            raise GuestError(
                "no_wasm",
                f"WebAssembly cannot run here: {error}.",
                "The system must allow a process to make memory executable (SELinux: execmem).",
            ) from error
    return _open


def obstacle() -> Optional[Cause]:
    """Why this process cannot run wasm, or None if it can. Imports wasmtime."""
    try:
        open_engine()
    except GuestError as error:
        return error.cause
    return None


class Store:
    """One memory of fixed size with the engine in it. Its instances live as long as it does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lib = lib = engine.lib
        self._ffi = ffi = engine.ffi
        self._ctypes = ctypes = engine.ctypes
        self._delete = lib.wasmtime_store_delete
        self._store = lib.wasmtime_store_new(engine.pointer, None, lib.wasmtime_store_new.argtypes[2]())
        self._context = lib.wasmtime_store_context(self._store)
        # Probe modules that were instantiated. What they take is given back with the store, not before.
        self.instances = 0
        memory = ffi.wasmtime_memory_t()
        self._check(lib.wasmtime_memory_new(self._context, engine.memory_type, ctypes.byref(memory)), None)
        self._memory = ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_MEMORY, ffi.wasmtime_extern_union(memory=memory))
        self._engine_instance = self._instance(engine.module, [self._memory])
        # Of the engine's, those that were asked for.
        self._exports: Dict[str, Any] = {}
        self._steps = self._exported("steps").of.global_
        # Without an owner: the store would keep itself alive.
        self._out_cut = self._bind(self._exported("outCut"), None)

    def view(self) -> memoryview:
        """All of the memory, as bytes. It stays valid, and the store alive, for as long as it is used."""
        ctypes = self._ctypes
        memory = ctypes.byref(self._memory.of.memory)
        if self._lib.wasmtime_memory_data_size(self._context, memory) != MEMORY_BYTES:
            raise GuestError("no_wasm", "The memory of the guest has another size than it must have.", RECOMPILE)
        address = ctypes.cast(self._lib.wasmtime_memory_data(self._context, memory), ctypes.c_void_p).value
        held = self._engine.memory_class.from_address(address)
        held.store = self
        return memoryview(held).cast("B")

    def instantiate(self, module: Module, base: int) -> RawCall:
        """A module with its data at `base`; gives its entry. Throws GuestError."""
        ffi, byref = self._ffi, self._ctypes.byref
        value = ffi.wasmtime_val_t(ffi.WASMTIME_I32, ffi.wasmtime_valunion_t(i32=base))
        placed = ffi.wasmtime_global_t()
        made = self._lib.wasmtime_global_new(self._context, self._engine.base_type, byref(value), byref(placed))
        self._check(made, None)
        union = ffi.wasmtime_extern_union()
        union.global_ = placed
        environment = {"memory": self._memory, "base": ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_GLOBAL, union)}
        imports = [environment[name] if space == "env" else self._exported(name) for space, name in module.imports]
        instance = self._instance(module.pointer, imports)
        self.instances += 1
        return self._bind(self._export(instance, module.entry.encode()), self)

    def steps_left(self) -> int:
        """What is left of the budget of the last evaluation."""
        ffi = self._ffi
        value = ffi.wasmtime_val_t()
        byref = self._ctypes.byref
        self._lib.wasmtime_global_get(self._context, byref(self._steps), byref(value))
        return int(value.of.i32)

    def output_cut(self) -> bool:
        """Whether the last rendered text was cut."""
        return self._out_cut(0) != 0

    def __del__(self) -> None:
        store, self._store = getattr(self, "_store", None), None
        if store is not None:
            self._delete(store)

    def _exported(self, name: str) -> Any:
        """An export of the engine."""
        found = self._exports.get(name)
        if found is None:
            found = self._exports[name] = self._export(self._engine_instance, name.encode())
        return found

    def _export(self, instance: Any, name: bytes) -> Any:
        found = self._ffi.wasmtime_extern_t()
        byref = self._ctypes.byref
        if not self._lib.wasmtime_instance_export_get(self._context, byref(instance), name, len(name), byref(found)):
            raise GuestError("wrong_engine", f"A module has no export {name!r}.", RECOMPILE)
        return found

    def _instance(self, module: Any, imports: Sequence[Any]) -> Any:
        ffi, ctypes = self._ffi, self._ctypes
        given = (ffi.wasmtime_extern_t * len(imports))(*imports)
        instance = ffi.wasmtime_instance_t()
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        error = self._lib.wasmtime_instance_new(
            self._context, module, given, len(imports), ctypes.byref(instance), ctypes.byref(trap)
        )
        self._check(error, trap)
        return instance

    def _bind(self, exported: Any, owner: Optional[Store]) -> RawCall:
        """A function of this store, to be called. Its type was checked when its module was compiled."""
        context = self._ctypes.cast(self._context, self._ctypes.c_void_p).value
        return RawCall(self._lib, self._engine.wasmtime, context or 0, exported.of.func, owner)

    def _check(self, error: Any, trap: Any) -> None:
        if not error and not trap:
            return
        wasmtime = self._engine.wasmtime
        what = wasmtime.WasmtimeError._from_ptr(error) if error else wasmtime.Trap._from_ptr(trap)
        raise GuestError("guest_failed", f"A module cannot be instantiated: {what}.", RECOMPILE)
