"""What is in a value: how much, which elements, entries and fields, which text. Copies no more than is asked for, runs none of the program's code, never raises.

Where other threads change a container meanwhile, it is read anew a few times; what is given is always something that the container held.
"""

from __future__ import annotations

import types
from itertools import islice
from typing import Any, Callable, List, Optional, Tuple, cast

from .. import _abi as abi
from .._limits import LIMITS
from ..unavailable import UNAVAILABLE
from . import natives
from .layouts import OBJECTS, Layout, class_dict, exact_name, layout_of, name_of
from .lookup import MISSING, RETRIES, TEXT_TABLES, Fault, get
from .members import member, own_dict
from .texts import text_of
from .times import TIME_FIELDS

_ERROR_FIELDS = frozenset({"type", "message", "args"})


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


def size_of(value: Any) -> int:
    """How many elements, entries, fields, bytes or code points a value has, or a negated error code."""
    kind = type(value)
    if kind is str:
        return text_size(value)
    if kind is list or kind is dict or kind is tuple or kind is set:
        return len(value)
    if value is UNAVAILABLE:
        return -abi.ERR_UNDECLARED
    layout = layout_of(kind)
    try:
        return _size_of(value, layout)
    except natives.FAULTY:
        return -abi.ERR_TRUNCATED


