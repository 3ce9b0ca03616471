"""Captures points and spans of time, in the words of RFC 3339 and of the language. Asks no zone of the program's."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from ..reading import access
from . import heads, leaves

if TYPE_CHECKING:
    from .plans import Plan


def date_time(plan: Plan, value: datetime, _limit: int) -> bytes:
    """RFC 3339; without an offset where it has no zone, in UTC where it has one."""
    read = access.instant_of(value)
    if isinstance(read, int):
        return leaves.missing(plan, "unavailable")
    seconds, nanoseconds, is_naive = read
    moment = _EPOCH + timedelta(seconds=seconds)
    zone = "" if is_naive else "Z"
    return leaves.whole(plan, heads.text(datetime.isoformat(moment) + _fraction(nanoseconds) + zone))


_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 -- its text is to have no zone


def _fraction(nanoseconds: int) -> str:
    """Milliseconds where that is exact."""
    if nanoseconds == 0:
        return ""
    return f".{nanoseconds // 1_000_000:03d}" if nanoseconds % 1_000_000 == 0 else f".{nanoseconds // 1000:06d}"


def day(plan: Plan, value: date, _limit: int) -> bytes:
    """A date without a time."""
    return leaves.whole(plan, heads.text(date.isoformat(value)))


_HOUR: Final = time.__dict__["hour"].__get__
_MINUTE: Final = time.__dict__["minute"].__get__
_SECOND: Final = time.__dict__["second"].__get__
_MICROSECOND: Final = time.__dict__["microsecond"].__get__


def time_of_day(plan: Plan, value: time, _limit: int) -> bytes:
    """Without its offset: asking for it may run a zone of the program."""
    clock = f"{_HOUR(value):02d}:{_MINUTE(value):02d}:{_SECOND(value):02d}"
    return leaves.whole(plan, heads.text(clock + _fraction(_MICROSECOND(value) * 1000)))


def duration(plan: Plan, value: object, _limit: int) -> bytes:
    """Seconds as `1.5s`, the way of the language."""
    nanoseconds = access.nanoseconds_of(value)
    seconds, rest = divmod(abs(nanoseconds), 1_000_000_000)
    digits = f".{rest:09d}".rstrip("0").rstrip(".")
    return leaves.whole(plan, heads.text(f"{'-' if nanoseconds < 0 else ''}{seconds}{digits}s"))
