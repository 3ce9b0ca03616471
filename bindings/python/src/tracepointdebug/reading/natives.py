"""The built-ins as they were when this file was loaded, for everything that looks at values of the program.

A class may define `__class__`, `__dict__`, `__getattribute__`, `__eq__`, `__hash__`, `__len__`, `__iter__` and a metaclass: reading through any of them would run the
program's code. What stands here goes to the interpreter's own structures instead: `type(x)` with one argument, and descriptors taken from the built-in types, called
with the object. `isinstance`, `issubclass`, `getattr`, `hash`, `len`, `iter` of a value of unknown type are never used.
"""

from __future__ import annotations

import array
import builtins
import collections
import gc
import struct
import types
from typing import Any, Callable, Dict, Final, FrozenSet, Tuple, Type

#: The built-in functions for every file of this folder, as `__builtins__`: what the program puts into `builtins` later is its code.
BUILTINS: Final[Any] = dict(vars(builtins))
__builtins__ = BUILTINS

# Of any class, whatever its metaclass says.
type_mro: Final[Callable[[type], Any]] = type.__dict__["__mro__"].__get__
type_dict: Final[Callable[[type], Any]] = type.__dict__["__dict__"].__get__
type_name: Final[Callable[[type], Any]] = type.__dict__["__name__"].__get__
type_qualname: Final[Callable[[type], Any]] = type.__dict__["__qualname__"].__get__
type_flags: Final[Callable[[type], int]] = type.__dict__["__flags__"].__get__
type_basicsize: Final[Callable[[type], int]] = type.__dict__["__basicsize__"].__get__
type_dictoffset: Final[Callable[[type], int]] = type.__dict__["__dictoffset__"].__get__
#: Flag of a class that was not built into the interpreter.
HEAP_TYPE: Final = 1 << 9

GetSet: Final = types.GetSetDescriptorType
Member: Final = types.MemberDescriptorType
getset_name: Final[Callable[[Any], Any]] = GetSet.__dict__["__name__"].__get__
getset_owner: Final[Callable[[Any], Any]] = GetSet.__dict__["__objclass__"].__get__
member_owner: Final[Callable[[Any], Any]] = Member.__dict__["__objclass__"].__get__
getset_doc: Final[Callable[[Any], Any]] = GetSet.__dict__["__doc__"].__get__

str_len: Final = str.__len__
str_slice: Final = str.__getitem__
str_encode: Final = str.encode
str_isascii: Final = str.isascii
bytes_slice: Final = bytes.__getitem__
bytearray_slice: Final = bytearray.__getitem__
int_exact: Final = int.__int__
int_bits: Final = int.bit_length
float_exact: Final = float.__float__

SEQUENCES: Final[Dict[str, Any]] = {
    "list": list,
    "tuple": tuple,
    "deque": collections.deque,
    "set": set,
    "frozenset": frozenset,
}
#: Unbound `__len__`, `__getitem__` and `__iter__` of the built-in base, by kind of value.
LENGTHS: Final[Dict[str, Callable[[Any], Any]]] = {
    **{kind: base.__len__ for kind, base in SEQUENCES.items()},
    "str": str.__len__,
    "bytes": bytes.__len__,
    "bytearray": bytearray.__len__,
    "dict": dict.__len__,
    "namedtuple": tuple.__len__,
}
ITEMS: Final[Dict[str, Callable[[Any, Any], Any]]] = {
    "list": list.__getitem__,
    "tuple": tuple.__getitem__,
    "namedtuple": tuple.__getitem__,
    "deque": collections.deque.__getitem__,
}
ITERATORS: Final[Dict[str, Callable[[Any], Any]]] = {kind: base.__iter__ for kind, base in SEQUENCES.items()}

complex_real: Final[Callable[[Any], float]] = complex.__dict__["real"].__get__
complex_imag: Final[Callable[[Any], float]] = complex.__dict__["imag"].__get__
array_len: Final[Callable[[Any], int]] = array.array.__len__
array_item: Final[Callable[[Any, Any], Any]] = array.array.__getitem__
array_list: Final[Callable[[Any], Any]] = array.array.tolist
#: What an object refers to, as the garbage collector is told.
referents: Final = gc.get_referents

dict_get: Final = dict.get
dict_items: Final = dict.items
dict_length: Final = dict.__len__
dict_sizeof: Final = dict.__sizeof__
DICT_BASICSIZE: Final = type_basicsize(dict)

module_dict: Final[Callable[[Any], Any]] = type_dict(types.ModuleType)["__dict__"].__get__
error_args: Final[Callable[[Any], Any]] = BaseException.__dict__["args"].__get__
error_cause: Final[Callable[[Any], Any]] = BaseException.__dict__["__cause__"].__get__
error_context: Final[Callable[[Any], Any]] = BaseException.__dict__["__context__"].__get__
error_suppress: Final[Callable[[Any], Any]] = BaseException.__dict__["__suppress_context__"].__get__
os_error_text: Final[Callable[[Any], Any]] = OSError.__dict__["strerror"].__get__

#: Classes of values that have no `__get__`, by identity: found in a class such values are data.
PLAIN: Final[FrozenSet[int]] = frozenset(
    id(cls) for cls in (type(None), bool, int, float, str, bytes, list, tuple, dict, set, frozenset, complex, range)
)

#: Raised by a read that goes wrong. Nothing else is swallowed: what a signal handler of the program raises is the program's.
FAULTY: Final[Tuple[Type[Exception], ...]] = (
    ArithmeticError,
    AttributeError,
    BufferError,
    LookupError,
    MemoryError,
    ReferenceError,
    RuntimeError,
    struct.error,
    SystemError,
    TypeError,
    ValueError,
)

#: Readers of the names of functions, by class.
FUNCTION_NAMES: Final[Dict[int, Callable[[Any], Any]]] = {
    id(cls): cls.__dict__["__name__"].__get__
    for cls in (
        types.FunctionType,
        types.BuiltinFunctionType,
        types.MethodDescriptorType,
        types.WrapperDescriptorType,
        types.MethodWrapperType,
    )
}
Method: Final = types.MethodType
#: Classes of what a built-in class has as methods, by identity.
BUILT_IN_METHODS: Final[FrozenSet[int]] = frozenset(
    id(cls)
    for cls in (
        types.MethodDescriptorType,
        types.WrapperDescriptorType,
        types.ClassMethodDescriptorType,
        types.BuiltinFunctionType,
    )
)
method_function: Final[Callable[[Any], Any]] = types.MethodType.__dict__["__func__"].__get__
#: Folder of this package: what is raised in it, or in source that it generated, is its own.
_HOME: Final = __file__[: __file__.rindex("reading")]
#: File name of generated readers.
GENERATED: Final = "<tracepointdebug reader>"


def is_own(error: BaseException) -> bool:
    """Whether an error was raised by code of ours. Else a signal handler of the program has raised it, and it is to go on its way."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return True
    name = trace.tb_frame.f_code.co_filename
    return name == GENERATED or name.startswith(_HOME)


def pass_on(error: BaseException) -> None:
    """Raises it again where a signal handler of the program has raised it. One of ours is for the caller to make something of."""
    # Memory that runs out does so wherever it does; no handler says that of itself.
    if not isinstance(error, MemoryError) and not is_own(error):
        raise error


def _reference_doc() -> Any:
    class Plain:
        pass

    return getset_doc(Plain.__dict__["__dict__"])


#: What tells the `__dict__` that a class statement makes from one that an extension module made.
DICT_DOC: Final = _reference_doc()
