"""A fork: the child gets an agent of its own. It waits, for a moment at most, until the agent's thread is at rest."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Callable, Dict, Optional

from .link.native import get_ident

if TYPE_CHECKING:
    from .agent import Agent

# Seconds that a fork waits for the agent's thread. Placing a probe takes milliseconds, loading the engine a few hundred.
_WAIT_S = 2.0

_agent: Callable[[], Optional[Agent]] = lambda: None  # noqa: E731
_is_registered = False
# By the thread that forks: the agent, and whether its thread was at rest.
_forking: Dict[int, tuple[Agent, bool]] = {}


def follow_forks(agent: Callable[[], Optional[Agent]], at_end: Callable[[], None]) -> None:
    """From now on, forks are followed. `agent` answers the one of this process. Registered once: it cannot be taken back.

    `at_end` is what `atexit` calls; the children of `multiprocessing` end without that.
    """
    global _agent, _at_end, _is_registered
    _agent = agent
    _at_end = at_end
    if not _is_registered:
        _is_registered = True
        os.register_at_fork(before=_before, after_in_parent=_after_in_parent, after_in_child=_after_in_child)


def _at_end() -> None:
    return


def _before() -> None:
    agent = _agent()
    if agent is not None:
        _forking[get_ident()] = agent, agent.gate.acquire(True, _WAIT_S)


def _after_in_parent() -> None:
    agent, is_held = _forking.pop(get_ident(), (None, False))
    if agent is not None and is_held:
        agent.gate.release()


def _after_in_child() -> None:
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
