"""Which names may not be read: passwords, tokens and the like, and what the operator adds. A name is judged without looking at its
value. Names are compared without case, underscores and hyphens, as host/redaction.ts does.
"""

from __future__ import annotations

from typing import Callable, Dict, Final, Optional, Sequence

from ._redacted import REDACTED_NAMES

#: Code points of the longest name that can be redacted.
MAX_NAME: Final = 128
#: Names remembered with their verdict; more than any program has in the values that it shows.
MAX_KNOWN: Final = 10_000

#: ASCII letters only: what `str.lower` does to others differs from what the host's language does.
_PLAIN: Final[Dict[int, Optional[int]]] = {
    ord("_"): None,
    ord("-"): None,
    **{code: code + 32 for code in range(65, 91)},
}


def make_redact(added: Sequence[str] = ()) -> Callable[[str], bool]:
    """A function that says of an exact `str` whether what has this name may not be read: the usual names and those added.

    It is cheap for names that it has seen, safe on every thread and never raises.
    """
    names = frozenset(name.translate(_PLAIN) for name in (*REDACTED_NAMES, *added))
    known: Dict[str, bool] = {}

    def redact(name: str) -> bool:
        verdict = known.get(name)
        if verdict is None:
            # A longer name is none of these, and costs time to change.
            if len(name) > MAX_NAME:
                return False
            if len(known) >= MAX_KNOWN:
                known.clear()
            verdict = known[name] = name.translate(_PLAIN) in names
        return verdict

    return redact
