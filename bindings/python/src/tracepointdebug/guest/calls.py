"""The raw call of a wasm function: the argument in a word of memory, one C call, the result in the same word.

wasmtime's own way takes 60 times as long. Nobody checks a raw call: the function must take an i32 or nothing, and give an i32.
The arguments of the C call never change, so they are converted once; declared `argtypes` would convert them at each hit, which
takes longer than the guest itself.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, Final, NoReturn

from ..errors import GuestError

#: Reads the roots into the input slots; gives the first free address of the arena.
Reader = Callable[..., int]

# One closure a number of variables, all with the same text: passing variables as `*values` costs a tuple on each hit.
# A condition answers 1, 0 or a negative error. After a trap the word still holds the address that was passed, which is more.
_TEST: Final = """
def make(read, word, call, context, function, words, count, trap, failed):
    def test({names}):
        word[0] = read({names})
        error = call(context, function, words, count, trap)
        verdict = word[0]
        if verdict > 1 or error is not None:
            failed(error)
        return verdict
    return test
"""
_factories: Dict[int, Callable[..., Callable[..., int]]] = {}


def names_of(arity: int) -> str:
    """The parameters of a generated function."""
    return ", ".join(f"v{i}" for i in range(arity))


class RawCall:
    """A wasm function of a store, of type (i32) -> i32 or () -> i32. Throws GuestError (`trap`) when it traps."""

    __slots__ = ("_call", "_ctypes", "_fixed", "_function", "_lib", "_owner", "_trap", "_wasmtime", "_word", "_words")

    def __init__(self, lib: Any, wasmtime: Any, context: int, function: Any, owner: object) -> None:
        """`owner` is kept alive as long as this: the store."""
        import ctypes  # with the first probe, not with the agent

        self._ctypes: Any = ctypes
        self._lib = lib
        self._wasmtime = wasmtime
        self._owner = owner
        # A function object of its own: `lib.name` is shared, and others may declare argument types on it.
        self._call = lib["wasmtime_func_call_unchecked"]
        self._call.restype = ctypes.c_void_p
        self._words = (wasmtime._ffi.wasmtime_val_raw_t * 1)()
        raw = (ctypes.c_ubyte * ctypes.sizeof(self._words)).from_buffer(self._words)
        # Reading and writing a view takes less time than the `value` of a ctypes integer.
        self._word = memoryview(raw).cast("B").cast("i")
        self._function = type(function).from_buffer_copy(function)
        self._trap = ctypes.c_void_p()
        pointer = ctypes.c_void_p.from_param
        self._fixed = (
            pointer(context),
            pointer(ctypes.addressof(self._function)),
            pointer(ctypes.addressof(self._words)),
            ctypes.c_size_t.from_param(1),
            pointer(ctypes.addressof(self._trap)),
        )

    def __call__(self, argument: int) -> int:
        """The result. A function without parameters ignores the argument."""
        self._word[0] = argument
        error = self._call(*self._fixed)
        if error is not None or self._trap.value is not None:
            self.failed(error)
        return self._word[0]

    def tester(self, read: Reader, arity: int) -> Callable[..., int]:
        """`test(*values)` of a condition: reads and calls. The fastest way that there is."""
        make = _factories.get(arity)
        if make is None:
            scope: Dict[str, Any] = {}
            exec(_TEST.format(names=names_of(arity)), scope)  # the text is ours
            make = _factories[arity] = scope["make"]
        # The bound method keeps this object, and so the memory behind the addresses, alive.
        return make(read, self._word, self._call, *self._fixed, self.failed)

    def failed(self, error: int | None) -> NoReturn:
        """Frees what a failed call left and throws. The guest is not to be used again: its state is undefined."""
        what = "it gave an impossible answer"
        trap, self._trap.value = self._trap.value, None
        if error is not None:
            self._lib.wasmtime_error_delete(error)
            what = "an error of the engine"
        if trap is not None:
            ffi = self._wasmtime._ffi
            what = self._wasmtime.Trap._from_ptr(self._ctypes.cast(trap, self._ctypes.POINTER(ffi.wasm_trap_t))).message
        raise GuestError("trap", f"The guest failed: {what}.", "This is our fault: report it with the expression.")
