"""Every limit of placing probes in Python: unit and reason. Those of a hit and of an event come from the host."""

from __future__ import annotations

from typing import Final

# Names and files in one cause: it is for a person to read.
MAX_DETAILS: Final = 20
# Bytes of a source file that is compiled to learn its lines, where there is no .pyc: the compiler keeps the GIL meanwhile.
MAX_COMPILED_BYTES: Final = 512 * 1024
# Bytes of a source file that is read for its hash.
MAX_READ_BYTES: Final = 32 * 1024 * 1024
# Bytes of a function's bytecode that is changed: about 10 ms of the asking thread per KiB, in slices that other threads may interrupt.
MAX_WOVEN_BYTES: Final = 64 * 1024
# Objects that are looked at for functions which the collector does not list (gc.freeze, the free-threaded 3.13): about 100 ms.
MAX_WALK: Final = 200_000
# Calls of one probed function that are under way and timed: generators that are never finished must not add up.
MAX_TIMED_CALLS: Final = 10_000
# Seconds between two looks for files that came without an import; and so many times longer than a look takes.
LOOK_SECONDS: Final = 1.0
LOOK_COST_FACTOR: Final = 100
# Seconds that a fork waits for a change of code under way. It takes milliseconds; a fork must not wait for ever.
FORK_WAIT_SECONDS: Final = 2.0
# Versions of a file, one for each reload, in which one probe stands at the same time: old functions may still be in use.
MAX_VERSIONS: Final = 16
