"""How each variable of a probe is read at a hit: as a local, from the frame's namespace, as a module global, or as something that
only probes know (`@args`, `@return`). Resolves names when a probe is placed, and writes the function that reads them.

What frame.f_locals is, and what follows:
    3.13 and later   a proxy: a name is read on its own, nothing is copied
    up to 3.12       a dict that all locals are copied into, kept by the frame and handed out by locals() as well. Nothing of
                     the program may live longer for it, so it is emptied again where nobody else holds it. Within a trace
                     function it must not be: the interpreter writes it back into the locals.
    modules, classes the namespace itself: only read, and only if it is a real dict
"""

from __future__ import annotations

import functools
import sys
from types import CodeType, FrameType
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from ..unavailable import UNAVAILABLE
from .codes import CO_OPTIMIZED, CodePlace, argument_names, local_names, this_name
from .swallow import SKIPPED

EXIT_NAMES = ("@return", "@exception", "@duration")
_HAS_PROXY = sys.version_info >= (3, 13)
# References to a frame's copy of its locals that nobody else holds: the frame's, ours, and that of the call that counts.
_ALONE = 3


class Source(NamedTuple):
    """Where a value comes from: `local`, `name` (of a namespace), `global`, `args`, or `exit`."""

    kind: str
    name: str


class Names:
    """The names that can be read at one place."""

    def __init__(self, place: CodePlace, at: str, module: Optional[Mapping[str, object]], later: Sequence[str]) -> None:
        """`module`: the module's variables, None where it has not run yet; then `later` are names that it will set."""
        self._place = place
        self._at = at
        self._module = module
        self._later = later
        self.variables = local_names(place.code)
        self._this = this_name(place)

    def readable(self) -> Tuple[str, ...]:
        """What a person is offered: no globals, since a person has to ask for those."""
        return self.variables + (("this",) if self._this is not None and "this" not in self.variables else ())

    def find(self, name: str) -> Optional[Source]:
        """Local, argument, closure; then the special names; then the module's globals."""
        place = self._place
        if name in self.variables:
            return Source("local" if place.is_function else "name", name)
        if name in ("this", "@this"):
            return None if self._this is None else Source("local", self._this)
        if name == "@args":
            return Source("args", "")
        if name in EXIT_NAMES:
            return Source("exit", name) if self._at == "exit" else None
        if self._module is not None:
            return Source("global", name) if name in self._module else None
        return Source("global", name) if name in self._later else None

    def missing(self, names: Sequence[str]) -> List[str]:
        """Those that cannot be read there."""
        return [name for name in names if self.find(name) is None]


def read_values(
    frame: FrameType, sources: Sequence[Source], ended: Mapping[str, object], may_clear: bool
) -> List[object]:
    """The values of a frame, UNAVAILABLE for those that are not bound. `ended`: values of EXIT_NAMES."""
    code = frame.f_code
    space: Any = frame.f_locals
    is_function = bool(code.co_flags & CO_OPTIMIZED)
    if not is_function and type(space) is not dict:
        space = {}  # a namespace of the program's own making: reading it would run the program's code
    values: List[object] = []
    for kind, name in sources:
        if kind in ("local", "name"):
            values.append(_get(space, name))
        elif kind == "global":
            values.append(frame.f_globals.get(name, UNAVAILABLE))
        elif kind == "args":
            read = ((argument, _get(space, argument)) for argument in argument_names(code))
            values.append({argument: value for argument, value in read if value is not UNAVAILABLE})
        else:
            values.append(ended.get(name, UNAVAILABLE))
    if may_clear and is_function and not _HAS_PROXY and sys.getrefcount(space) == _ALONE:
        space.clear()
    return values


def _get(space: Any, name: str) -> object:
    try:
        return space[name]
    except KeyError:
        return UNAVAILABLE


Hit = Callable[[FrameType], None]


def make_hit(
    gate: List[Callable[..., Any]],
    sources: Sequence[Source],
    fire: Hit,
    on_error: Callable[[BaseException], bool],
    may_clear: bool,
) -> Hit:
    """hit(frame) for a line or an entry: reads the values, asks gate[0], calls `fire(frame)`. Raises only what is not ours: `on_error`
    tells. Written as source because this is the hot path: a loop over names takes several times as long.
    """
    kinds = {kind for kind, _ in sources}
    if not kinds <= {"local", "global"}:
        return _general_hit(gate, sources, fire, on_error, may_clear)
    body = ["def hit(frame):", "  try:"]
    if "local" in kinds:
        body.append("    space = frame.f_locals")
    if "global" in kinds:
        body.append("    module = frame.f_globals")
    for index, (kind, name) in enumerate(sources):
        space = "space" if kind == "local" else "module"
        body.append(f"    try: v{index} = {space}[{name!r}]")
        body.append(f"    except KeyError: v{index} = UNAVAILABLE")
    if "local" in kinds and may_clear and not _HAS_PROXY:
        body.append(f"    if getrefcount(space) == {_ALONE}: space.clear()")
    values = ", ".join(f"v{index}" for index in range(len(sources)))
    body.append(f"    if gate[0]({values}): fire(frame)")
    body.append("  except SKIPPED: pass")
    body.append("  except Exception as error:")
    body.append("    if not on_error(error): raise")
    return _compiled("\n".join(body), gate, fire, on_error)


def _general_hit(
    gate: List[Callable[..., Any]],
    sources: Sequence[Source],
    fire: Hit,
    on_error: Callable[[BaseException], bool],
    may_clear: bool,
) -> Hit:
    def hit(frame: FrameType) -> None:
        try:
            if gate[0](*read_values(frame, sources, {}, may_clear)):
                fire(frame)
        except SKIPPED:
            pass
        except Exception as error:
            if not on_error(error):
                raise

    return hit


def _compiled(source: str, gate: List[Callable[..., Any]], fire: Hit, on_error: Callable[[BaseException], bool]) -> Hit:
    scope: Dict[str, Any] = {
        "gate": gate,
        "fire": fire,
        "on_error": on_error,
        "SKIPPED": SKIPPED,
        "UNAVAILABLE": UNAVAILABLE,
        "getrefcount": sys.getrefcount,
    }
    exec(compile(source, __file__, "exec"), scope)
    made: Hit = scope["hit"]
    return made


@functools.lru_cache(maxsize=256)
def _code(source: str) -> CodeType:
    # The file name says whose frame it is: see swallow.py.
    made: CodeType = compile(source, __file__ + ":hit", "exec")
    return made
