"""Watches imports for files that probes wait for, while there are probes: the module's code gets them before it runs, so that
its top level, class bodies and the first calls are reached. Catches `import`, `importlib.reload` and `runpy.run_module`.

Loaders of the standard library only, through an attribute of the one loader object that is gone after use; their types and what the
module sees stay as they are. Files that other loaders bring are looked for later, see Placement.tick.
"""

from __future__ import annotations

import sys
import zipimport
from importlib.machinery import ModuleSpec, SourceFileLoader, SourcelessFileLoader
from types import CodeType
from typing import Any, Callable, Optional

_LOADERS = (SourceFileLoader, SourcelessFileLoader, zipimport.zipimporter)


class ImportWatch:
    """A finder in front of the others. It finds nothing itself."""

    def __init__(
        self, wants: Callable[[str], bool], prepare: Callable[[CodeType, str], CodeType], on_other: Callable[[], None]
    ) -> None:
        """`wants(path)`: whether a probe is meant for a file. `prepare(code, path)`: the module's code to run instead. Neither raises.
        `on_other()`: a wanted file comes by a loader that is not known.
        """
        self._wants = wants
        self._prepare = prepare
        self._on_other = on_other

    def start(self) -> None:
        """Begins to watch."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)

    def stop(self) -> None:
        """Ends it."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """What the finders behind this one find."""
        for finder in list(sys.meta_path):
            if finder is self:
                continue
            find = getattr(finder, "find_spec", None)
            if find is None:
                return None  # a finder of old: the import system knows how to ask it
            spec: Optional[ModuleSpec] = find(name, path, target)
            if spec is not None:
                if type(spec) is ModuleSpec and type(spec.origin) is str and self._wants(spec.origin):
                    self._watch(spec, spec.origin)
                return spec
        return None

    def _watch(self, spec: ModuleSpec, path: str) -> None:
        loader: Any = spec.loader
        if type(loader) not in _LOADERS:
            self._on_other()
            return
        prepare = self._prepare

        def get_code(name: str) -> Any:
            loader.__dict__.pop("get_code", None)
            code = loader.get_code(name)
            return prepare(code, path) if type(code) is CodeType and name == spec.name else code

        loader.get_code = get_code
