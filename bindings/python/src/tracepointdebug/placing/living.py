"""Which code objects and functions are alive: found through the garbage collector's lists and the stacks, running no code of the program."""

from __future__ import annotations

import gc
import sys
from types import AsyncGeneratorType, CodeType, CoroutineType, FrameType, FunctionType, GeneratorType, ModuleType
from typing import Any, Callable, Dict, Iterator, List, Mapping, Sequence, Set, Tuple

from .limits import MAX_WALK


def functions_with(codes: Sequence[CodeType]) -> List[FunctionType]:
    """Every function that runs one of these code objects: methods, closures, decorated ones, lambdas, whoever refers to them."""
    wanted = {id(code) for code in codes}
    return [f for f in all_functions() if id(f.__code__) in wanted]


def functions_of(namespaces: Sequence[Mapping[str, object]]) -> List[FunctionType]:
    """Every function whose globals are one of these."""
    wanted = {id(namespace) for namespace in namespaces}
    return [f for f in all_functions(namespaces) if id(f.__globals__) in wanted]


def all_functions(namespaces: Sequence[Mapping[str, object]] = ()) -> List[FunctionType]:
    """Every function there is. `namespaces`: where to look for those that the collector hides; all modules, if none.

    About 30 ns an object of the heap, and other threads may run meanwhile; gc.get_referrers goes through each reference instead, and
    keeps the GIL as long as it takes.
    """
    found = [f for f in gc.get_objects() if type(f) is FunctionType]
    return found + _reachable_functions(namespaces or list(modules().values())) if _hides_functions() else found


def is_suspended(codes: Sequence[CodeType]) -> bool:
    """Whether a generator or coroutine of one of these is under way."""
    wanted = {id(code) for code in codes if code.co_flags & _PAUSES}
    if not wanted:
        return False
    for one in gc.get_objects():
        for kind, code in _SUSPENDED:
            if type(one) is kind and id(code(one)) in wanted:
                return True
    return False


def frames() -> Iterator[FrameType]:
    """Every frame on a stack of any thread, but not those of whoever asks."""
    asking = sys._getframe(1)
    for top in list(sys._current_frames().values()):
        frame = top
        while frame is not None:
            if frame is not asking:
                yield frame
            frame = frame.f_back  # type: ignore[assignment]


def modules() -> Dict[str, Dict[str, object]]:
    """Namespaces of the loaded modules by name. Modules that load lazily are not woken up."""
    found: Dict[str, Dict[str, object]] = {}
    for name, module in list(sys.modules.items()):
        if type(name) is str and issubclass(type(module), ModuleType):
            found[name] = ModuleType.__getattribute__(module, "__dict__")
    return found


def _hides_functions() -> bool:
    """Whether there are functions that the collector does not list: after `gc.freeze()`, and on the free-threaded 3.13, which makes
    functions immortal when the first thread starts.
    """
    return gc.get_freeze_count() > 0 or not gc.is_tracked(all_functions)


def _reachable_functions(namespaces: Sequence[Mapping[str, object]]) -> List[FunctionType]:
    """Functions that can be reached from namespaces of modules without going through others, the nearest first."""
    found: List[FunctionType] = []
    stops: Set[int] = {id(namespace) for namespace in modules().values()}
    waiting: List[Any] = list(namespaces)
    stops.difference_update(id(namespace) for namespace in waiting)
    for reached in waiting:
        if len(stops) > MAX_WALK:
            break
        if id(reached) in stops or type(reached) in _LEAVES or issubclass(type(reached), ModuleType):
            continue
        stops.add(id(reached))
        if type(reached) is FunctionType:
            found.append(reached)
        waiting.extend(gc.get_referents(reached))
    return found


_LEAVES: Tuple[type, ...] = (str, int, float, bytes, bool, type(None), CodeType, FrameType)
# CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR
_PAUSES = 0x20 | 0x80 | 0x200
_SUSPENDED: Tuple[Tuple[type, Callable[[Any], CodeType]], ...] = (
    (GeneratorType, lambda one: one.gi_code),
    (CoroutineType, lambda one: one.cr_code),
    (AsyncGeneratorType, lambda one: one.ag_code),
)
