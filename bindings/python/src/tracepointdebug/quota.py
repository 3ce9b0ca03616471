"""How many events may leave: a token bucket a probe, then one for the process. Mirrors host/quota.ts.

Knows no clock and no lock; the caller passes the time and sees to it that one thread at a time asks.
"""

from __future__ import annotations

# A probe that has emitted nothing for so long, in milliseconds, is quiet and may use the process's reserve.
_QUIET_MS = 1000.0
# The share of the process's rate that busy probes leave for quiet ones.
_RESERVE_SHARE = 0.1

_NEVER = float("-inf")


class Bucket:
    """A token bucket. Times are milliseconds of a steady clock."""

    __slots__ = ("_burst", "_per_ms", "_refilled_at", "_spent_at", "_tokens")

    def __init__(self, per_second: float) -> None:
        self._per_ms = per_second / 1000
        # One second's worth, and at least one token, else a rate below one never passes.
        self._burst = max(1.0, per_second)
        self._tokens = self._burst
        self._refilled_at = _NEVER
        self._spent_at = _NEVER

    def ready(self, now_ms: float, reserve: float = 0.0) -> bool:
        """Whether a token can be had while `reserve` others stay."""
        if now_ms > self._refilled_at:
            if self._refilled_at != _NEVER:
                self._tokens = min(self._burst, self._tokens + (now_ms - self._refilled_at) * self._per_ms)
            self._refilled_at = now_ms
        return self._tokens >= 1 + reserve

    def spend(self, now_ms: float) -> None:
        """Takes one token; call it only after `ready` said so."""
        self._tokens -= 1
        self._spent_at = now_ms

    def empty_until(self, now_ms: float) -> float:
        """When the next token can be had, as of now: until then nobody need ask."""
        missing = 1 - self._tokens
        return now_ms + missing / self._per_ms if missing > 0 else now_ms

    def idle_ms(self, now_ms: float) -> float:
        """Milliseconds since the last token was taken."""
        return now_ms - self._spent_at


class ProcessQuota:
    """The rate of all probes together."""

    __slots__ = ("_bucket", "_reserve")

    def __init__(self, per_second: float) -> None:
        self._bucket = Bucket(per_second)
        self._reserve = per_second * _RESERVE_SHARE

    def admit(self, own: Bucket, now_ms: float) -> bool:
        """Whether a probe may emit now; takes a token from both buckets if so, from none if not.

        The probe's own rate is asked first, and busy probes cannot take the last tenth: so neither one hot probe nor many
        starve a quiet one.
        """
        if not own.ready(now_ms):
            return False
        if not self._bucket.ready(now_ms, 0.0 if own.idle_ms(now_ms) >= _QUIET_MS else self._reserve):
            return False
        own.spend(now_ms)
        self._bucket.spend(now_ms)
        return True
