"""Records of elements that are all alike and of which only numbers are wanted, written in one go: three times as fast as one after the other.

Every element is still proved by itself, so nothing of the program runs: its class, that its dict is an exact one with exact strings as keys, and the class of each number.
Whatever does not fit makes the generated function say False, and the records are written one by one.
"""

from __future__ import annotations

from struct import Struct, unpack
from typing import Any, Callable, Dict, Final, List, Tuple

from .. import _abi as abi
from . import natives
from .layouts import layouts
from .lookup import TEXT_TABLES

__builtins__ = natives.BUILTINS

#: Fewer elements than that are faster one by one.
FEWEST: Final = 4
#: Columns of one record.
MOST_KEYS: Final = 8


class _Packers(Dict[int, Callable[..., None]]):
    """What packs so many records of one form, made when first asked for."""

    def __init__(self, letters: str) -> None:
        super().__init__()
        self.letters = letters

    def __missing__(self, count: int) -> Callable[..., None]:
        made = self[count] = Struct("<" + "".join(f"d{letter}" for letter in self.letters) * count).pack_into
        return made


def _as_double(tag: int) -> float:
    """The double whose bits are a tag with length 0: so that one call packs tags and payloads."""
    return unpack("<d", tag.to_bytes(8, "little"))[0]  # type: ignore[no-any-return]


#: Of the class of a number, by identity: the tag as a double, and the letter of its payload.
_NUMBERS: Final[Dict[int, Tuple[float, str]]] = {
    id(float): (_as_double(abi.TAG_DOUBLE), "d"),
    id(int): (_as_double(abi.TAG_INT), "q"),
}


def shows_dict(cls: type) -> bool:
    """Whether `instance.__dict__` of this class is at this moment the real dict and runs nothing: three times as fast as reading it past the class."""
    layout = layouts.get(id(cls))
    if layout is None or layout.view is None or natives.type_mro(cls) is not layout.bases:
        return False
    view = layout.view
    for held in layout.dicts:
        if held.__sizeof__() not in TEXT_TABLES or "__getattribute__" in held:
            return False
        if view is not None and "__dict__" in held:
            if held["__dict__"] is not view:
                return False
            view = None
    return view is None


class Forms(Dict[Tuple[int, ...], Any]):
    """Of one place in a reader: by the classes of the numbers the start of a buffer and the packers; None where one is no plain number."""

    def __missing__(self, kinds: Tuple[int, ...]) -> Any:
        found = [_NUMBERS.get(kind) for kind in kinds]
        if None in found:
            return None
        start = [part for number in found if number is not None for part in (number[0], 0)]
        made = self[kinds] = (start, _Packers("".join(number[1] for number in found if number is not None)))
        return made


def columns_source(name: str, forms: str, keys: Tuple[str, ...]) -> List[str]:
    """Source of `name(elements, at)`, which says whether it has written all records. `forms`: the variable that holds its Forms."""
    kinds = [f"k{index}" for index in range(len(keys))]
    lines = [
        f"def {name}(es, at):",
        "    e = es[0]",
        "    c = type(e)",
        "    if c is dict:",
        "        d = e",
        "    elif shows_dict(c):",
        "        d = e.__dict__",
        "    else:",
        "        return False",
        "    if type(d) is not dict or d.__sizeof__() not in TEXT:",
        "        return False",
        "    try:",
        *(f"        {kind} = type(d[{key!a}])" for key, kind in zip(keys, kinds)),
        f"        form = {forms}[{''.join(f'id({kind}), ' for kind in kinds)}]",
        "        if form is None:",
        "            return False",
        "        start, pack = form",
        "        size = d.__sizeof__()",
        "        buf = start * len(es)",
        "        i = 1",
    ]
    for head, test, step in (
        ("if c is dict:", "type(d) is not dict", "for d in es:"),
        ("else:", "type(e) is not c", "for e in es:"),
    ):
        lines += [
            f"        {head}",
            f"            {step}",
            f"                if {test}:",
            "                    return False",
        ]
        if head == "else:":
            lines += [
                "                d = e.__dict__",
                "                if type(d) is not dict:",
                "                    return False",
            ]
        lines += [
            "                if d.__sizeof__() != size and d.__sizeof__() not in TEXT:",
            "                    return False",
        ]
        for index, (key, kind) in enumerate(zip(keys, kinds)):
            lines += [
                f"                x = d[{key!a}]",
                f"                if type(x) is not {kind}:",
                "                    return False",
                f"                buf[i{f' + {2 * index}' if index else ''}] = x",
            ]
        lines.append(f"                i += {2 * len(keys)}")
    return [
        *lines,
        "        pack[len(es)](mem, at, *buf)",
        "    except (KeyError, PackError):",
        "        return False  # a field that is missing, an int that is none of 64 bits",
        "    return True",
    ]
