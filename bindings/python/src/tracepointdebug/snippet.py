"""Draws the place of an error in a source: its line, and a caret line below. Mirrors renderSnippet of conditions/source.ts."""

from __future__ import annotations

import unicodedata
from typing import Final, List, Optional, Tuple

# Columns of a snippet: fits a terminal and a log line.
WIDTH: Final = 80
# Columns kept in front of the caret when a long line is cut.
LEAD: Final = 32

# Wide characters: first and last, and what of them is narrow.
_WIDE: Final = (
    (0x1100, 0x115F),
    (0x2E80, 0x303E),
    (0x3040, 0xA4CF),
    (0xAC00, 0xD7A3),
    (0xF900, 0xFAFF),
    (0xFE30, 0xFE6F),
    (0xFF00, 0xFF60),
    (0xFFE0, 0xFFE6),
    (0x1F300, 0x1FAFF),
    (0x20000, 0x3FFFD),
)


def render_snippet(source: str, span: Tuple[int, int]) -> str:
    """The source line that holds the start of the span, and below it `^` under that place and `~` under the rest of the span.

    `span` counts UTF-16 units. A long line is cut around the caret, with `…` where text is missing. Tabs become one space; characters
    that would steer a terminal become U+FFFD.
    """
    cells, at, to = _line_of(source, *span)
    columns = [0]
    caret: Optional[int] = None
    tail: Optional[int] = None
    unit = 0
    for index, character in enumerate(cells):
        code = ord(character)
        after = unit + (2 if code > 0xFFFF else 1)
        if caret is None and after > at:
            caret = index
        if tail is None and after > to:
            tail = index + 1 if unit < to else index
        columns.append(columns[-1] + _columns_of(code))
        unit = after
    caret = len(cells) if caret is None else caret
    tail = len(cells) if tail is None else tail
    first, last = _window(columns, caret)
    prefix = "…" if first > 0 else ""
    line = prefix + "".join(map(_printable, cells[first:last])) + ("…" if last < len(cells) else "")
    start = columns[min(caret, last)]
    width = max(1, columns[min(max(tail, caret), last)] - start)
    return f"{line}\n{' ' * (len(prefix) + start - columns[first])}^{'~' * (width - 1)}"


def _line_of(source: str, at: int, to: int) -> Tuple[str, int, int]:
    """The line, and the two places relative to it, in UTF-16 units."""
    units = source.encode("utf-16-le", "surrogatepass")
    at = min(max(at, 0), len(units) // 2)
    before = units[: 2 * at].decode("utf-16-le", "surrogatepass")
    behind = units[2 * at :].decode("utf-16-le", "surrogatepass")
    head = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    ends = [index for index in (behind.find("\n"), behind.find("\r")) if index >= 0]
    inside = len(head.encode("utf-16-le", "surrogatepass")) // 2
    return head + behind[: min(ends, default=len(behind))], inside, to - at + inside


def _window(columns: List[int], caret: int) -> Tuple[int, int]:
    """The first cell that is shown, and the one behind the last."""
    first, last, total = 0, len(columns) - 1, columns[-1]
    if total > WIDTH:
        start = max(0, min(columns[caret] - LEAD, total - WIDTH))
        while columns[first] < start:
            first += 1
        if first > 0:
            first += 1
        room = columns[first] + WIDTH - (1 if first > 0 else 0)
        if total > room:
            while columns[last] > room - 1:
                last -= 1
    return first, last


def _printable(character: str) -> str:
    code = ord(character)
    if code == 9:
        return " "
    control = code < 0x20 or 0x7F <= code < 0xA0 or 0xD800 <= code < 0xE000
    steering = code in (0x2028, 0x2029) or 0x202A <= code <= 0x202E or 0x2066 <= code <= 0x2069
    return "\ufffd" if control or steering else character


def _columns_of(code: int) -> int:
    """Columns of a terminal: 2 for East Asian wide characters and emoji, 0 for what combines with the character before."""
    if code < 0x300:
        return 1
    if any(least <= code <= most for least, most in _WIDE):
        return 2
    combines = unicodedata.category(chr(code)) in ("Mn", "Me")
    unseen = 0x200B <= code <= 0x200F or code in (0x2060, 0xFEFF)
    return 0 if combines or unseen else 1
