"""Modules for the tests of the guest, compiled by Node once a run, and modules by hand that the verifier would refuse."""

from __future__ import annotations

import base64
import functools
import json
import subprocess
from typing import Any, Dict, Iterator

import pytest
import tracepointdebug.guest.guest as guest_module
from tracepointdebug._limits import MAXIMA

from guest_cases import ROOT

#: The sources that tests use, by kind.
SOURCES = {
    "condition": [
        "total > 1e12",
        "x == y",
        "items.exists(i, i.price > 100.0)",
        "true",
        "a + b + c + d > 10.0",
        "name == 'bob'",
    ],
    "template": ["{{a}} and {{b}}", "{{s}}", "nothing"],
    "value": ["[1, 2, x]", "x", "x.y.z"],
}


@functools.lru_cache(maxsize=None)
def _compiled() -> Dict[str, bytes]:
    command = ["node", str(ROOT / "test/python/node/run.mjs"), "modules.ts", json.dumps(SOURCES)]
    out = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
    return {name: base64.b64decode(wasm) for name, wasm in json.loads(out).items()}


def module(source: str) -> bytes:
    """The module of one of the sources above."""
    return _compiled()[source]


SECTION: Dict[str, Any] = {
    "entry": "condition",
    "source": "by hand",
    "slots": 0,
    "roots": [],
    "dataBytes": 0,
    "limits": dict(MAXIMA),
}


@pytest.fixture
def unverified(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Compiles WebAssembly text whose body nobody has verified: `unverified("unreachable")`."""
    import wasmtime

    real = guest_module.verify_module
    by_hand = set()

    def verify(wasm: bytes) -> Dict[str, Any]:
        return SECTION if wasm in by_hand else real(wasm)

    def make(body: str) -> bytes:
        text = f"""(module
          (import "env" "memory" (memory 32 32))
          (import "env" "base" (global i32))
          (func $deep (param i32) (result i32) (i32.add (call $deep (local.get 0)) (i32.const 1)))
          (func (export "evaluate") (param i32) (result i32) {body}))"""
        wasm = bytes(wasmtime.wat2wasm(text))
        by_hand.add(wasm)
        return wasm

    monkeypatch.setattr(guest_module, "verify_module", verify)
    yield make
