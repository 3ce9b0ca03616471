"""The fields of an object, all of them: by its built-in kind, of its dict, of its slots. Runs none of the program's code, never raises."""

from __future__ import annotations

from typing import Any, List, Optional, Tuple

from .. import _abi as abi
from .._limits import LIMITS
from . import natives
from .content import class_name, entries_of, str_prefix
from .layouts import Layout, layout_of
from .lookup import MISSING, TEXT_TABLES, get
from .members import own_dict
from .names import exact_name
from .times import TIME_FIELDS

__builtins__ = natives.BUILTINS


def field_names(value: Any, layout: Layout) -> Optional[List[str]]:
    """The names of the fields of an object, or None where they are more than may be listed."""
    names = list(own_kind_fields(layout))
    held = own_dict(value, layout)
    if held is not None:
        if natives.dict_length(held) > LIMITS["listedFields"]:
            return None
        names += [name for name in _names_in(held) if name not in names] if names else _names_in(held)
    for name, read in layout.slots:
        try:
            read(value)
        except natives.FAULTY as error:
            natives.pass_on(error)
            continue
        names.append(name)
    return names


def _names_in(held: Any) -> List[str]:
    if type(held) is dict and held.__sizeof__() in TEXT_TABLES:
        return list(held)
    names = (exact_name(key) if type(key) is not str else key for key, _ in entries_of(held, LIMITS["listedFields"]))
    return [name for name in names if name != ""]


def own_kind_fields(layout: Layout) -> Tuple[str, ...]:
    """The fields that an object has by its built-in kind."""
    kind = layout.kind
    if kind == "exception":
        return ("type", "message", "args")
    if kind == "namedtuple":
        return layout.named
    if kind == "time":
        return tuple(TIME_FIELDS)
    return ("real", "imag") if kind == "complex" else ()


def kind_field(value: Any, layout: Layout, name: str) -> Any:
    """A field that an object has by its built-in kind, or MISSING."""
    kind = layout.kind
    if kind == "exception":
        if name == "type":
            return class_name(value)
        if name == "message":
            return message_of(value)
        return natives.error_args(value) if name == "args" else MISSING
    if kind == "namedtuple":
        return natives.ITEMS["tuple"](value, layout.named.index(name)) if name in layout.named else MISSING
    if kind == "time":
        return TIME_FIELDS[name](value) if name in TIME_FIELDS else MISSING
    if kind == "complex" and name in ("real", "imag"):
        return natives.complex_real(value) if name == "real" else natives.complex_imag(value)
    return MISSING


def object_size(value: Any, layout: Layout) -> int:
    """How many fields an object has, or negated `truncated` where they are more than may be listed."""
    names = field_names(value, layout)
    return -abi.ERR_TRUNCATED if names is None else len(names)


def object_fields(value: Any, layout: Layout, limit: int) -> List[Tuple[str, Any]]:
    """The first fields of an object as (name, value): by its kind (of an exception, a named tuple, a time of day), of its dict, of its slots."""
    own = own_kind_fields(layout)
    found: List[Tuple[str, Any]] = []
    for name in own[:limit]:
        try:
            found.append((name, kind_field(value, layout, name)))
        except natives.FAULTY as error:
            natives.pass_on(error)
            continue
    return found + _held_fields(value, layout, limit - len(found), own)


def listed(value: Any, layout: Layout, name: str) -> Any:
    """What the dict or a slot of an object has under a name, or MISSING."""
    held = own_dict(value, layout)
    found = MISSING if held is None else get(held, name)
    read = layout.slot_of.get(name) if found is MISSING else None
    try:
        return found if read is None else read(value)
    except natives.FAULTY as error:
        natives.pass_on(error)
        return MISSING


def fields_of(value: Any, limit: int) -> List[Tuple[str, Any]]:
    """The same without what `exception_of` says of an exception."""
    layout = layout_of(type(value))
    return _held_fields(value, layout, limit, ()) if layout.kind == "exception" else object_fields(value, layout, limit)


def _held_fields(value: Any, layout: Layout, limit: int, but: Tuple[str, ...]) -> List[Tuple[str, Any]]:
    found: List[Tuple[str, Any]] = []
    held = own_dict(value, layout)
    if held is not None and limit > 0:
        plain = type(held) is dict and held.__sizeof__() in TEXT_TABLES
        for key, content in entries_of(held, limit + len(but) if plain else LIMITS["listedFields"]):
            name = key if type(key) is str else exact_name(key)
            if name not in ("", *but) and len(found) < limit:
                found.append((name, content))
    for name, read in layout.slots:
        if len(found) >= limit:
            break
        try:
            found.append((name, read(value)))
        except natives.FAULTY as error:
            natives.pass_on(error)
            continue
    return found


def message_of(error: Any) -> str:
    """What an exception says, without `str()`: its first argument if that is text, or the text of an operating system's error."""
    args = natives.error_args(error)
    for argument in (args[0] if type(args) is tuple and args else None, _os_error_text(error)):
        if argument is not None and layout_of(type(argument)).kind == "str":
            return str_prefix(argument, LIMITS["stringBytes"])[0]
    return ""


def _os_error_text(error: Any) -> Any:
    try:
        return natives.os_error_text(error)
    except natives.FAULTY as problem:
        natives.pass_on(problem)
        return None


def exception_of(value: Any) -> Tuple[Tuple[Any, ...], Any, Any, bool, str]:
    """Arguments, cause, context, whether the context is suppressed, message."""
    args = natives.error_args(value)
    return (
        args if type(args) is tuple else (),
        natives.error_cause(value),
        natives.error_context(value),
        natives.error_suppress(value) is True,
        message_of(value),
    )


def enum_of(value: Any) -> Tuple[str, Any]:
    """Name ("" where it has none) and value of a member of an enum."""
    held = own_dict(value, layout_of(type(value)))
    if held is None:
        return "", None
    name = get(held, "_name_")
    content = get(held, "_value_")
    return exact_name(name), None if content is MISSING else content
