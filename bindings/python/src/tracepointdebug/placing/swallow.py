"""Which exceptions on the hit path are our own and stay here, and which belong to the program and must go through to it.

Signal handlers and other threads (PyThreadState_SetAsyncExc) raise into whatever is running, our code too: KeyboardInterrupt, a
worker's SystemExit, a timeout. Those are the program's. An error of ours is of a built-in type and comes from a frame of this package.
"""

from __future__ import annotations

import builtins
import os
import sys
from typing import Final

# The program is near its recursion limit or out of memory: our call is skipped, the program goes on. Python 3.8 aborts the process if
# somebody goes deeper after such a RecursionError was caught: there the program gets it, a few frames earlier than it would have.
SKIPPED: Final = (RecursionError, MemoryError) if sys.version_info >= (3, 9) else (MemoryError,)

_PACKAGE: Final = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
# By identity: a metaclass of the program may define __eq__ and __hash__.
_BUILT_IN: Final = frozenset(
    id(kind) for kind in vars(builtins).values() if isinstance(kind, type) and issubclass(kind, Exception)
)


class Swallowed:
    """How many errors of ours were kept from the program."""

    count = 0


def is_ours(error: BaseException) -> bool:
    """Whether an exception that came out of a call of ours may be dropped; counts those. `error` is being handled right now."""
    if id(type(error)) not in _BUILT_IN or (isinstance(error, RecursionError) and RecursionError not in SKIPPED):
        return False
    trace = error.__traceback__
    # The outermost frame is the one that handles it: ours, or the program's with our call in it.
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
        if not trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            return False
    Swallowed.count += 1
    return True
