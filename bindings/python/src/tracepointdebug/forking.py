"""A fork: the child gets an agent of its own. It waits, for a moment at most, until the agent's thread is at rest."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Callable, Dict, List, NamedTuple, Optional, Tuple

from .link.native import get_ident

if TYPE_CHECKING:
    from .agent import Agent

# Seconds that a fork waits for the agent's thread. Placing a probe takes milliseconds, loading the engine a few hundred, and on a
# machine that is overloaded ten times that.
_WAIT_S = 10.0

_agent: Callable[[], Optional[Agent]] = lambda: None  # noqa: E731
_is_registered = False
# By the thread that forks: the agent, and whether its thread was at rest.
_forking: Dict[int, Tuple[Agent, bool]] = {}


class Part(NamedTuple):
    """What another part of the agent does around a fork."""

    before: Callable[[], None]
    after_in_parent: Callable[[], None]
    after_in_child: Callable[[], None]


_parts: List[Part] = []


def follow_forks(agent: Callable[[], Optional[Agent]], at_end: Callable[[], None]) -> None:
    """From now on, forks are followed. `agent` answers the one of this process.

    `at_end` is what `atexit` calls; the children of `multiprocessing` end without that.
    """
    global _agent, _at_end
    _agent = agent
    _at_end = at_end
    _register()


def add_part(part: Part) -> None:
    """Another part that has locks. They are taken after the agent's thread is at rest: it may hold them, and whoever waits for both
    in the other order would wait for ever.
    """
    _parts.append(part)
    _register()


def _register() -> None:
    """Once: it cannot be taken back."""
    global _is_registered
    if not _is_registered:
        _is_registered = True
        os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)


def _at_end() -> None:
    return


def _before() -> None:
    agent = _agent()
    if agent is not None:
        _forking[get_ident()] = agent, agent.rest(_WAIT_S)
    for part in _parts:
        part.before()


def _after_in_parent() -> None:
    for part in reversed(_parts):
        part.after_in_parent()
    agent, is_held = _forking.pop(get_ident(), (None, False))
    if agent is not None and is_held:
        agent.resume()


def _after_in_child() -> None:
    for part in reversed(_parts):
        part.after_in_child()
    agent, is_held = _forking.pop(get_ident(), (None, False))
    _forking.clear()
    if agent is None:
        return
    try:
        agent.forked(is_torn=not is_held)
        _end_with_multiprocessing()
    except Exception as error:
        # Such as a thread that cannot be started: the child runs without an agent.
        from . import log

        log.warn(f"Internal failure (fork): {type(error).__name__}")


def _end_with_multiprocessing() -> None:
    """A child of `multiprocessing` (or of Celery's `billiard`) ends by `os._exit`, after the finalizers of its own."""
    for name in ("multiprocessing.util", "billiard.util"):
        util = sys.modules.get(name)
        if util is not None:
            # Its bootstrap forgets all finalizers of the parent first, and then runs these.
            util.register_after_fork(_at_end, _finalize(util))


def _finalize(util: object) -> Callable[[object], None]:
    def register(_: object) -> None:
        util.Finalize(None, _at_end, exitpriority=-100)  # type: ignore[attr-defined]

    return register
