"""Times calls that a snapshot is taken in, one by one, slowly enough for everybody's rate limits: `snapshot.py NAME`.

A request {"call": "order" | "short" | "long", "times": n, "pauseMs": ms, "idle": bool} is answered by {"ns": [of each call]}. Between calls the
program works, as a busy one does, or sleeps, which leaves the processor's caches to others.
"""

from __future__ import annotations

import json
import sys
import time
from time import perf_counter_ns

NAME = sys.argv[1]
if NAME == "tracepointdebug":
    import tracepointdebug

    tracepointdebug.start()
elif NAME == "ddtrace":
    import ddtrace.auto  # noqa: F401

import shop  # noqa: E402 - after the agents, as a program would be

ORDER = shop.Record(shop.LEVELS)
# The frames of this module and of `call` are two of them.
CALLS = {
    "order": (shop.handle, (ORDER, shop.FRAMES - 3)),
    "short": (shop.note, ("x" * 64,)),
    "long": (shop.note, ("x" * (64 << 20),)),
}


def pause(seconds, idle):
    if idle:
        time.sleep(seconds)
        return
    ends = time.perf_counter() + seconds
    while time.perf_counter() < ends:
        sum(range(1000))


def call(name):
    function, args = CALLS[name]
    started = perf_counter_ns()
    function(*args)
    return perf_counter_ns() - started


print(json.dumps({"version": sys.version.split()[0]}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    ns = []
    for _ in range(request["times"]):
        pause(request["pauseMs"] / 1000, request["idle"])
        ns.append(call(request["call"]))
    print(json.dumps({"ns": ns}), flush=True)
