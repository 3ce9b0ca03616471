"""Conditions (a) to (d) by our guest, by `eval` of compiled code, and by two implementations of CEL, in turn in one process.

Reads one JSON line {"sources": {case: source}, "wasm": {case: hex}, "rounds": n, "roundMs": ms}, answers {case: {contestant: ns of one evaluation}}.
The time is the thread's CPU time: other programs on the machine disturb it less. Every contestant gives the expected answer before it is timed. `eval` runs over objects with attributes, as programs have them, and so do
we; the CEL engines know maps only, so that over dicts we stand beside them once more. cel-python's values are converted beforehand.
"""

from __future__ import annotations

import json
import statistics
import sys
from itertools import repeat
from time import thread_time_ns

import cel
import celpy
from tracepointdebug.guest import Guest


class Record:
    """An ordinary object."""

    def __init__(self, **fields):
        self.__dict__.update(fields)


ITEMS = [{"id": i, "price": i * 5.5, "name": f"item {i}"} for i in range(20)]
USER = {"age": 33, "name": "bob", "id": 7}
TEXT = {"name": "abcdefghijklmnopqrstuvwxyz", "tags": ["a", "b"]}
# Variables as dicts, as objects, and the condition as Python over the objects.
CASES = {
    "a": ({"x": 11}, {"x": 11}, "x > 10"),
    "b": ({"user": USER}, {"user": Record(**USER)}, 'user.age >= 21 and user.name == "bob"'),
    "c": (
        {"items": ITEMS},
        {"items": [Record(**item) for item in ITEMS]},
        "any(i.price > 100.0 for i in items)",
    ),
    "d": (TEXT, TEXT, 'name.startswith("ab") and "yz" in name or len(tags) > 3'),
}


def loop(function, args, n):
    started = thread_time_ns()
    for _ in repeat(None, n):
        function(*args)
    return thread_time_ns() - started


def contestants(guest, source, wasm, dicts, objects, code):
    module = guest.load(bytes.fromhex(wasm))
    environment = celpy.Environment()
    program = environment.program(environment.compile(source))
    compiled = cel.compile(source)
    return {
        "ours": (module.test, [objects[name] for name in module.roots]),
        "ours, dicts": (module.test, [dicts[name] for name in module.roots]),
        "eval": (eval, [compile(code, "condition", "eval"), {}, objects]),
        "cel-python": (program.evaluate, [celpy.json_to_cel(dicts)]),
        "common-expression-language": (compiled.execute, [dicts]),
    }


def race(found, rounds, round_ns):
    counts = {}
    for name, (function, args) in found.items():
        n = 1
        while (took := loop(function, args, n)) < round_ns / 4:
            n *= 2
        counts[name] = max(1, round(n * round_ns / took))
    samples = {name: [] for name in found}
    for _ in range(rounds):
        for name, (function, args) in found.items():
            samples[name].append(loop(function, args, counts[name]) / counts[name])
    return {name: statistics.median(times) for name, times in samples.items()}


request = json.loads(sys.stdin.readline())
guest = Guest()
answer = {}
for case, (dicts, objects, code) in CASES.items():
    found = contestants(guest, request["sources"][case], request["wasm"][case], dicts, objects, code)
    for name, (function, args) in found.items():
        if function(*args) not in (True, 1):
            sys.exit(f"{name} gives {function(*args)!r} for {request['sources'][case]}")
    answer[case] = race(found, request["rounds"], request["roundMs"] * 1e6)
print(json.dumps(answer), flush=True)
