"""The verifier refuses what the one in Node refuses, at the same byte and for the same reason."""

from __future__ import annotations

import base64

import pytest
from tracepointdebug._limits import LIMITS
from tracepointdebug.errors import VerifyError
from tracepointdebug.guest import Guest, verify_module

from guest_cases import cases


def test_damaged_modules_get_the_verdict_that_node_gives_them():
    guest = Guest()
    verdicts = {}
    for case in cases("damage", "4000", "20261123"):
        wasm = base64.b64decode(case["wasm"])
        try:
            guest.load(wasm).close()
            found = ("accepted", "")
        except VerifyError as error:
            found = (error.cause.code, error.cause.message.rstrip("."))
        verdicts[found[0]] = verdicts.get(found[0], 0) + 1
        # What only the WebAssembly engine sees, each of them words in its own way.
        wanted = ("invalid", found[1]) if case["code"] == "invalid" else (case["code"], case["message"])
        assert found == wanted
    # Nearly every reason there is.
    assert len(verdicts) >= 12, verdicts
    assert verdicts["accepted"] > 50


@pytest.mark.parametrize(
    ("wasm", "code"),
    [
        (b"", "malformed"),
        (b"\0asm\x02\0\0\0", "malformed"),
        (b"\0asm\x0d\0\x01\0", "malformed"),
        (b"x" * (LIMITS["moduleBytes"] + 1), "too_large"),
        (b"\0asm\x01\0\0\0\x05\0", "forbidden_section"),
        (b"\0asm\x01\0\0\0\x01\xff\xff\xff\xff\x7f", "malformed"),
        (b"\0asm\x01\0\0\0\x01\x05\xff\xff\xff\xff\x0f", "too_large"),
    ],
)
def test_what_is_no_module_is_refused_with_a_remedy(wasm, code):
    with pytest.raises(VerifyError) as caught:
        verify_module(wasm)
    assert caught.value.cause.code == code
    assert caught.value.cause.remedy


def test_a_deeply_nested_section_is_refused():
    case, *_ = cases("damage", "0", "1")
    wasm = base64.b64decode(case["wasm"])
    at = wasm.index(b'{"abi"')
    hostile = wasm[:at] + b"[" * (len(wasm) - at)
    with pytest.raises(VerifyError) as caught:
        verify_module(hostile)
    assert caught.value.cause.code == "probe_section"
