"""The way in: `create_placement`. Keeps the probes of this process: which are in place, which wait for their file."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Dict, Iterator, List, Optional, Sequence, Tuple

from .codes import CodePlace, column_of, nested, root_place
from .engines import Engines
from .forks import ForkLock
from .imports import ImportWatch
from .limits import LOOK_COST_FACTOR, LOOK_SECONDS, MAX_VERSIONS
from .loaded import LoadedFile, NoFile, find_file, means, shown_path
from .locate import locate
from .problems import (
    CHANGED_NOTE,
    UNREAD_NOTE,
    PlacementError,
    also_note,
    internal,
    pending_note,
)
from .request import Failed, Installed, Pending, PlacementState, PlacementStats, PlaceRequest, Site
from .source import Source
from .swallow import Swallowed, is_ours
from .variables import Names

if TYPE_CHECKING:
    from types import CodeType

    from .engine import Engine
    from .seat import Seat


def create_placement(engine: str = "auto") -> Placement:
    """Makes the placement of this process. `engine`: `auto`, `native` (both: the best that serves at each place), or one by name. One
    that does not exist makes each `place` fail with `unknown_engine`.
    """
    return Placement(engine)


class _Entry:
    """A probe. `path`: of the file, once it is known. `placed`: where it stands; several engines may serve after a reload."""

    __slots__ = ("path", "placed", "request")

    def __init__(self, request: PlaceRequest) -> None:
        self.request = request
        self.path: Optional[str] = None
        self.placed: List[Tuple[Engine, List[Seat]]] = []

    def is_for(self, path: str) -> bool:
        """Whether the probe is meant for a file that is about to be loaded."""
        return means(self.request.file, path) if self.path is None else shown_path(path) == self.path

    def empty(self, keep: int = 0) -> None:
        """Takes the probe out of all but the newest places."""
        gone = self.placed[: len(self.placed) - keep]
        self.placed = self.placed[len(self.placed) - keep :]
        for _, seats in gone:
            for seat in seats:
                seat.close()
        for engine, seats in gone:
            engine.remove(seats)


_Told = List[Tuple[PlaceRequest, PlacementState]]


class Placement:
    """Puts probes in place and takes them out. `place`, `remove`, `tick` and `close` may be called from any thread, but not from
    within `test` or `fire`; they never raise.
    """

    def __init__(self, engine: str = "auto") -> None:
        self._engines = Engines(engine)
        self._entries: Dict[str, _Entry] = {}
        self._lock = ForkLock()
        self._watch = ImportWatch(self._wants, self._prepare, self._look_soon)
        self._next_look = 0.0
        self._changes = 0
        self._change_s = 0.0
        self._longest_s = 0.0

    def place(self, request: PlaceRequest) -> None:
        """Places a probe, in the stead of one of the same id. The outcome is told to `on_change` before this returns."""
        with self._telling() as told, self._changing():
            self._take_out(request.placement_id)
            entry = self._entries[request.placement_id] = _Entry(request)
            self._seat(entry, told)
            self._watch_imports()

    def remove(self, placement_id: str) -> None:
        """Takes a probe out. When this returns, no new hit begins. Unknown ids are ignored."""
        if placement_id in self._entries:
            with self._changing():
                self._take_out(placement_id)
                self._watch_imports()

    def tick(self) -> None:
        """To be called every second or so: looks for files that came without an import, and repairs what others have undone."""
        if not self._entries:
            return
        with self._telling() as told, self._lock:
            for engine in self._engines.used():
                engine.tick()
            started = time.monotonic()
            waiting = [entry for entry in self._entries.values() if not entry.placed]
            if not waiting or started < self._next_look:
                return
            for entry in waiting:
                self._seat(entry, told, is_first=False)
            took = time.monotonic() - started
            self._next_look = started + max(LOOK_SECONDS, took * LOOK_COST_FACTOR)

    def close(self) -> None:
        """Takes everything out."""
        with self._changing():
            for placement_id in list(self._entries):
                self._take_out(placement_id)
            self._watch_imports()

    def stats(self) -> PlacementStats:
        """What placing has cost so far."""
        installed = sum(1 for entry in list(self._entries.values()) if entry.placed)
        return PlacementStats(
            engine=self._engines.best,
            installed=installed,
            pending=len(self._entries) - installed,
            changes=self._changes,
            change_ms=self._change_s * 1000,
            longest_ms=self._longest_s * 1000,
            internal_errors=Swallowed.count,
        )

    @contextmanager
    def _telling(self) -> Iterator[_Told]:
        """Tells people of what has changed, once no lock is held any more."""
        told: _Told = []
        yield told
        for request, state in told:
            try:
                request.on_change(state)
            except Exception as error:
                if not is_ours(error):
                    raise

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._lock:
            started = time.monotonic()
            yield
            took = time.monotonic() - started
            self._changes += 1
            self._change_s += took
            self._longest_s = max(self._longest_s, took)

    def _take_out(self, placement_id: str) -> None:
        entry = self._entries.pop(placement_id, None)
        if entry is not None:
            entry.empty()

    def _seat(self, entry: _Entry, told: _Told, is_first: bool = True) -> None:
        """Finds the place in what is loaded and puts the probe there."""
        request = entry.request
        try:
            found = find_file(request.file, is_thorough=True)
            if isinstance(found, NoFile):
                state: PlacementState = Pending(pending_note(request.file, found.searched, found.near))
            else:
                entry.path = found.path
                state = self._install(entry, found, found.codes(self._engines.original), None)
        except PlacementError as error:
            state = error.failed
        except Exception as error:
            state = internal(error)
        self._settle(entry, state, told, is_first)

    def _settle(self, entry: _Entry, state: PlacementState, told: _Told, is_first: bool) -> None:
        if isinstance(state, Failed):
            self._take_out(entry.request.placement_id)
        if is_first or not isinstance(state, Pending):
            told.append((entry.request, state))

    def _install(
        self, entry: _Entry, loaded: LoadedFile, living: Sequence[CodePlace], module: Optional[CodeType]
    ) -> PlacementState:
        """`module`: the module's code that is about to run, if it is."""
        request = entry.request
        source = Source(loaded)
        notes: List[str] = []
        if request.file_hash is not None:
            if not source.check(request.file_hash, [] if module else living):
                notes.append(UNREAD_NOTE)
        elif not module and source.has_changed(living):
            notes.append(CHANGED_NOTE)
        target = locate(living, source, request.line, request.at)
        if not target.places:
            return Pending(" ".join([target.note, *notes]))
        engine, seats, engine_notes = self._engines.occupy(request, loaded, target, module)
        entry.placed.append((engine, seats))
        if len(entry.placed) > MAX_VERSIONS:
            entry.empty(keep=MAX_VERSIONS)
        functions = list(dict.fromkeys(seat.place.qualname for seat in seats))
        if len(functions) > 1:
            notes.append(also_note(target.line, functions))
        first = seats[0].place
        site = Site(
            file=loaded.path,
            line=target.line,
            column=column_of(first.code, target.line),
            function_name=first.function_name,
            class_name=first.class_name,
            names=Names(first, request.at, None, ()).readable(),
        )
        told = [target.note, *engine_notes, *notes]
        return Installed(engine.name, site, " ".join(note for note in told if note))

    # Imports. These run on the program's threads, and must not raise.

    def _watch_imports(self) -> None:
        if self._entries:
            self._watch.start()
        else:
            self._watch.stop()

    def _look_soon(self) -> None:
        self._next_look = 0.0

    def _wants(self, path: str) -> bool:
        try:
            return any(entry.is_for(path) for entry in list(self._entries.values()))
        except Exception:
            return False

    def _prepare(self, code: CodeType, path: str) -> CodeType:
        """The code of a module that is about to run, with the probes that are meant for it."""
        with self._telling() as told, self._changing():
            loaded = LoadedFile(shown_path(path), {path, code.co_filename})
            living = list(nested(root_place(code, "<module>")))
            for entry in [entry for entry in self._entries.values() if entry.is_for(path)]:
                try:
                    state = self._install(entry, loaded, living, code)
                    entry.path = loaded.path
                except PlacementError as error:
                    state = error.failed
                except Exception as error:
                    state = internal(error)
                self._settle(entry, state, told, is_first=True)
            for engine in self._engines.used():
                code = engine.prepared(code)
        return code
