"""Tells once for each class what its instances are and how to get at what they hold. Runs none of the program's code.

A layout holds only what can never become wrong for a class: how its instances are laid out in memory (the real `__dict__`, the slots, the built-in base). What the
program can change later, such as putting a property into the class, is looked up when it matters (see access.py).
"""

from __future__ import annotations

import _io
import array
import collections
import datetime as dt
import enum
import functools
import gc
import sys
import types
import weakref
from typing import Any, Callable, Dict, Final, Optional, Tuple, cast

from ..unavailable import UNAVAILABLE
from . import natives
from .carrier import Carrier, Duration
from .lookup import MISSING, get
from .names import exact_name as exact_name  # noqa: PLC0414 - taken from here by capture
from .names import name_of

__builtins__ = natives.BUILTINS

#: Layouts kept. Past them all are made anew: no program has as many classes in what it shows.
MAX_LAYOUTS: Final = 10_000
#: Classes above a class that are looked at.
MAX_MRO: Final = 64

_KINDS: Final[Dict[int, str]] = {
    id(base): kind
    for base, kind in (
        (type(None), "none"),
        (bool, "bool"),
        (int, "int"),
        (float, "float"),
        (complex, "complex"),
        (str, "str"),
        (bytes, "bytes"),
        (bytearray, "bytearray"),
        (memoryview, "memoryview"),
        (list, "list"),
        (tuple, "tuple"),
        (collections.deque, "deque"),
        (range, "range"),
        (array.array, "array"),
        (set, "set"),
        (frozenset, "frozenset"),
        (dict, "dict"),
        (types.MappingProxyType, "mappingproxy"),
        (BaseException, "exception"),
        (dt.datetime, "datetime"),
        (dt.date, "date"),
        (dt.time, "time"),
        (dt.timedelta, "timedelta"),
        (type, "class"),
        (types.ModuleType, "module"),
        (types.FunctionType, "function"),
        (types.BuiltinFunctionType, "function"),
        (types.MethodType, "function"),
        (types.MethodDescriptorType, "function"),
        (types.WrapperDescriptorType, "function"),
        (types.MethodWrapperType, "function"),
        (functools._lru_cache_wrapper, "function"),
        (types.SimpleNamespace, "object"),
        (Carrier, "carrier"),
        (type(UNAVAILABLE), "unavailable"),
        (Duration, "timedelta"),
    )
}
#: Built-in bases whose instances may have a dict that says nothing of what they are.
_OPAQUE: Final[Dict[int, str]] = {
    id(base): label
    for base, label in (
        (types.GeneratorType, "generator"),
        (types.CoroutineType, "coroutine"),
        (types.AsyncGeneratorType, "async generator"),
        (types.CodeType, "code"),
        (types.FrameType, "frame"),
        (types.TracebackType, "traceback"),
        (types.GetSetDescriptorType, "descriptor"),
        (types.MemberDescriptorType, "descriptor"),
        (property, "property"),
        (_io._IOBase, "file"),
        (weakref.ref, "weakref"),
    )
}
#: Kinds of classes that are known only once their module was imported, by the program.
_LATE: Final[Tuple[Tuple[str, str, str], ...]] = (
    ("decimal", "Decimal", "decimal"),
    ("fractions", "Fraction", "fraction"),
    ("uuid", "UUID", "uuid"),
    ("pathlib", "PurePath", "path"),
    ("_thread", "_local", "opaque"),
    ("numpy", "ndarray", "ndarray"),
    ("numpy", "generic", "npscalar"),
    ("pandas._libs.tslibs.nattype", "NaTType", "opaque"),
    ("pandas.core.frame", "DataFrame", "opaque"),
    ("pandas.core.series", "Series", "opaque"),
    ("pandas.core.indexes.base", "Index", "opaque"),
)
#: Kinds that have fields of their own kind, and then those of the program's class.
OBJECTS: Final = frozenset({"object", "exception", "namedtuple", "time", "complex"})

_EnumMeta: Final = type(enum.Enum)
_modules: Final = sys.modules
_referents: Final = gc.get_referents


