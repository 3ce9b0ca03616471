"""Walks values of the program level by level, within budgets of bytes and time, and writes CBOR while it does. Runs no code of the
program, does not recurse, and lets go of every object when the walk ends.

A value with contents is written when its turn comes, after all that stand less deep. Until then a complete value without contents
stands in its place, in a list of pieces that belongs to the value that holds it; at the end the pieces are joined from the last to
the first, so that each is whole before it is put into another.
"""

from __future__ import annotations

from time import perf_counter, thread_time
from typing import Any, Callable, Dict, Final, List, Mapping, Optional, Sequence, Tuple, Union

from ..reading.layouts import exact_name, layouts
from ..reading.natives import FAULTY, pass_on
from . import heads, leaves
from .heads import FALSE, LONGEST, MAPS, NULL, PAIR, SMALL_INTS, STRINGS, TRUE, UNAVAILABLE_VALUE
from .plans import Plan, plan_of, plans

#: Names remembered with their bytes, and code points of the longest.
MAX_HEADS: Final = 10_000
MAX_REMEMBERED: Final = 128
#: Code points of a name that are shown.
MAX_NAME: Final = 256
#: Values with contents in one walk; the byte budget ends a default walk long before.
MAX_OBJECTS: Final = 4096

_REFERENCE: Final = MAPS[2] + heads.opening("ref") + heads.VALUE

Redact = Callable[[str], bool]
#: Bytes that begin `[name, value]`, by name. A redacted name is never among them.
Heads = Dict[str, bytes]
_Waiting = Tuple[Any, Plan, int, List[bytes], int]
_Written = Union[Tuple[List[bytes], int], str]


class Terms:
    """What all walks of one capturer have in common, made once: a hit finds the caches cold, and each dict it looks into costs it."""

    __slots__ = (
        "depth", "event_bytes", "field_heads", "fields", "items", "key_heads", "longest", "redact", "string_length", "time_half",
        "worst",
    )  # fmt: skip

    def __init__(self, limits: Mapping[str, int], redact: Optional[Redact]) -> None:
        self.items = limits["items"]
        self.fields = limits["fields"]
        self.depth = limits["depth"]
        self.event_bytes = limits["eventBytes"]
        self.string_length = limits["stringLength"]
        #: Half of the time is taken as it passes; see `Walk._look_at_time`.
        self.time_half = limits["timeMs"] / 2000
        self.redact = redact
        self.field_heads: Heads = {}
        self.key_heads: Heads = {}
        self.longest = min(self.string_length, LONGEST)
        #: Bytes that no name with its value exceeds, when the contents of the value are not counted.
        self.worst = 4 * (MAX_NAME + max(self.string_length, MAX_NAME)) + leaves.MAX_DIGITS + 128


