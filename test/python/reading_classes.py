"""Classes as programs have them, for the tests of reading."""

from __future__ import annotations

import collections
import dataclasses
import enum


class Point:
    shared = "class"
    counts = [1]

    def __init__(self):
        self.x = 1
        self.y = None


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self):
        self.a = 1


class Both(Slotted):
    def __init__(self):
        super().__init__()
        self.c = 3


@dataclasses.dataclass
class Order:
    id: int
    lines: list = dataclasses.field(default_factory=list)
    state: str = dataclasses.field(default="new", init=False)


Pair = collections.namedtuple("Pair", "left right")  # noqa: PYI024


class Money(str):
    __slots__ = ()


class Age(int):
    pass


class Rate(float):
    pass


class Bag(list):
    pass


class Shelf(dict):
    pass


class Colour(enum.Enum):
    RED = "r"


class Level(enum.IntEnum):
    LOW = 1


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class OrderError(Exception):
    def __init__(self, code):
        super().__init__("it failed", code)
        self.code = code


def bag():
    made = Bag([1])
    made.label = "L"
    return made


def shelf():
    made = Shelf(a=1)
    made.label = "L"
    return made
