"""Memory and start of a program: `footprint.py NAME`. Answers how long the agent's import and start took, then to each line its memory."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import perf_counter_ns

NAME = sys.argv[1]
started = perf_counter_ns()
if NAME == "tracepointdebug":
    import tracepointdebug

    tracepointdebug.start()
elif NAME == "ddtrace":
    import ddtrace.auto  # noqa: F401
took = perf_counter_ns() - started

# What a program of any size has loaded anyway.
import asyncio  # noqa: E402, F401
import logging.config  # noqa: E402, F401
import sqlite3  # noqa: E402, F401

import hot  # noqa: E402

print(json.dumps({"startMs": took / 1e6}), flush=True)
for line in sys.stdin:
    hot.work(json.loads(line)["n"])
    fields = dict(row.split(":", 1) for row in Path("/proc/self/status").read_text().splitlines())
    print(json.dumps({name: int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "VmSize")}), flush=True)
