"""Holds a value that Python has no type for, or none as fine: a uint within the range of an int, an instant or a duration in nanoseconds, an enum, a type, an error, a
value of which only a part was recorded. Only `eval`, the shared vectors and the agent itself make them; a program's values never contain one.
"""

from __future__ import annotations

from typing import Any


class Duration:
    """A span of time in nanoseconds, as `@duration` is measured; a timedelta has microseconds."""

    __slots__ = ("ns",)

    def __init__(self, ns: int) -> None:
        self.ns = ns


class Carrier:
    """One such value. `kind` says which, and what the other two mean.

    uint        first: int
    timestamp   first: seconds since 1970, second: nanoseconds 0..999,999,999
    type        first: its name
    enum        first: (class, name), second: its value
    error       first: an error code of engine/abi.ts
    cut         first: what is left of a str, list, dict or object; second: how many elements or entries there truly were
    """

    __slots__ = ("first", "kind", "second")

    def __init__(self, kind: str, first: Any, second: Any = None) -> None:
        self.kind = kind
        self.first = first
        self.second = second

    @staticmethod
    def uint(value: int) -> Carrier:
        """0 to 2**64 - 1, to be a uint even where an int could hold it."""
        return Carrier("uint", value)

    @staticmethod
    def timestamp(seconds: int, nanoseconds: int) -> Carrier:
        """An instant finer than a datetime."""
        return Carrier("timestamp", seconds, nanoseconds)

    @staticmethod
    def type(name: str) -> Carrier:
        """A type of the language."""
        return Carrier("type", name)

    @staticmethod
    def enum(class_name: str, name: str, value: Any) -> Carrier:
        """A member of an enum."""
        return Carrier("enum", (class_name, name), value)

    @staticmethod
    def error(code: int) -> Carrier:
        """A read that failed."""
        return Carrier("error", code)

    @staticmethod
    def cut(value: Any, size: int) -> Carrier:
        """A value of which a part is left."""
        return Carrier("cut", value, size)
