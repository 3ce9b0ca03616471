"""What is in a value: which elements and entries. Copies no more than is asked for, runs none of the program's code, never raises.

Where other threads change a container meanwhile, it is read anew a few times; what is given is always something that the container held.
"""

from __future__ import annotations

from itertools import islice
from typing import Any, List, Optional, Tuple

from . import natives
from .arrays import is_row
from .layouts import layout_of
from .lookup import RETRIES
from .names import name_of

__builtins__ = natives.BUILTINS


def class_name(value: Any) -> str:
    """The name of a value's class, cut at 128 characters."""
    return name_of(type(value))


def kind_of(value: Any) -> str:
    """What a value is: see the kinds of layouts.py."""
    return layout_of(type(value)).kind


def int_of(value: Any) -> int:
    """The exact int of an int or of an instance of a subclass."""
    return natives.int_exact(value)


def float_of(value: Any) -> float:
    """The exact float of a float or of an instance of a subclass."""
    return natives.float_exact(value)


def str_prefix(value: Any, limit: int) -> Tuple[str, bool]:
    """The first characters of a str or of an instance of a subclass, as an exact str, and whether that is all."""
    return natives.str_slice(value, slice(0, limit)), natives.str_len(value) <= limit


def entries_of(value: Any, limit: int) -> List[Tuple[Any, Any]]:
    """The first entries of a dict or mappingproxy, with keys of all kinds (see `key_of`); [] of anything else."""
    kind = layout_of(type(value)).kind
    held = value if kind == "dict" else behind_proxy(value) if kind == "mappingproxy" else None
    if held is None:
        return []
    for _ in range(RETRIES):
        try:
            return list(islice(natives.dict_items(held), limit))
        except RuntimeError as error:
            natives.pass_on(error)
            continue
    return []


def behind_proxy(value: Any) -> Optional[Any]:
    """The dict that a mappingproxy shows, or None: another mapping would have to be asked."""
    held = natives.referents(value)
    if len(held) == 1 and layout_of(type(held[0])).kind == "dict":
        return held[0]
    return None


def elements_of(value: Any, limit: int) -> List[Any]:
    """The first elements of a list, tuple, deque, range, array, set, frozenset or one-dimensional numpy array; [] of anything else."""
    layout = layout_of(type(value))
    for _ in range(RETRIES):
        try:
            found: List[Any] = _elements_of(value, layout.kind, limit)
        except RuntimeError as error:
            natives.pass_on(error)
            continue  # another thread changed it meanwhile
        except natives.FAULTY as error:
            natives.pass_on(error)
            break
        return found
    return []


def _elements_of(value: Any, kind: str, limit: int) -> Any:
    if kind in ("list", "tuple", "namedtuple"):
        return list(natives.ITEMS[kind](value, slice(0, limit)))
    iterate = natives.ITERATORS.get(kind)
    if iterate is not None:
        return list(islice(iterate(value), limit))
    if kind == "range":
        return list(value[:limit])
    if kind == "array":
        return natives.array_list(natives.array_item(value, slice(0, limit)))
    if kind == "ndarray" and is_row(value):
        cls = type(value)
        held = natives.type_dict(cls)
        return held["tolist"](held["__getitem__"](value, slice(0, limit)))
    return []
