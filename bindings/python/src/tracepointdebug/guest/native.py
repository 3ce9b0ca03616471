"""The engine in libwasmtime: compiles modules, makes stores with one memory each, binds their functions.

The only file that touches wasmtime. It is imported with the first wasm probe, not before. Everything that may happen at a hit goes
through PyDLL, which keeps the GIL: a thread of the program cannot fork in the middle of it. Compiling gives the GIL up.
"""

from __future__ import annotations

import ctypes
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
    """Compiles modules, for all stores of the process. `open_engine` gives the one that there is."""

    def __init__(self) -> None:
        self.wasmtime, self.lib, version = _load()
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
        wasm = _engine_bytes()
        self.module = cache.load_compiled(self.wasmtime, self.engine, version, wasm)
        self.exports: List[bytes] = [item.name.encode() for item in self.module.exports]
        _require(self.module, "outCut", (), (_I32,))

    def compile(self, wasm: bytes, entry: str) -> Module:
        """A module that the verifier has accepted. Throws VerifyError if wasmtime does not."""
        try:
            module = self.wasmtime.Module(self.engine, wasm)
        except self.wasmtime.WasmtimeError as error:
            raise VerifyError("invalid", f"The WebAssembly engine refuses the module: {error}.", RECOMPILE) from error
        # What a raw call takes and gives is checked by nobody later.
        _require(module, entry, (_I32,), (_I32,))
        return Module(module, entry, [(item.module, item.name or "") for item in module.imports])


class Module:
    """A compiled probe module. Its code lives as long as this, or an instance of it."""

    __slots__ = ("entry", "imports", "module")

    def __init__(self, module: Any, entry: str, imports: Sequence[Tuple[str, str]]) -> None:
        self.module = module
        self.entry = entry
        self.imports = imports


def _load() -> Tuple[Any, Any, str]:
    """The package, its library with the GIL kept in each call, and its version."""
    if sys.version_info < (3, 9):
        raise GuestError(
            "python_too_old",
            "There is no WebAssembly engine for Python 3.8: probes with a condition or a template cannot run here.",
            "Run the program with Python 3.9 or later.",
        )
    install = f"Install it with: pip install 'wasmtime>={OLDEST_WASMTIME},<{NEWEST_WASMTIME + 1}'"
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
    return wasmtime, lib, found


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


class _Bytes(ctypes.c_ubyte * MEMORY_BYTES):  # type: ignore[misc]
    """The memory of a store; keeps the store alive for as long as a view of it is used."""

    store: Store


class Store:
    """One memory of fixed size with the engine in it. Its instances live as long as it does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._lib = lib = engine.lib
        self._ffi = ffi = engine.wasmtime._ffi
        self._store = lib.wasmtime_store_new(engine.engine.ptr(), None, lib.wasmtime_store_new.argtypes[2]())
        self._context = lib.wasmtime_store_context(self._store)
        # Probe modules that were instantiated. What they take is given back with the store, not before.
        self.instances = 0
        wasmtime = engine.wasmtime
        pages = wasmtime.MemoryType(wasmtime.Limits(abi.MEMORY_PAGES, abi.MEMORY_PAGES))
        memory = ffi.wasmtime_memory_t()
        self._check(lib.wasmtime_memory_new(self._context, pages.ptr(), ctypes.byref(memory)), None)
        self._memory = ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_MEMORY, ffi.wasmtime_extern_union(memory=memory))
        self._base_type = wasmtime.GlobalType(wasmtime.ValType.i32(), False)
        self._exports = self._engine_exports()
        self._steps = self._exports["steps"].of.global_
        # Without an owner: the store would keep itself alive.
        self._out_cut = self._bind(self._exports["outCut"], None)

    def view(self) -> memoryview:
        """All of the memory, as bytes. It stays valid, and the store alive, for as long as it is used."""
        memory = ctypes.byref(self._memory.of.memory)
        if self._lib.wasmtime_memory_data_size(self._context, memory) != MEMORY_BYTES:
            raise GuestError("no_wasm", "The memory of the guest has another size than it must have.", RECOMPILE)
        address = ctypes.cast(self._lib.wasmtime_memory_data(self._context, memory), ctypes.c_void_p).value
        held = _Bytes.from_address(address)
        held.store = self
        return memoryview(held).cast("B")

    def instantiate(self, module: Module, base: int) -> RawCall:
        """A module with its data at `base`; gives its entry. Throws GuestError."""
        ffi = self._ffi
        value = ffi.wasmtime_val_t(ffi.WASMTIME_I32, ffi.wasmtime_valunion_t(i32=base))
        placed = ffi.wasmtime_global_t()
        made = self._lib.wasmtime_global_new(
            self._context, self._base_type.ptr(), ctypes.byref(value), ctypes.byref(placed)
        )
        self._check(made, None)
        union = ffi.wasmtime_extern_union()
        union.global_ = placed
        environment = {"memory": self._memory, "base": ffi.wasmtime_extern_t(ffi.WASMTIME_EXTERN_GLOBAL, union)}
        imports = [(environment if space == "env" else self._exports)[name] for space, name in module.imports]
        instance = self._instance(module.module, imports)
        self.instances += 1
        return self._bind(self._export(instance, module.entry.encode()), self)

    def steps_left(self) -> int:
        """What is left of the budget of the last evaluation."""
        ffi = self._ffi
        value = ffi.wasmtime_val_t()
        self._lib.wasmtime_global_get(self._context, ctypes.byref(self._steps), ctypes.byref(value))
        return int(value.of.i32)

    def output_cut(self) -> bool:
        """Whether the last rendered text was cut."""
        return self._out_cut(0) != 0

    def __del__(self) -> None:
        store, self._store = getattr(self, "_store", None), None
        if store is not None:
            self._lib.wasmtime_store_delete(store)

    def _engine_exports(self) -> Dict[str, Any]:
        instance = self._instance(self._engine.module, [self._memory])
        return {name.decode(): self._export(instance, name) for name in self._engine.exports}

    def _export(self, instance: Any, name: bytes) -> Any:
        found = self._ffi.wasmtime_extern_t()
        if not self._lib.wasmtime_instance_export_get(
            self._context, ctypes.byref(instance), name, len(name), ctypes.byref(found)
        ):
            raise GuestError("wrong_engine", f"A module has no export {name!r}.", RECOMPILE)
        return found

    def _instance(self, module: Any, imports: Sequence[Any]) -> Any:
        ffi = self._ffi
        given = (ffi.wasmtime_extern_t * len(imports))(*imports)
        instance = ffi.wasmtime_instance_t()
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        error = self._lib.wasmtime_instance_new(
            self._context, module.ptr(), given, len(imports), ctypes.byref(instance), ctypes.byref(trap)
        )
        self._check(error, trap)
        return instance

    def _bind(self, exported: Any, owner: Optional[Store]) -> RawCall:
        """A function of this store, to be called. Its type was checked when its module was compiled."""
        context = ctypes.cast(self._context, ctypes.c_void_p).value
        return RawCall(self._lib, self._engine.wasmtime, context or 0, exported.of.func, owner)

    def _check(self, error: Any, trap: Any) -> None:
        if not error and not trap:
            return
        wasmtime = self._engine.wasmtime
        what = wasmtime.WasmtimeError._from_ptr(error) if error else wasmtime.Trap._from_ptr(trap)
        raise GuestError("guest_failed", f"A module cannot be instantiated: {what}.", RECOMPILE)