class Layout:
    """What the instances of one class are.

    kind       a word of access.py's list; of a subclass of a built-in class that of the built-in class
    label      of an opaque what to call it, else ""
    get_dict   gives the instance's real dict, or raises AttributeError or TypeError; None where there is none
    plain      the same where the dict comes first for every name, else None
    slots      (name, getter) of `__slots__`, base classes first; a getter raises AttributeError where the slot is empty
    slot_of    the same by name
    named      names of the items of a named tuple, else ()
    plan       room for one cached thing of snapshots
    """

    __slots__ = (
        "bases",
        "cls",
        "dicts",
        "get_dict",
        "kind",
        "label",
        "named",
        "plain",
        "plan",
        "slot_of",
        "slots",
        "view",
    )

    def __init__(self, cls: type, bases: Any, kind: str, label: str) -> None:
        self.cls = cls
        self.bases = bases
        self.kind = kind
        self.label = label
        self.get_dict: Optional[Callable[[Any], Dict[Any, Any]]] = None
        self.plain: Optional[Callable[[Any], Dict[Any, Any]]] = None
        self.slots: Tuple[Tuple[str, Callable[[Any], Any]], ...] = ()
        self.slot_of: Dict[str, Callable[[Any], Any]] = {}
        self.named: Tuple[str, ...] = ()
        self.plan: Any = None
        #: The descriptor behind `plain`, and the dicts of the classes that could put something before it.
        self.view: Any = None
        self.dicts: Tuple[Dict[Any, Any], ...] = ()


#: By identity of the class, which a layout keeps alive. Emptied before each full collection of garbage, so that no class lives longer than the program lets it.
layouts: Final[Dict[int, Layout]] = {}
#: The first generation of garbage that holds classes; from Python 3.14 on there are only two.
_OLD: Final = 2 if sys.version_info < (3, 14) else 1


def layout_of(cls: type) -> Layout:
    """The layout of a class: `layout_of(type(value))`. By identity: to hash a class may run code of its metaclass."""
    known = layouts.get(id(cls))
    return known if known is not None else _keep(cls)


def _keep(cls: type) -> Layout:
    made = _describe(cls)
    if len(layouts) >= MAX_LAYOUTS:
        layouts.clear()
    if not layouts and _forget not in gc.callbacks:
        gc.callbacks.append(_forget)
    layouts[id(cls)] = made
    return made


def _forget(phase: str, info: Dict[str, int]) -> None:
    if phase == "start" and info["generation"] >= _OLD:
        layouts.clear()


def _describe(cls: type) -> Layout:
    mro = natives.type_mro(cls)
    bases = mro[:MAX_MRO] if type(mro) is tuple else (cls,)
    kind = _kind_of(cls, bases)
    label = ""
    if kind == "":
        label = next((_OPAQUE[id(base)] for base in bases if id(base) in _OPAQUE), "")
        kind = "opaque" if label != "" else "object"
    layout = Layout(cls, mro, kind, label)
    known = kind == "object" and _KINDS.get(id(cls)) == kind
    layout.get_dict = _dict_getter(cls, bases)
    layout.slot_of = _slots(bases)
    layout.slots = tuple(layout.slot_of.items())
    if kind == "object" and not known and not _is_from_class_statement(bases):
        layout.kind = "opaque"
    elif kind == "tuple":
        layout.named = _named(bases)
        if layout.named:
            layout.kind = "namedtuple"
    if layout.kind == "opaque":
        layout.slot_of, layout.slots = {}, ()
        if layout.label == "":
            layout.label = _opaque_label(cls, bases)
    if layout.kind == "object":
        layout.plain = layout.get_dict
        _set_view(layout, bases)
    return layout


def _set_view(layout: Layout, bases: Tuple[type, ...]) -> None:
    if layout.get_dict is None or any(
        base is not object and not natives.type_flags(base) & natives.HEAP_TYPE for base in bases
    ):
        return
    layout.dicts = tuple(class_dict(base) for base in bases if base is not object)
    for held in layout.dicts:
        found = get(held, "__dict__")
        if found is not MISSING:
            layout.view = found if type(found) is natives.GetSet else None
            return