class Walk:
    """One walk: `named` for the variables, `drain`, then the pieces that were given to `named` are whole."""

    __slots__ = ("_cpu", "_deadline", "_done", "_ids", "_places", "_queue", "_room", "stopped", "terms")

    def __init__(self, terms: Terms, started: float, sent_along: int) -> None:
        """`started`: by `perf_counter`. `sent_along`: bytes of the event that are taken already."""
        self.terms = terms
        #: Why nothing more is taken in, or None.
        self.stopped: Optional[str] = None
        self._room = terms.event_bytes - sent_along
        self._deadline = started + terms.time_half
        self._cpu: Optional[float] = None
        #: Values that wait, in the order of their turns: value, plan, depth of its contents, and where it stands.
        self._queue: List[_Waiting] = []
        #: What was written of each and the number of its members, or why it was not opened.
        self._done: List[_Written] = []
        # By identity, of values that the queue keeps alive: places in the queue, and the ids of those that are referred to.
        self._places: Dict[int, int] = {}
        self._ids: Dict[int, int] = {}
        if self._room < 0:
            self.stopped = "bytes"

    def charge(self, size: int) -> None:
        """Takes bytes from the budget for something that is sent along."""
        self._room -= size
        if self._room < 0 and self.stopped is None:
            self.stopped = "bytes"

    def named(self, out: List[bytes], pairs: Sequence[Tuple[Any, Any]], depth: int, known: Heads) -> int:
        """Writes `[name, value]` for each pair until a budget runs out; returns how many."""
        terms = self.terms
        longest = terms.longest
        wanted = len(pairs)
        count = 0
        while count < wanted and self.stopped is None:
            # So many pairs as fit in any case, so that the hottest loop of a snapshot need not count bytes.
            few = self._room // self.terms.worst or 1
            some = pairs if few >= wanted else pairs[count : count + few]
            count += len(some)
            start, waiting = len(out), len(self._queue)
            for name, value in some:
                head = known.get(name) if type(name) is str else None
                if head is None:
                    head, is_redacted = self._new_head(out, name, known, depth)
                    if is_redacted:
                        out += head, heads.REDACTED_VALUE
                        continue
                cls = type(value)
                # Text and small numbers, two of three values, are written here: a call costs as much as they do.
                if cls is str and len(value) <= longest:
                    try:
                        text = value.encode()
                    except UnicodeEncodeError:
                        text = heads.utf8(value)
                    out += head, STRINGS[len(text)], text
                elif cls is int and 0 <= value < 256:
                    out += head, SMALL_INTS[value]
                else:
                    out += head, self.leaf(value, out, len(out) + 1, depth)
            self._count(out, start, waiting)
        return count

    def listed(self, out: List[bytes], values: Sequence[Any], depth: int) -> int:
        """Writes each value until a budget runs out; returns how many."""
        wanted = len(values)
        count = 0
        while count < wanted and self.stopped is None:
            few = self._room // self.terms.worst or 1
            some = values if few >= wanted else values[count : count + few]
            count += len(some)
            start, waiting = len(out), len(self._queue)
            for value in some:
                out.append(self.leaf(value, out, len(out), depth))
            self._count(out, start, waiting)
        return count

    def _count(self, out: List[bytes], start: int, waiting: int) -> None:
        """Charges what was written since then; where nothing of it waits, as one piece from now on."""
        if len(self._queue) == waiting:
            whole = b"".join(out[start:])
            out[start:] = (whole,)
            self._room -= len(whole)
        else:
            self._room -= sum(map(len, out[start:]))
        if self._room < 0:
            self.stopped = "bytes"

    def leaf(self, value: Any, out: List[bytes], at: int, depth: int) -> bytes:
        """A whole value, or what stands for one that waits for its turn; the caller puts it at that place of `out`."""
        cls = type(value)
        if cls is str:
            return leaves.string(value, self.terms.string_length)
        if cls is int:
            return SMALL_INTS[value] if 0 <= value < 256 else leaves.integer(value, self.terms.string_length)
        if value is None:
            return NULL
        if cls is bool:
            return TRUE if value else FALSE
        if cls is float:
            return leaves.number(value)
        try:
            plan = plans.get(id(cls))
            if plan is None:
                layout = layouts.get(id(cls))
                plan = plan_of(cls) if layout is None or layout.plan is None else layout.plan
            if plan.leaf is not None:
                made = plan.leaf(plan, value, self.terms.string_length)
                if made is not None:
                    return made
            place = self._places.get(id(value))
            if place is not None:
                return _REFERENCE + heads.integer(self._ids.setdefault(place, len(self._ids) + 1))
            place = len(self._queue)
            if depth >= self.terms.depth or place >= MAX_OBJECTS:
                return plan.unopened(value, "depth" if depth >= self.terms.depth else "bytes", self.terms.string_length)
            self._queue.append((value, plan, depth + 1, out, at))
            self._places[id(value)] = place
            return plan.placeholder
        except FAULTY as error:
            pass_on(error)
            # The value cannot be read, or the interpreter is at the end of its stack or memory.
            return UNAVAILABLE_VALUE

    def _new_head(self, out: List[bytes], name: Any, known: Heads, depth: int) -> Tuple[bytes, bool]:
        """The beginning of a pair, and whether its value is redacted. The key of a map that is no text is written at once."""
        cls = type(name)
        plain = name if cls is str else _text_of_key(name)
        is_redacted = plain != "" and self.terms.redact is not None and self.terms.redact(plain)
        if known is self.terms.field_heads:
            head = heads.pair_head(plain[:MAX_NAME] or "?")
        elif cls is str:
            head = PAIR + leaves.string(name, self.terms.string_length)
        else:
            at = len(out) + 1
            out += PAIR, UNAVAILABLE_VALUE
            out[at] = self.leaf(name, out, at, depth)
            self.charge(len(out[at]))
            return b"", is_redacted
        if cls is str and len(name) <= MAX_REMEMBERED and not is_redacted:
            if len(known) >= MAX_HEADS:
                known.clear()
            known[name] = head
        return head, is_redacted

    def drain(self) -> None:
        """Opens the values that wait, outer levels first, and puts all together."""
        queue, done = self._queue, self._done
        for value, plan, depth, _, _ in queue:  # which grows meanwhile
            if perf_counter() > self._deadline and self.stopped is None:
                self._look_at_time()
            if self.stopped is not None:
                done.append(self.stopped)
                continue
            mine: List[bytes] = []
            try:
                done.append((mine, plan.fill(self, plan, value, mine, depth)))
            except FAULTY as error:
                pass_on(error)
                done.append("unavailable")
        ids = self._ids
        place = len(queue)
        while place:
            place -= 1
            value, plan, _, out, at = queue[place]
            written = done[place]
            if isinstance(written, str) or place in ids:
                self._put(place, value, plan, out, at)
            else:
                out[at] = MAPS[plan.members + written[1]] + plan.opening + b"".join(written[0])

    def _put(self, place: int, value: Any, plan: Plan, out: List[bytes], at: int) -> None:
        """Puts a value in its place that is referred to, or was not opened."""
        written = self._done[place]
        number = self._ids.get(place)
        ident = b"" if number is None else heads.ID + heads.integer(number)
        if not isinstance(written, str):
            pieces, count = written
            out[at] = MAPS[plan.members + count + 1] + plan.opening + ident + b"".join(pieces)
            return
        try:
            out[at] = plan.unopened(value, written, self.terms.string_length, ident)
        except FAULTY as error:
            pass_on(error)
            out[at] = UNAVAILABLE_VALUE

    def _look_at_time(self) -> None:
        """Time that passed while other threads ran is not this walk's. The clock of the thread costs too much to be asked at each
        hit: it is asked once half of the time is over, and measures the other half.
        """
        now = thread_time()
        if self._cpu is None:
            self._cpu = now
        left = self.terms.time_half - (now - self._cpu)
        if left > 0:
            self._deadline = perf_counter() + left
        else:
            self.stopped = "time"


def _text_of_key(name: Any) -> str:
    """What a key that is no exact `str` is called where it holds text; else "". Header names are often bytes."""
    if type(name) is bytes:
        return name.decode("latin-1") if len(name) <= MAX_REMEMBERED else ""
    return exact_name(name)
