"""The frames of the link: golden ones in both directions, hostile ones refused by cause."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tracepointdebug.errors import LinkError
from tracepointdebug.link import cbor
from tracepointdebug.link.connection import Frames, frame
from tracepointdebug.link.messages import read

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "link.json").read_text("utf-8"))


def plain(value: Any) -> Any:
    """The message of a vector, its bytes as bytes."""
    if isinstance(value, dict):
        if set(value) == {"$bytes"}:
            return bytes.fromhex(value["$bytes"])
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def named(group: str) -> Any:
    return [pytest.param(case, id=case["id"]) for case in VECTORS[group]]


@pytest.mark.parametrize("case", named("bindingToHost"))
def test_says_what_the_host_expects(case: Any) -> None:
    message = plain(case["message"])
    golden = bytes.fromhex(case["hex"])
    (body,) = Frames().feed(golden)
    assert cbor.decode(body) == message
    # Numbers may differ in their form, never in their value; everything else is the same byte by byte.
    (ours,) = Frames().feed(frame(message))
    assert cbor.decode(ours) == message
    assert len(ours) <= len(body) + 8 * str(message).count(".0")


@pytest.mark.parametrize("case", named("hostToBinding"))
def test_understands_the_host(case: Any) -> None:
    (body,) = Frames().feed(bytes.fromhex(case["hex"]))
    assert read(body) == plain(case["message"])


@pytest.mark.parametrize("case", named("hostileToEither") + named("hostileToBinding"))
def test_refuses_a_hostile_frame(case: Any) -> None:
    with pytest.raises(LinkError) as raised:
        for body in Frames().feed(bytes.fromhex(case["hex"])):
            read(body)
    assert raised.value.cause.code == case["code"]


def test_cuts_a_stream_wherever_it_is_torn() -> None:
    stream = b"".join(bytes.fromhex(case["hex"]) for case in VECTORS["hostToBinding"])
    for size in (1, 3, 7, 1000, len(stream)):
        frames = Frames()
        found = [body for at in range(0, len(stream), size) for body in frames.feed(stream[at : at + size])]
        assert [read(body) for body in found] == [plain(case["message"]) for case in VECTORS["hostToBinding"]]


def test_holds_at_most_one_frame() -> None:
    frames = Frames()
    assert list(frames.feed((1_048_576).to_bytes(4, "big") + b"\0" * 10)) == []
    with pytest.raises(LinkError, match="not from 1 to 1048576"):
        list(Frames().feed((1_048_577).to_bytes(4, "big")))


@pytest.mark.parametrize(
    ("value", "hex_"),
    [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (255, "18ff"),
        (256, "190100"),
        (65_536, "1a00010000"),
        (1 << 32, "1b0000000100000000"),
        (-1, "20"),
        (-500, "3901f3"),
        (1.5, "fb3ff8000000000000"),
        (True, "f5"),
        (None, "f6"),
        ("ż", "62c5bc"),
        ("\ud83d\ude00", "64f09f9880"),
        ("\ud83d", "63efbfbd"),
        (b"\x00\x01", "420001"),
        ([1, [2]], "820181" + "02"),
        ({"a": {}}, "a16161a0"),
        (cbor.Encoded(b"\x81\x01"), "8101"),
    ],
)
def test_encodes(value: Any, hex_: str) -> None:
    assert cbor.encode(value).hex() == hex_


@pytest.mark.parametrize("value", [1 << 53, -(1 << 53), {1: 2}, object(), {"a": {3}}])
def test_refuses_to_send_what_the_subset_has_not(value: Any) -> None:
    with pytest.raises(LinkError):
        cbor.encode(value)


def test_refuses_a_list_that_the_rest_cannot_hold_before_making_it() -> None:
    with pytest.raises(LinkError, match="ends too early"):
        cbor.decode(bytes.fromhex("9affffffff"))


def test_refuses_too_many_values_and_too_deep_ones() -> None:
    with pytest.raises(LinkError, match="more than 100000 values"):
        cbor.decode(b"\x9a\x00\x01\x86\xa0" + b"\x00" * 100_000)
    with pytest.raises(LinkError, match="more than 64 deep"):
        cbor.encode(nested(66))
    assert cbor.decode(cbor.encode(nested(60))) == nested(60)


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def test_a_key_twice_is_refused() -> None:
    with pytest.raises(LinkError, match="twice"):
        cbor.decode(bytes.fromhex("a2616101616102"))


def test_agrees_with_cbor2_on_whatever_both_know() -> None:
    cbor2 = pytest.importorskip("cbor2")
    value = {"a": [1, -7, 2.5, "text", b"bytes", None, True, {"b": []}], "long": "x" * 70_000}
    assert cbor2.loads(cbor.encode(value)) == value
    assert cbor.decode(cbor2.dumps(value)) == value
