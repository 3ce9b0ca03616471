# ruff: noqa: INP001 - a folder of its own on the path, no package
"""Starts the agent in each Python program below `tracepointdebug-run`: Python imports a module of this name before the program.

Stands in a folder of its own, first on PYTHONPATH. The sitecustomize that it hides is run as if it were not there.
"""

from __future__ import annotations

import sys


def _run_hidden(folder: str) -> None:
    """The program's own sitecustomize, under its own name, found where Python would have found it."""
    ours = sys.modules.pop("sitecustomize", None)
    path = sys.path[:]
    sys.path[:] = [entry for entry in path if entry != folder]
    try:
        __import__("sitecustomize")
    except ImportError as error:
        if error.name != "sitecustomize":
            raise
        # There is none. Under the name stands this one, as Python would have left it.
        if ours is not None:
            sys.modules["sitecustomize"] = ours
    finally:
        # What it added to the path stays.
        sys.path[:] = [folder] * (folder in path) + sys.path


def _start() -> None:
    # A helper process of multiprocessing runs nothing of the program.
    if any("multiprocessing.resource_tracker" in word for word in getattr(sys, "orig_argv", ())):
        return
    try:
        import tracepointdebug
    except ImportError:
        return  # another Python than the one that `tracepointdebug-run` belongs to, without the package
    tracepointdebug.start()


try:
    _run_hidden(__file__.rpartition("/")[0])
finally:
    _start()
