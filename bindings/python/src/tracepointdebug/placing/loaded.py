"""Which files are loaded, and which of them a person means by a path. A file is a module's, or that of code which was compiled
under its name (exec, runpy). Frozen modules of the standard library and those in zip archives are files like others.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from types import CodeType, FunctionType
from typing import Callable, Dict, List, Mapping, Sequence, Set, Tuple

from .codes import CO_OPTIMIZED, CodePlace, by_identity, nested, root_place
from .living import all_functions, frames, functions_of, modules
from .problems import ambiguous_file

# A script named by a relative path means this folder, wherever the program goes later.
_START_FOLDER = os.getcwd() if os.path.isdir(os.curdir) else os.sep

Original = Callable[[CodeType], CodeType]


@dataclass
class LoadedFile:
    """A file that the program has loaded."""

    path: str
    """Shown to people."""
    names: Set[str] = field(default_factory=set)
    """What its code objects call it."""
    namespaces: List[Dict[str, object]] = field(default_factory=list)
    """Of its modules: usually one; a script that is imported as well has two."""

    def codes(self, original: Original) -> List[CodePlace]:
        """Its code objects that functions or stacks refer to, and what is nested in them. `original`: undoes changes of ours."""
        functions = functions_of(self.namespaces) if self.namespaces else all_functions()
        found: List[CodePlace] = []
        for function in functions:
            code = original(function.__code__)
            # The body of a class is a function, too, which may wait for the collector but never runs again.
            if self._has(code.co_filename) and code.co_flags & CO_OPTIMIZED:
                found.extend(nested(root_place(code, function.__qualname__)))
        for frame in frames():
            code = original(frame.f_code)
            if self._has(code.co_filename):
                found.extend(nested(root_place(code, code.co_name)))
        return by_identity(found)

    def _has(self, filename: str) -> bool:
        # A module without source keeps the path at which it was compiled, on whatever machine.
        return filename in self.names or (
            bool(self.namespaces)
            and os.path.basename(filename) == os.path.basename(self.path)
            and not os.path.exists(filename)
        )


@dataclass(frozen=True)
class NoFile:
    """Nothing matches yet."""

    searched: int
    near: Sequence[str]


def matches(path: str, wanted: str) -> bool:
    """Whether a path is the wanted one, or ends with it at a separator."""
    return path == wanted or (not os.path.isabs(wanted) and path.endswith("/" + wanted))


def normal_path(file: str) -> str:
    """A path as a person writes it, in the form in which paths are compared."""
    path = file.strip().replace("\\", "/")
    if path.startswith("file://"):
        path = path[len("file://") :]
    while path.startswith("./"):
        path = path[2:]
    return os.path.normpath(path) if path else path


def shown_path(filename: str) -> str:
    """A file name of the interpreter as an absolute path. `<string>` and the like stay as they are."""
    if filename.startswith("<"):
        return filename
    path = filename[:-1] if filename.endswith(".pyc") else filename
    return os.path.normpath(os.path.join(_START_FOLDER, path))


def find_file(file: str, is_thorough: bool) -> LoadedFile | NoFile:
    """Finds what a path means. `is_thorough`: looks also for code that belongs to no module, which takes longer. Raises
    PlacementError `ambiguous_file`.
    """
    wanted = normal_path(file)
    found, searched = _module_files(wanted)
    if not found and os.path.isabs(wanted) and os.path.realpath(wanted) != wanted:
        found, _ = _module_files(os.path.realpath(wanted))
    if not found and is_thorough:
        others = _other_files()
        found = [loaded for path, loaded in others.items() if matches(path, wanted) or wanted in loaded.names]
    if len(found) > 1:
        raise ambiguous_file(file, [loaded.path for loaded in found])
    return found[0] if found else NoFile(searched, _near(wanted))


def _module_files(wanted: str) -> Tuple[List[LoadedFile], int]:
    """The files of modules that are meant, and how many files there are."""
    stem = _stem(wanted)
    found: Dict[str, LoadedFile] = {}
    searched = set()
    for namespace in modules().values():
        filename = namespace.get("__file__")
        if type(filename) is not str:
            continue
        searched.add(filename)
        # Few have the name: the rest of the work is for those.
        if stem not in filename or not means(wanted, filename):
            continue
        path = shown_path(filename)
        loaded = found.setdefault(path, LoadedFile(path))
        loaded.names.update((filename, path, *_frozen_names(namespace)))
        loaded.namespaces = list(
            {id(one): one for one in (*loaded.namespaces, *_seen_by_functions(namespace))}.values()
        )
    return list(found.values()), len(searched)


def _seen_by_functions(namespace: Dict[str, object]) -> List[Dict[str, object]]:
    """A module's namespace, and that of its functions where it is another: runpy copies what it ran, and multiprocessing's spawned children
    have the script as such a copy.
    """
    found = [namespace]
    for value in list(namespace.values()):
        members = list(type.__dict__["__dict__"].__get__(value).values()) if type(value) is type else [value]
        spaces = [member.__globals__ for member in members if type(member) is FunctionType]
        found.extend(space for space in spaces if space.get("__file__") == namespace["__file__"])
    return found


def _frozen_names(namespace: Mapping[str, object]) -> List[str]:
    """A frozen module has a file to look at, but its code was compiled under another name."""
    spec = namespace.get("__spec__")
    if type(spec) is not ModuleSpec or spec.origin != "frozen":
        return []
    return [f"<frozen {name}>" for name in (spec.name, getattr(spec.loader_state, "origname", None)) if name]


def _other_files() -> Dict[str, LoadedFile]:
    """The files of code that belongs to no module."""
    names = {namespace.get("__file__") for namespace in modules().values() if type(namespace.get("__file__")) is str}
    paths = {shown_path(str(name)) for name in names}
    found: Dict[str, LoadedFile] = {}
    codes = [function.__code__ for function in all_functions()] + [frame.f_code for frame in frames()]
    for filename in {code.co_filename for code in codes}:
        path = shown_path(filename)
        if filename not in names and path not in paths:
            found.setdefault(path, LoadedFile(path)).names.add(filename)
    return found


def _is_same(path: str, wanted: str) -> bool:
    try:
        return os.path.samefile(path, wanted)
    except OSError:
        return False


def _near(wanted: str) -> List[str]:
    stem = _stem(wanted)
    files = [namespace.get("__file__") for namespace in modules().values()]
    paths = [shown_path(file) for file in files if type(file) is str and stem in file]
    alike = [path for path in paths if _stem(path) == stem]
    return sorted(dict.fromkeys(alike), key=lambda path: os.path.basename(path) != os.path.basename(wanted))[:3]


def _stem(path: str) -> str:
    return os.path.splitext(os.path.basename(path))[0]


def means(file: str, path: str) -> bool:
    """Whether a file that is about to be loaded is meant by what a person wrote."""
    wanted, shown = normal_path(file), shown_path(path)
    if matches(shown, wanted):
        return True
    return os.path.isabs(wanted) and os.path.basename(wanted) == os.path.basename(shown) and _is_same(shown, wanted)
