"""What the tests of placing share: modules written for one test, and probes in them that note their hits."""

from __future__ import annotations

import importlib
import itertools
import sys
import threading

from tracepointdebug.placing import Installed, PlaceRequest, create_placement

BEST = "monitoring" if sys.version_info >= (3, 12) else "bytecode"
ENGINES = (BEST, "pytrace")

_numbers = itertools.count()


class Program:
    """Modules that one test writes and imports."""

    def __init__(self, folder):
        self.folder = folder
        self.names = []

    def path(self, name=None):
        return self.folder / f"{name or self.new_name()}.py"

    def new_name(self):
        name = f"placed_{next(_numbers)}"
        self.names.append(name)
        return name

    def write(self, source, name=None):
        name = name or self.new_name()
        path = self.folder / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
        importlib.invalidate_caches()
        return name, path

    def load(self, source):
        name, path = self.write(source)
        return importlib.import_module(name), str(path)

    def forget(self):
        for name in self.names:
            sys.modules.pop(name, None)


class Probes:
    """Probes of one placement. `hits[id]`: what `fire` was called with."""

    def __init__(self, engine="auto"):
        self.engine = engine
        self.placement = create_placement(engine)
        self.hits = {}
        self.states = {}
        self.frames = {}

    def put(self, file, line, at="line", test=None, names=(), capture=None, file_hash=None, probe="p"):
        """Places a probe; the state that was told."""
        hits = self.hits[probe] = []
        states = self.states[probe] = []
        frames = self.frames[probe] = []

        def fire(frame, captured, values):
            hits.append(dict(zip(captured, values)))
            frames.append((frame.f_code.co_name, frame.f_lineno))

        self.placement.place(
            PlaceRequest(
                placement_id=probe,
                file=str(file),
                line=line,
                at=at,
                file_hash=file_hash,
                test_names=tuple(names),
                capture_names=capture,
                test=test or (lambda *_: True),
                fire=fire,
                on_change=states.append,
            )
        )
        return states[-1]

    def installed(self, *args, **kwargs):
        """As `put`, for one that must succeed."""
        state = self.put(*args, **kwargs)
        assert isinstance(state, Installed), state
        return state

    def failed(self, *args, **kwargs):
        """As `put`, for one that must fail: its code."""
        return self.put(*args, **kwargs).code

    def remove(self, probe="p"):
        self.placement.remove(probe)


def line_of(source, mark):
    """The line, from 1, of a comment in a text."""
    return 1 + next(number for number, text in enumerate(source.splitlines()) if text.rstrip().endswith(f"# {mark}"))


def together(count, work):
    """Runs something on so many threads at once; raises what any of them raised."""
    errors = []
    barrier = threading.Barrier(count)

    def run(number):
        try:
            barrier.wait()
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
