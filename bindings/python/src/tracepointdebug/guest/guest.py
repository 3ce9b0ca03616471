"""The guest: one memory, one engine, and the probe modules in it. Not for concurrent use: see shared.py for that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable, Dict, Optional, Tuple

from .. import _abi as abi
from .._modules import EXPORT_NAMES
from ..errors import GuestError
from ..reading import Writer, make_reader
from .native import Store, open_engine
from .segments import Segments
from .verify import verify_module

if TYPE_CHECKING:
    from .calls import RawCall, Reader
    from .native import Module


class Prepared:
    """A module that was verified and compiled; every guest can have an instance of it."""

    __slots__ = ("compiled", "entry", "roots", "section")

    def __init__(self, wasm: bytes) -> None:
        """Throws VerifyError, or GuestError where there is no wasm."""
        # What it says of itself: `source`, `slots`, `roots`, `limits` ... (conditions/module.ts, ProbeSection).
        self.section: Dict[str, Any] = verify_module(wasm)
        # "condition", "template" or "value".
        self.entry: str = self.section["entry"]
        # Names of the variables, in the order in which their values are passed.
        self.roots: Tuple[str, ...] = tuple(root["key"] for root in self.section["roots"])
        self.compiled: Module = open_engine().compile(wasm, EXPORT_NAMES[self.entry])

    @property
    def data_bytes(self) -> int:
        """Bytes of the segment that an instance needs."""
        return int(self.section["dataBytes"])


class LoadedModule:
    """A module ready to run in one guest. Values are passed in the order of `roots`; none of their code runs."""

    def __init__(self, guest: Guest, prepared: Prepared, base: int) -> None:
        self.section = prepared.section
        self.entry = prepared.entry
        self.roots = prepared.roots
        # The output of the last `render` was cut.
        self.truncated = False
        self._guest = guest
        self._base = base
        self._call: RawCall = guest.store.instantiate(prepared.compiled, base)
        projection = {"slots": self.section["slots"], "roots": self.section["roots"]}
        self._read: Reader = make_reader(projection, guest.writer, self.section["limits"])
        self._closed = False
        # Of a condition: 1 true, 0 false, negative a packed error.
        self.test: Callable[..., int] = self._call.tester(self._read, len(self.roots))

    def render(self, *values: object) -> str:
        """Of a template: the text."""
        length = self._call(self._read(*values))
        self.truncated = self._guest.store.output_cut()
        return bytes(self._guest.view[abi.OUT_BASE : abi.OUT_BASE + length]).decode("utf-8", "replace")

    def render_cut(self, *values: object) -> Tuple[str, bool]:
        """Of a template: the text, and whether it was cut."""
        return self.render(*values), self.truncated

    def evaluate(self, *values: object) -> int:
        """Of a value module: the address of the result's slot, valid until the next evaluation in this guest."""
        return self._call(self._read(*values))

    def error_in(self, slot: int) -> int:
        """The packed error in a result slot, or 0 if it holds a value."""
        words = self._guest.words
        return words[(slot + abi.SLOT_LENGTH) >> 2] if words[slot >> 2] == abi.TAG_ERROR else 0

    def steps(self) -> int:
        """Steps that the last evaluation spent."""
        return int(self.section["limits"]["steps"]) - self._guest.store.steps_left()

    def close(self) -> None:
        """Gives the module's memory back. Using it afterwards is a fault of the caller."""
        if not self._closed:
            self._closed = True
            self._guest.segments.give(self._base, int(self.section["dataBytes"]))


class Guest:
    """One memory of fixed size with the engine in it. Its memory is freed when nothing refers to it any more."""

    def __init__(self, redact: Optional[Callable[[str], bool]] = None) -> None:
        """`redact`: names whose values may not be read. Throws GuestError where there is no wasm."""
        self.store = Store(open_engine())
        # All of the memory, as bytes and as i32 words.
        self.view: memoryview = self.store.view()
        self.words: memoryview = self.view.cast("i")
        self.writer = Writer(self.view, redact)
        self.segments = Segments(abi.SEGMENTS_BASE, abi.SEGMENTS_END)

    def load(self, wasm: bytes) -> LoadedModule:
        """Verifies, compiles and instantiates a module. Throws VerifyError or GuestError (`guest_full`)."""
        prepared = Prepared(wasm)
        return LoadedModule(self, prepared, take_segment(self.segments, prepared))


def take_segment(segments: Segments, prepared: Prepared) -> int:
    """The address for a module's data. Throws GuestError (`guest_full`)."""
    base = segments.take(prepared.data_bytes)
    if base is None:
        raise GuestError("guest_full", "No memory is left for another probe.", "Remove a probe first.")
    return base
