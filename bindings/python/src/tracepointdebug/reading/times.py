"""Points and spans of time as the language has them, without asking a zone of the program's: seconds since 1970 in UTC, nanoseconds. Runs none of the program's code."""

from __future__ import annotations

import datetime as dt
import sys
import types
from typing import Any, Callable, Dict, Final, Tuple, Union

from .. import _abi as abi
from . import natives
from .carrier import Duration
from .layouts import layout_of
from .lookup import MISSING, get
from .members import member

__builtins__ = natives.BUILTINS

#: The language's timestamps: the years 1 to 9999.
MIN_SECONDS: Final = -62_135_596_800
MAX_SECONDS: Final = 253_402_300_799
_EPOCH_DAY: Final = dt.date(1970, 1, 1).toordinal()
_DAY: Final = 86_400
_ZERO: Final = dt.timedelta(0)

_datetime: Final = dt.datetime
_timedelta: Final = dt.timedelta
_timezone: Final = dt.timezone
_ordinal: Final = dt.date.toordinal
_Getter = Callable[[Any], Any]
_hour, _minute, _second, _microsecond, _zone, _fold = (
    _datetime.__dict__[name].__get__ for name in ("hour", "minute", "second", "microsecond", "tzinfo", "fold")
)
_days, _seconds, _microseconds = (_timedelta.__dict__[name].__get__ for name in ("days", "seconds", "microseconds"))
#: Parts of a time of day, by name.
TIME_FIELDS: Final[Dict[str, _Getter]] = {
    name: dt.time.__dict__[name].__get__ for name in ("hour", "minute", "second", "microsecond")
}
_modules: Final = sys.modules


def instant_of(value: Any) -> Union[Tuple[int, int, bool], int]:
    """Seconds since 1970, nanoseconds 0..999,999,999 and whether there was no zone, of a date or datetime; or a negated error code.

    A zone of the program's own class would have to be asked: `side_effect`. Out of the years 1 to 9999 in UTC: `overflow`.
    """
    seconds = (_ordinal(value) - _EPOCH_DAY) * _DAY
    mro = natives.type_mro(type(value))
    if not any(base is _datetime for base in mro):
        return seconds, 0, True
    seconds += _hour(value) * 3600 + _minute(value) * 60 + _second(value)
    nanoseconds = _microsecond(value) * 1000
    zone = _zone(value)
    if zone is None:
        return seconds, nanoseconds, True
    offset = _offset_of(zone, value)
    if offset is None:
        return -abi.ERR_SIDE_EFFECT
    seconds -= _days(offset) * _DAY + _seconds(offset)
    nanoseconds -= _microseconds(offset) * 1000
    if nanoseconds < 0:
        seconds -= 1
        nanoseconds += 1_000_000_000
    if not MIN_SECONDS <= seconds <= MAX_SECONDS:
        return -abi.ERR_OVERFLOW
    return seconds, nanoseconds, False


def nanoseconds_of(value: Any) -> int:
    """Of a timedelta or a Duration. May be beyond an int64."""
    if type(value) is Duration:
        return value.ns
    return ((_days(value) * _DAY + _seconds(value)) * 1_000_000 + _microseconds(value)) * 1000  # type: ignore[no-any-return]


def _offset_of(zone: Any, value: Any) -> Any:
    """The offset from UTC, a timedelta, or None where only code of the program's knows it."""
    if type(zone) is _timezone:
        return zone.utcoffset(None)
    asked = _zoneinfo_offset()
    mro = natives.type_mro(type(zone))
    if asked is not None and any(base is asked[0] for base in mro):
        # Of an instance of a subclass the zone would ask for attributes.
        day = dt.date.fromordinal(_ordinal(value))
        exact = _datetime(
            day.year,
            day.month,
            day.day,
            _hour(value),
            _minute(value),
            _second(value),
            _microsecond(value),
            fold=_fold(value),
        )
        return asked[1](zone, exact)
    return _known_offset(zone, mro)


def _zoneinfo_offset() -> Any:
    """The class `zoneinfo.ZoneInfo` and its own `utcoffset`, if the program has imported it and it is the built-in one."""
    module = _modules.get("zoneinfo")
    if type(module) is not types.ModuleType:
        return None
    cls = get(natives.module_dict(module), "ZoneInfo")
    if type(cls) is not type:
        return None
    method = natives.type_dict(cls).get("utcoffset")
    return (cls, method) if type(method) is types.MethodDescriptorType else None


def _known_offset(zone: Any, mro: Any) -> Any:
    """The zones of pytz keep their offset as data, those of dateutil that are UTC have none."""
    found = member(zone, layout_of(type(zone)), "_utcoffset")
    if type(found) is _timedelta:
        return found
    for base in mro:
        held = natives.type_dict(base)
        if natives.type_name(base) == "tzutc" and held.get("__module__", MISSING) == "dateutil.tz.tz":
            return _ZERO
    return None