def _size_of(value: Any, layout: Layout) -> int:
    kind = layout.kind
    if kind == "str":
        return text_size(value)
    if kind in OBJECTS:
        names = field_names(value, layout)
        return -abi.ERR_TRUNCATED if names is None else len(names)
    length = natives.LENGTHS.get(kind)
    if length is not None:
        return length(value)
    if kind == "range":
        return max(0, (value.stop - value.start + value.step - (1 if value.step > 0 else -1)) // value.step)
    if kind == "array":
        return natives.array_len(value)
    if kind == "memoryview":
        return cast("int", value.nbytes)
    if kind == "mappingproxy":
        held = behind_proxy(value)
        return -abi.ERR_SIDE_EFFECT if held is None else natives.dict_length(held)
    if kind == "ndarray" and is_row(value):
        return (shape_of(value) or (0,))[0]
    if kind == "carrier":
        if value.kind == "cut":
            return -abi.ERR_TRUNCATED if type(value.first) is str else cast("int", value.second)
        if value.kind == "error":
            return -cast("int", value.first)
    if kind in ("uuid", "path"):
        text = text_of(value, LIMITS["stringBytes"])
        return -abi.ERR_TRUNCATED if text is None else text_size(text)
    return -abi.ERR_NO_SUCH_OVERLOAD


def text_size(value: Any) -> int:
    """Code points of a text, negated `truncated` for one of more than 4096 UTF-16 units: the same answer in all runtimes."""
    length = natives.str_len(value)
    most = LIMITS["stringBytes"]
    if length > most:
        return -abi.ERR_TRUNCATED
    if length * 2 <= most or natives.str_isascii(value):
        return length
    if len(natives.str_encode(value, "utf-16-le", "surrogatepass")) > 2 * most:
        return -abi.ERR_TRUNCATED
    return length


def elements_of(value: Any, limit: int) -> List[Any]:
    """The first elements of a list, tuple, deque, range, array, set, frozenset or one-dimensional numpy array; [] of anything else."""
    layout = layout_of(type(value))
    for _ in range(RETRIES):
        try:
            return _elements_of(value, layout.kind, limit)
        except RuntimeError:
            continue  # another thread changed it meanwhile
        except natives.FAULTY:
            break
    return []


def _elements_of(value: Any, kind: str, limit: int) -> List[Any]:
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
        return cast("List[Any]", held["tolist"](held["__getitem__"](value, slice(0, limit))))
    return []


def entries_of(value: Any, limit: int) -> List[Tuple[Any, Any]]:
    """The first entries of a dict or mappingproxy, with keys of all kinds (see `key_of`); [] of anything else."""
    kind = layout_of(type(value)).kind
    held = value if kind == "dict" else behind_proxy(value) if kind == "mappingproxy" else None
    if held is None:
        return []
    for _ in range(RETRIES):
        try:
            return list(islice(natives.dict_items(held), limit))
        except RuntimeError:
            continue
    return []


def behind_proxy(value: Any) -> Optional[Any]:
    """The dict that a mappingproxy shows, or None: another mapping would have to be asked."""
    held = natives.referents(value)
    if len(held) == 1 and layout_of(type(held[0])).kind == "dict":
        return held[0]
    return None


def field_names(value: Any, layout: Layout) -> Optional[List[str]]:
    """The names of the fields of an object, or None where they are more than may be listed."""
    names = list(own_kind_fields(layout))
    held = own_dict(value, layout)
    if held is not None:
        if natives.dict_length(held) > LIMITS["listedFields"]:
            return None
        if layout.kind == "exception":
            names += [name for name in _names_in(held) if name not in _ERROR_FIELDS]
        else:
            names += _names_in(held)
    for name, read in layout.slots:
        try:
            read(value)
        except natives.FAULTY:
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


def fields_of(value: Any, limit: int) -> List[Tuple[str, Any]]:
    """The first fields of an object as (name, value): by its kind (of a named tuple, a time of day), of its dict, of its slots."""
    layout = layout_of(type(value))
    found: List[Tuple[str, Any]] = []
    if layout.kind != "exception":
        for name in own_kind_fields(layout)[:limit]:
            try:
                found.append((name, kind_field(value, layout, name)))
            except natives.FAULTY:
                continue
    held = own_dict(value, layout)
    if held is not None and len(found) < limit:
        for key, content in entries_of(held, limit - len(found)):
            name = key if type(key) is str else exact_name(key)
            if name != "":
                found.append((name, content))
    for name, read in layout.slots:
        if len(found) >= limit:
            break
        try:
            found.append((name, read(value)))
        except natives.FAULTY:
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
    except natives.FAULTY:
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


def shape_of(value: Any) -> Optional[Tuple[int, ...]]:
    """The shape of a numpy array or of a pandas frame, series or index, or None."""
    if layout_of(type(value)).kind != "ndarray":
        return frame_shape(value)
    for base in natives.type_mro(type(value)):
        if layout_of(base).kind == "ndarray" and not natives.type_flags(base) & natives.HEAP_TYPE:
            read = natives.type_dict(base).get("shape")
            if type(read) is natives.GetSet:
                shape = read.__get__(value)
                return shape if type(shape) is tuple else None
    return None


def frame_shape(value: Any) -> Optional[Tuple[int, ...]]:
    """The shape of what pandas made, from the arrays that it keeps in its dicts, or None."""
    layout = layout_of(type(value))
    held = own_dict(value, layout) if layout.kind == "opaque" else None
    if held is None:
        return None
    data, numbers = get(held, "_data"), get(held, "_range")  # of an index
    if type(numbers) is range:
        return (len(numbers),)
    if data is not MISSING:
        return shape_of(data) if layout_of(type(data)).kind == "ndarray" else None
    manager = get(held, "_mgr")
    axes, blocks = _compiled_field(manager, "axes"), _compiled_field(manager, "blocks")
    if type(axes) is not list or type(blocks) is not tuple:
        return None
    shapes = [shape_of(_compiled_field(block, "values")) for block in blocks]
    rows = next((shape[-1] for shape in shapes if shape), None)
    if rows is None:
        return None
    columns = sum(shape[0] if shape is not None and len(shape) > 1 else 1 for shape in shapes)
    return (rows,) if len(axes) == 1 else (rows, columns)


def _compiled_field(value: Any, name: str) -> Any:
    """A field of an instance, or a public one of an extension's class: what its own getset gives."""
    found = member(value, layout_of(type(value)), name)
    if type(found) is not Fault:
        return found
    for base in natives.type_mro(type(value)):
        read = class_dict(base).get(name)
        if type(read) is natives.GetSet and natives.getset_owner(read) is base:
            return read.__get__(value)
    return None


def is_plain_array(value: Any) -> bool:
    """An array of numpy's own class, whose methods are built in: of a subclass they may be the program's."""
    held = natives.type_dict(type(value))
    methods = type(held.get("tolist")), type(held.get("__getitem__"))
    return methods[0] is types.MethodDescriptorType and methods[1] is types.WrapperDescriptorType


def is_row(value: Any) -> bool:
    """Such an array of one dimension: the language sees it as a list."""
    shape = shape_of(value) if is_plain_array(value) else None
    return shape is not None and len(shape) == 1


def scalar_of(value: Any) -> Any:
    """The Python value of a numpy scalar, or MISSING."""
    for base in natives.type_mro(type(value)):
        read: Optional[Callable[[Any], Any]] = class_dict(base).get("item")
        if type(read) is types.MethodDescriptorType:
            try:
                found = read(value)
            except natives.FAULTY:
                return MISSING
            return found if layout_of(type(found)).kind != "npscalar" else MISSING
    return MISSING
