"""Reads a WebAssembly file byte by byte for the verifier. Every mistake is a VerifyError that names the step and the byte.

Never reads past the end, never accepts a number that is written longer than it need be. Mirrors host/binary.ts.
"""

from __future__ import annotations

from typing import NoReturn, Optional, Sequence

from ..errors import VerifyError

REMEDY = "Compile the expression again with this version; a module that was not made by this compiler is never run."


class BinaryReader:
    """A cursor over the bytes of a module."""

    __slots__ = ("at", "bytes", "step")

    def __init__(self, data: bytes) -> None:
        self.bytes = data
        self.at = 0
        # What is being read, for messages.
        self.step = "header"

    def fail(self, code: str, what: str, at: Optional[int] = None) -> NoReturn:
        """Refuses the module at byte `at`."""
        raise VerifyError(code, f"{self.step}: {what} (byte {self.at if at is None else at}).", REMEDY)

    def byte(self) -> int:
        """The next byte."""
        at = self.at
        if at >= len(self.bytes):
            self.fail("malformed", "the file ends too early")
        self.at = at + 1
        return self.bytes[at]

    def peek(self) -> int:
        """The next byte, or -1 at the end."""
        return self.bytes[self.at] if self.at < len(self.bytes) else -1

    def expect(self, value: int, code: str, what: str) -> None:
        """The next byte must be this one."""
        if self.byte() != value:
            self.fail(code, what, self.at - 1)

    def expect_all(self, values: Sequence[int], code: str, what: str) -> None:
        """These bytes must come next."""
        start = self.at
        for value in values:
            if self.byte() != value:
                self.fail(code, what, start)

    def u32(self) -> int:
        """Unsigned LEB128 of 32 bits in its shortest form."""
        start = self.at
        byte = self.byte()
        if byte < 0x80:
            return byte
        value = byte & 0x7F
        for shift in range(7, 35, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 or value > 0xFFFF_FFFF:
                    break
                return value
        return self.fail("malformed", "a number is out of range or longer than need be", start)

    def s32(self) -> int:
        """Signed LEB128 of 32 bits in its shortest form."""
        start = self.at
        previous = -1
        value = 0
        for shift in range(0, 35, 7):
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte & 0x40:
                    value -= 1 << (shift + 7)
                # A group that only repeats the sign of the one before it is superfluous.
                repeats = previous >= 0 and byte == (0x7F if previous & 0x40 else 0)
                if repeats or not -0x8000_0000 <= value < 0x8000_0000:
                    break
                return value
            previous = byte
        return self.fail("malformed", "a number is out of range or longer than need be", start)

    def size(self) -> int:
        """A size that must fit into what is left."""
        start = self.at
        size = self.u32()
        if size > len(self.bytes) - self.at:
            self.fail("malformed", "a size reaches past the end of the file", start)
        return size

    def name(self) -> str:
        """A name in ASCII."""
        size = self.size()
        start = self.at
        self.at += size
        try:
            return self.bytes[start : self.at].decode("ascii")
        except UnicodeDecodeError as error:
            return self.fail("malformed", "a name is not ASCII", start + error.start)
