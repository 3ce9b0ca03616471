"""Looks a key up in a dict without running `__eq__` or `__hash__` of the keys that are in it.

An ordinary look-up compares with every key of the same hash, and that key may be of a class of the program's. So it is done only where all keys are proved to be exact
strings, which CPython 3.11 and later show in the size of the table: an entry takes 16 bytes then, else 24, and no table of one sort is as large as one of the other.
Elsewhere the entries are gone through, and only keys of built-in types are compared, so that a key of another kind is never found: it is invisible in the language, too.
A thread that puts such a key in between the proof and the look-up could still have its `__eq__` run; nothing short of a lock on the program's dicts would prevent that.
"""

from __future__ import annotations

import sys
from itertools import islice
from typing import Any, Dict, Final, FrozenSet

from .. import _abi as abi
from .._limits import LIMITS
from . import natives

__builtins__ = natives.BUILTINS


class Fault:
    """What a read gives instead of a value. `there`: such a member is there, it only may not be read."""

    __slots__ = ("code", "there")

    def __init__(self, code: int, there: bool = False) -> None:
        self.code = code
        self.there = there


#: One fault a code; `code` is an ERR_ number of engine/abi.ts.
FAULTS: Final[Dict[int, Fault]] = {code: Fault(code) for code in range(abi.ERR_NO_SUCH_OVERLOAD, abi.ERR_INTERNAL + 1)}
#: A property or another descriptor: it is there, and to read it would run it.
DESCRIPTOR: Final = Fault(abi.ERR_SIDE_EFFECT, True)


class _Missing:
    """One object, compared by identity."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


#: What a look-up gives where there is no such key.
MISSING: Final = _Missing()
#: Times that a dict is gone through anew because another thread changed it meanwhile.
RETRIES: Final = 3


def _table_sizes() -> FrozenSet[int]:
    """The sizes that only tables of exact strings have; none where this interpreter's tables do not tell, or are not as expected."""
    nothing: Dict[str, int] = {}
    empty = nothing.__sizeof__()
    head = {"a": 1}.__sizeof__() - empty - 8 - 5 * 16
    if sys.implementation.name != "cpython" or {1: 1}.__sizeof__() != empty + head + 8 + 5 * 24:
        return frozenset()

    def size(log2: int, entry: int) -> int:
        index = 1 if log2 < 8 else 2 if log2 < 16 else 4 if log2 < 32 else 8
        return empty + head + (index << log2) + ((2 << log2) // 3) * entry

    text = [size(log2, 16) for log2 in range(3, 40)]
    other = frozenset(size(log2, 24) for log2 in range(3, 40))
    for count in (1, 6, 11, 22, 43, 86, 171, 342, 683):
        numbers = dict.fromkeys(range(count))
        names = dict.fromkeys(map(str, range(count)))
        mixed: Dict[Any, None] = dict(names)
        mixed[1] = None
        if names.__sizeof__() not in text or numbers.__sizeof__() not in other or mixed.__sizeof__() not in other:
            return frozenset()
    # An instance's dict may keep its values apart, 8 bytes each, and its keys with the class: they are always exact strings.
    split = [empty + 8 * values for values in range(1, 33)]
    return frozenset(text + split) - other


#: `d.__sizeof__() in TEXT_TABLES` proves that all keys of an exact dict are exact strings.
TEXT_TABLES: Final = _table_sizes()


def get(holder: Any, key: str) -> Any:
    """The value behind a text key of a dict or of an instance of a subclass of it, MISSING, or a Fault `truncated`. `key` must be an exact str."""
    if type(holder) is dict:
        if holder.__sizeof__() in TEXT_TABLES:
            return holder.get(key, MISSING)
    elif natives.dict_sizeof(holder) - natives.type_basicsize(type(holder)) + natives.DICT_BASICSIZE in TEXT_TABLES:
        return natives.dict_get(holder, key, MISSING)
    return search(holder, key)


def search(holder: Any, key: Any) -> Any:
    """As `get`, for an exact str or int, entry by entry, at most `listedFields` of them."""
    for _ in range(RETRIES):
        try:
            return _search(holder, key, type(key))
        except RuntimeError as error:
            natives.pass_on(error)
            continue  # another thread put something in or took it out
    return FAULTS[abi.ERR_TRUNCATED]


def _search(holder: Any, key: Any, wanted: type) -> Any:
    entries = natives.dict_items(holder)
    for found, value in islice(entries, LIMITS["listedFields"]):
        kind = type(found)
        if kind is wanted:
            if found == key:
                return value
        elif kind is not str and kind is not int and kind is not bool:
            exact = key_of(found)
            if (
                exact is not MISSING
                and type(exact) is not bool
                and (type(exact) is str) is (wanted is str)
                and exact == key
            ):
                return value
    if natives.dict_length(holder) > LIMITS["listedFields"]:
        return FAULTS[abi.ERR_TRUNCATED]
    return MISSING


def key_of(key: Any) -> Any:
    """What the language sees of a map's key, an exact str, int, bool or float, or MISSING for one that is invisible."""
    kind = type(key)
    if kind is str or kind is int or kind is bool:
        return key
    if kind is float:
        return key if key.is_integer() else MISSING
    mro = natives.type_mro(kind)
    if type(mro) is not tuple:
        return MISSING
    for base in mro:
        if base is str:
            return natives.str_slice(key, slice(0, LIMITS["stringBytes"]))
        if base is int:
            return natives.int_exact(key)
        if base is float:
            exact = natives.float_exact(key)
            return exact if exact.is_integer() else MISSING
    return MISSING
