"""Names of classes and of what has one, as exact texts of bounded length. Runs none of the program's code."""

from __future__ import annotations

from typing import Any, Final, cast

from . import natives

__builtins__ = natives.BUILTINS

#: Characters of a class name or label.
NAME_LENGTH: Final = 128


def name_of(cls: type) -> str:
    """The name of a class, cut: an exact str, read past its metaclass."""
    return exact_name(natives.type_name(cls))


def qualname_of(cls: type) -> str:
    """The qualified name of a class, cut."""
    return exact_name(natives.type_qualname(cls))


def exact_name(name: Any) -> str:
    """An exact str of a str or of an instance of a subclass, cut at NAME_LENGTH; "" of anything else."""
    kind = type(name)
    if kind is str and len(name) <= NAME_LENGTH:
        return cast("str", name)
    mro = natives.type_mro(kind)
    if type(mro) is tuple and any(base is str for base in mro):
        return natives.str_slice(name, slice(0, NAME_LENGTH))
    return ""
