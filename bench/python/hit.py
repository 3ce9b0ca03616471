"""One contestant for the cost of a hit: `hit.py NAME LINE`, then one JSON request a line, one JSON answer each.

{"loop": "work" | "control", "n": rounds, "total": where it begins} answers {"ns": CPU time of the thread for all rounds, "fired": hits whose condition held, or null}.
"""

from __future__ import annotations

import json
import sys
from time import thread_time_ns

NAME, LINE = sys.argv[1], int(sys.argv[2])
CODE = compile("total > 1e12", "condition", "eval")

if NAME == "tracepointdebug":
    import tracepointdebug

    tracepointdebug.start()
elif NAME == "ddtrace":
    import ddtrace.auto  # noqa: F401

import hot  # noqa: E402 - after the agents, as a program would be

fired = 0


def on_line(frame, event, arg):
    global fired
    if event == "line" and frame.f_lineno == LINE and eval(CODE, frame.f_globals, frame.f_locals):
        fired += 1
    return on_line


def on_call(frame, event, arg):
    return on_line if frame.f_code is hot.work.__code__ else None


def loop(name, n, total):
    """The sum, checked by whoever asked, and how often the condition held where we can know."""
    global fired
    if name == "control":
        return hot.control(n, total), 0
    if NAME == "eval":
        return hot.evaluated(n, CODE, total)
    if NAME != "settrace":
        return hot.work(n, total), None
    fired = 0
    sys.settrace(on_call)
    try:
        return hot.work(n, total), fired
    finally:
        sys.settrace(None)


print(json.dumps({"version": sys.version.split()[0]}), flush=True)
for line in sys.stdin:
    request = json.loads(line)
    n, total = request["n"], request["total"]
    started = thread_time_ns()
    result, held = loop(request["loop"], n, total)
    ns = thread_time_ns() - started
    if result != total + sum(i & 7 for i in range(8)) * (n // 8) + sum(range(n % 8)):
        sys.exit(f"the loop gives a wrong sum: {result}")
    print(json.dumps({"ns": ns, "fired": held}), flush=True)