def _kind_of(cls: type, bases: Tuple[type, ...]) -> str:
    meta = natives.type_mro(type(cls))
    if type(meta) is tuple and any(base is _EnumMeta for base in meta):
        return "enum"
    late = _late()
    for base in bases:
        kind = _KINDS.get(id(base)) or late.get(id(base))
        if kind is not None:
            return kind
    return ""


def _late() -> Dict[int, str]:
    """Kinds of the classes of modules that are imported by now, by identity."""
    found: Dict[int, str] = {}
    for module, name, kind in _LATE:
        loaded = _modules.get(module)
        if type(loaded) is types.ModuleType:
            cls = get(natives.module_dict(loaded), name)
            if cls is not MISSING:
                found[id(cls)] = kind
    return found


def class_dict(cls: type) -> Dict[Any, Any]:
    """The real dict of a class: what is found behind its read-only view."""
    return cast("Dict[Any, Any]", _referents(natives.type_dict(cls))[0])


def _dict_getter(cls: type, bases: Tuple[type, ...]) -> Optional[Callable[[Any], Dict[Any, Any]]]:
    if natives.type_dictoffset(cls) == 0:
        return None
    for base in bases:
        found = get(class_dict(base), "__dict__")
        # A class body can hold anything under this name, but no descriptor that belongs to the class itself.
        if (
            type(found) is natives.GetSet
            and natives.getset_owner(found) is base
            and natives.getset_name(found) == "__dict__"
        ):
            return cast("Callable[[Any], Dict[Any, Any]]", found.__get__)
        if type(found) is natives.Member and natives.member_owner(found) is base:
            return cast("Callable[[Any], Dict[Any, Any]]", found.__get__)
    return _generic_dict()


@functools.lru_cache(maxsize=1)
def _generic_dict() -> Optional[Callable[[Any], Dict[Any, Any]]]:
    """For a class that hides its own `__dict__`: the same by the interpreter's interface, which is slower."""
    try:
        import ctypes

        read = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.py_object, ctypes.c_void_p)(
            ("PyObject_GenericGetDict", ctypes.pythonapi)
        )
    except (ImportError, AttributeError):
        return None
    # Wrapped by hand: to convert an argument, ctypes would look for attributes of it.
    return lambda value: cast("Dict[Any, Any]", read(ctypes.py_object(value), None))


def _slots(bases: Tuple[type, ...]) -> Dict[str, Callable[[Any], Any]]:
    found: Dict[str, Callable[[Any], Any]] = {}
    for base in reversed(bases):
        if natives.type_flags(base) & natives.HEAP_TYPE and get(class_dict(base), "__slots__") is not MISSING:
            for name, value in tuple(class_dict(base).items()):
                if type(name) is str and type(value) is natives.Member:
                    found[name] = value.__get__
    return found


def _is_from_class_statement(bases: Tuple[type, ...]) -> bool:
    for base in bases:
        if not natives.type_flags(base) & natives.HEAP_TYPE:
            continue
        held = class_dict(base)
        view = get(held, "__dict__")
        if type(view) is natives.GetSet:
            if natives.getset_doc(view) == natives.DICT_DOC:
                return True
        elif view is not MISSING or get(held, "__slots__") is not MISSING:
            return True  # an extension's class has neither
    return False


def _named(bases: Tuple[type, ...]) -> Tuple[str, ...]:
    for base in bases:
        fields = get(class_dict(base), "_fields")
        if type(fields) is tuple and fields and all(type(name) is str for name in fields):
            return cast("Tuple[str, ...]", fields)
    return ()


def _opaque_label(cls: type, bases: Tuple[type, ...]) -> str:
    if not any(natives.type_flags(base) & natives.HEAP_TYPE for base in bases):
        name = name_of(cls)
        if name.endswith("iterator"):
            return "iterator"
        return name
    return name_of(cls)
