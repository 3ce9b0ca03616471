"""From a line as a person means it to the code objects in which a probe can stand, and the line that has code. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, NamedTuple, Optional, Sequence, Tuple

from .codes import CodePlace, lines_of
from .problems import gone_note, has_run_note, line_out_of_range, moved_note, no_function, not_a_line

if TYPE_CHECKING:
    from .source import Source


class Target(NamedTuple):
    """Where a probe shall stand: on this line of each of these, the first being what is shown to people. No places: the code is
    not there now, and `note` says why.
    """

    places: Sequence[CodePlace]
    line: int
    note: str


class _Lines(NamedTuple):
    place: CodePlace
    lines: Sequence[int]

    @property
    def span(self) -> Tuple[int, int]:
        first = self.place.code.co_firstlineno
        return first, max([first, *self.lines[-1:]])


def locate(living: Sequence[CodePlace], source: Source, line: int, at: str) -> Target:
    """Finds the place of a probe. `living`: code objects that can run. Raises PlacementError `line_out_of_range` or
    `unsupported_place`.
    """
    if type(line) is not int or line < 1:
        raise not_a_line(line)
    lines = [_Lines(place, lines_of(place.code)) for place in living]
    return _line(lines, source, line) if at == "line" else _function(lines, source, line)


def _line(living: Sequence[_Lines], source: Source, wanted: int) -> Target:
    here = _on(living, wanted)
    if here:
        return Target(here, wanted, "")
    dead = _dead(living, source)
    if _on(dead, wanted):
        return _waiting(dead, source, wanted, wanted)
    around = _innermost(living, wanted)
    later = [n for one in living for n in one.lines if n > wanted]
    within = [n for n in later if around is not None and n <= around.span[1]]
    dead_later = [] if within else [n for one in dead for n in one.lines if n > wanted]
    line = min(within or later + dead_later, default=None)
    if line is None:
        last = max((n for one in [*living, *dead] for n in one.lines), default=None)
        raise line_out_of_range(source.path, wanted, last, source.line_count())
    if not _on(living, line):
        return _waiting(dead, source, wanted, line)
    return Target(_on(living, line), line, moved_note(wanted, line))


def _function(living: Sequence[_Lines], source: Source, wanted: int) -> Target:
    """The function around a line. The line that is shown is the first of its body."""
    around = _function_around(living, wanted)
    dead = _dead(living, source)
    gone = _function_around(dead, wanted)
    if around is not None and (gone is None or gone.span[0] <= around.span[0]):
        first = around.lines[0]
        same = [one.place for one in living if one.span == around.span and one.place.qualname == around.place.qualname]
        return Target(same, first, "")
    if gone is None:
        raise no_function(source.path, wanted)
    return Target((), gone.lines[0], gone_note(source.path, wanted))


def _function_around(lines: Sequence[_Lines], wanted: int) -> Optional[_Lines]:
    """The innermost function around a line. A lambda counts only where no function with a name is around it."""
    functions = [one for one in lines if one.place.is_function and one.lines]
    named = [one for one in functions if not one.place.code.co_name.startswith("<")]
    return _innermost(named, wanted) or _innermost(
        [one for one in functions if one.place.code.co_name == "<lambda>"], wanted
    )


def _on(lines: Sequence[_Lines], wanted: int) -> List[CodePlace]:
    """The code objects that have code on a line. A comprehension is not counted beside what holds it: from 3.12 on it is one with it."""
    found = [one.place for one in lines if wanted in one.lines]
    return [place for place in found if not place.is_comprehension] or found


def _innermost(lines: Sequence[_Lines], wanted: int) -> Optional[_Lines]:
    around = [one for one in lines if one.span[0] <= wanted <= one.span[1]]
    return max(around, key=lambda one: (one.span[0], -one.span[1]), default=None)


def _dead(living: Sequence[_Lines], source: Source) -> List[_Lines]:
    """Code of the file that nothing can run any more: what ran when it was loaded, functions that were dropped."""
    alive = {(one.place.code.co_name, one.place.code.co_firstlineno) for one in living}
    dead = [place for place in source.tree() if (place.code.co_name, place.code.co_firstlineno) not in alive]
    return [_Lines(place, lines_of(place.code)) for place in dead]


def _waiting(dead: Sequence[_Lines], source: Source, wanted: int, line: int) -> Target:
    note = "" if wanted == line else moved_note(wanted, line) + " "
    places = _on(dead, line)
    if all(place.is_function for place in places):
        return Target((), line, note + gone_note(source.path, line))
    return Target((), line, note + has_run_note(source.path, line, _function_at(source, line)))


def _function_at(source: Source, line: int) -> Optional[Tuple[int, str]]:
    """The function whose definition stands on a line: the first line of its body, and its name."""
    for place in source.tree():
        lines = lines_of(place.code) if place.code.co_firstlineno == line and place.is_function else []
        if lines and not place.code.co_name.startswith("<"):
            return lines[0], place.code.co_name
    return None
