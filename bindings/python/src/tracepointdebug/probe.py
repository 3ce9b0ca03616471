"""One probe in this process: what the host wants, where it stands, and its counts. Knows neither placement, nor guest, nor link."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Set

from .counter import make_counter

if TYPE_CHECKING:
    from .placing import Site


class Probe:
    """The counters are plain attributes because the hit path writes them: those of `Counter` without a lock, the others under that
    of the hit context.
    """

    __slots__ = (
        "at",
        "budget_errors",
        "condition_error",
        "condition_false",
        "despite",
        "dropped",
        "engine",
        "expires_at",
        "file",
        "file_hash",
        "fired",
        "hit_limit",
        "kind",
        "line",
        "not_due",
        "note",
        "on_error",
        "open",
        "placement_id",
        "probe_id",
        "rate",
        "rate_limited",
        "reported",
        "settled",
        "site",
        "state",
        "streak",
    )

    def __init__(self, placement_id: str, wanted: Mapping[str, Any]) -> None:
        self.placement_id = placement_id
        self.probe_id: str = wanted["id"]
        self.kind: str = wanted["kind"]
        self.file: str = wanted["file"]
        self.line: int = wanted["line"]
        self.at: str = wanted["at"]
        self.file_hash: Optional[str] = wanted.get("fileHash")
        # Events that it may still emit.
        self.hit_limit: int = wanted["hitLimit"]
        # Milliseconds since 1970.
        self.expires_at: float = wanted["expiresAt"]
        # Events a second.
        self.rate: float = wanted["rate"]
        self.on_error: str = wanted["onError"]
        self.state = "received"
        self.note = ""
        self.engine = ""
        self.site: Optional[Site] = None
        # The one comparison on the hit path: false when it was shut, expired or is past the hit limit.
        self.open = self.hit_limit > 0
        self.not_due = make_counter()
        self.condition_false = make_counter()
        self.rate_limited = make_counter()
        self._count_from_nothing()

    def renew(self) -> None:
        """A forked process has inherited the probe, and counts for itself."""
        self.hit_limit = max(0, self.hit_limit - self.fired)
        self.open = self.open and self.hit_limit > 0
        self.not_due.restart()
        self.condition_false.restart()
        self.rate_limited.restart()
        self._count_from_nothing()

    def _count_from_nothing(self) -> None:
        self.condition_error = 0
        self.fired = 0
        # Of the fired hits: those whose event has been made, or never will be; and those whose event is lost.
        self.settled = 0
        self.dropped = 0
        # Errors of the condition in a row, and `budget` and `memory` errors in all.
        self.streak = 0
        self.budget_errors = 0
        # Errors of the condition that were reported, as the guest packs them.
        self.reported: Set[int] = set()
        # By thread: the error in spite of which its hit fires just now.
        self.despite: Dict[int, int] = {}

    def reached(self) -> int:
        """How often the line was reached: every hit is in exactly one of the five counts."""
        return (
            int(self.not_due.value())
            + int(self.condition_false.value())
            + self.condition_error
            + int(self.rate_limited.value())
            + self.fired
        )

    def counts(self) -> Dict[str, Any]:
        """The counts as the link carries them. They add up whatever other threads do meanwhile."""
        counts = {
            "notDue": int(self.not_due.value()),
            "conditionFalse": int(self.condition_false.value()),
            "conditionError": self.condition_error,
            "rateLimited": int(self.rate_limited.value()),
            "fired": self.fired,
        }
        reached = sum(counts.values())
        dropped = min(self.dropped, counts["fired"])
        return {
            "placementId": self.placement_id,
            "reached": reached,
            **counts,
            "dropped": dropped,
            "streak": self.streak,
        }

    def status(self) -> Dict[str, Any]:
        """What a person is told of it."""
        told: Dict[str, Any] = {
            "probeId": self.probe_id,
            "kind": self.kind,
            "file": self.file if self.site is None else self.site.file,
            "line": self.line if self.site is None else self.site.line,
            "state": self.state,
            "counts": self.counts(),
        }
        if self.engine:
            told["engine"] = self.engine
        if self.note:
            told["note"] = self.note
        return told
