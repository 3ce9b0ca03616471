"""The stack of a snapshot: its frames, innermost first, without ours."""

from __future__ import annotations

import asyncio
import gc
import sys
import weakref
from typing import Any, Dict, List, Optional

from tracepointdebug.capture import Capturer, frames
from tracepointdebug.link import cbor


def _stack(frame: Any, limit: int = 20) -> Dict[str, Any]:
    made: Dict[str, Any] = cbor.decode(Capturer({"frames": limit}).snapshot(frame, [], []))
    return made


class Cart:
    def total(self) -> Dict[str, Any]:
        return _stack(sys._getframe())


def _deep(levels: int) -> Dict[str, Any]:
    return _deep(levels - 1) if levels else _stack(sys._getframe())


def test_innermost_first_with_file_and_line() -> None:
    made = Cart().total()
    line = sys._getframe().f_lineno - 1
    first, second = made["frames"][:2]
    name = "Cart.total" if sys.version_info >= (3, 11) else "total"
    assert first == {"function": name, "file": __file__, "line": Cart.total.__code__.co_firstlineno + 1, "column": 0}
    assert (second["function"], second["line"]) == ("test_innermost_first_with_file_and_line", line)


def test_a_stack_that_is_cut_says_so() -> None:
    made = _deep(30)
    assert len(made["frames"]) == 20
    assert made["framesOmitted"] is True


def test_a_whole_stack_says_nothing() -> None:
    assert "framesOmitted" not in _stack(sys._getframe(), 1000)


def test_no_frames_are_wanted() -> None:
    made = _stack(sys._getframe(), 0)
    assert (made["frames"], made["framesOmitted"]) == ([], True)


def test_a_line_is_that_of_this_hit() -> None:
    capturer = Capturer()

    def lines() -> List[int]:
        frame = sys._getframe()
        first = capturer.snapshot(frame, [], [])
        second = capturer.snapshot(frame, [], [])
        return [cbor.decode(made)["frames"][0]["line"] for made in (first, second)]

    first, second = lines()
    assert second == first + 1


def test_a_frame_that_was_reached_through_await_says_so() -> None:
    async def inner() -> Dict[str, Any]:
        return _stack(sys._getframe())

    async def outer() -> Dict[str, Any]:
        return await inner()

    made = asyncio.run(outer())["frames"]
    assert [frame.get("async") for frame in made[:3]] == [None, True, None]
    assert made[1]["function"].endswith("outer")


def test_a_generator_is_called_by_who_advances_it() -> None:
    def numbers():
        yield _stack(sys._getframe())

    made = next(numbers())["frames"]
    assert made[0]["function"].endswith("numbers")
    assert made[1]["function"] == "test_a_generator_is_called_by_who_advances_it"


def test_frames_of_ours_are_left_out(monkeypatch: Any) -> None:
    monkeypatch.setattr(frames, "_OWN_FOLDER", __file__)
    assert all(frame["file"] != __file__ for frame in _deep(3)["frames"])


def test_no_variable_of_a_frame_is_kept_alive() -> None:
    class Local:
        pass

    capturer = Capturer()

    def held() -> Optional[weakref.ref[Local]]:
        local = Local()
        capturer.snapshot(sys._getframe(), ["local"], [local])
        return weakref.ref(local)

    reference = held()
    gc.collect()
    assert reference is not None
    assert reference() is None


def test_code_that_is_gone_is_forgotten() -> None:
    capturer = Capturer()
    space: Dict[str, Any] = {"capturer": capturer, "sys": sys}
    exec("def run(): capturer.snapshot(sys._getframe(), [], [])", space)
    known = capturer._frames._lines
    before = len(known)
    space["run"]()
    assert len(known) > before
    code = weakref.ref(space["run"].__code__)
    del space["run"]
    gc.collect()
    assert code() is None
    space.clear()
    assert all(reference() is not None for reference in capturer._frames._references.values())


def test_the_code_objects_that_are_remembered_have_a_bound(monkeypatch: Any) -> None:
    monkeypatch.setattr(frames, "MAX_CODES", 3)
    monkeypatch.setattr(frames, "MAX_LINES", 1)
    capturer = Capturer()
    for _ in range(3):
        capturer.snapshot(sys._getframe(), [], [])
        made = cbor.decode(capturer.snapshot(sys._getframe(), [], []))
        assert made["frames"][0]["line"] == sys._getframe().f_lineno - 1
    assert len(capturer._frames._lines) <= 3
    assert all(len(called) <= 1 for called, _ in capturer._frames._lines.values())
