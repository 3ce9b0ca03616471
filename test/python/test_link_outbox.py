"""The bounded queue between hits and link."""

from __future__ import annotations

from typing import Any, List

from tracepointdebug.link.outbox import Outbox, Outgoing
from tracepointdebug.probe import Probe


def probe() -> Probe:
    wanted: Any = {
        "id": "p",
        "kind": "logpoint",
        "file": "a",
        "line": 1,
        "at": "line",
        "hitLimit": 9,
        "expiresAt": 0,
        "rate": 1,
        "onError": "skip",
    }
    return Probe("p~0~1", wanted)


def outbox(events: int = 3, size: int = 10**6) -> Outbox:
    made = Outbox()
    made.max_events, made.max_bytes = events, size
    return made


def fill(box: Outbox, owner: Probe, count: int, **content: Any) -> None:
    for _ in range(count):
        box.add(Outgoing(owner, "log", 0.0, 1, fired=True, **content))


def seqs(events: List[Outgoing]) -> List[int]:
    return [event.seq for event in events]


def test_the_oldest_goes_and_is_counted_at_its_probe() -> None:
    box, owner = outbox(), probe()
    fill(box, owner, 5)
    assert (box.dropped, owner.dropped, seqs(box.unsent(9))) == (2, 2, [3, 4, 5])


def test_an_event_of_no_fired_hit_is_lost_to_the_process_only() -> None:
    box, owner = outbox(), probe()
    box.add(Outgoing(owner, "error", 0.0, 1, fired=False))
    fill(box, owner, 3)
    assert (box.dropped, owner.dropped) == (1, 0)


def test_bytes_are_bounded_too_but_one_event_always_fits() -> None:
    box, owner = outbox(100, 3000), probe()
    fill(box, owner, 5, snapshot=b"x" * 600)
    assert len(box) == 2
    fill(box, owner, 1, snapshot=b"x" * 60_000)
    assert len(box) == 1
    assert box.dropped == 5


def test_what_was_sent_stays_until_it_is_acknowledged() -> None:
    box, owner = outbox(9), probe()
    fill(box, owner, 4)
    assert seqs(box.unsent(3)) == [1, 2, 3]
    box.acknowledge(2)
    assert (len(box), box.waiting()) == (2, 1)
    assert seqs(box.unsent(9)) == [4]
    box.rewind()
    assert seqs(box.unsent(9)) == [3, 4]
    box.acknowledge(4)
    assert (len(box), box.waiting(), box.dropped) == (0, 0, 0)
    box.acknowledge(3)


def test_dropping_what_was_sent_does_not_skip_what_was_not() -> None:
    box, owner = outbox(3), probe()
    fill(box, owner, 3)
    box.unsent(2)
    fill(box, owner, 1)
    assert seqs(box.unsent(9)) == [3, 4]


def test_an_event_that_cannot_be_sent_is_given_up_alone() -> None:
    box, owner = outbox(9), probe()
    fill(box, owner, 3)
    box.lose(box.unsent(3)[1])
    box.rewind()
    assert (seqs(box.unsent(9)), box.dropped, owner.dropped) == ([1, 3], 1, 1)


def test_a_forked_process_has_none_of_it() -> None:
    box, owner = outbox(), probe()
    fill(box, owner, 5)
    box.renew()
    assert (len(box), box.waiting()) == (0, 0)
    fill(box, owner, 1)
    assert len(box.unsent(9)) == 1
