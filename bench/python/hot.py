"""A hot loop to put a probe into: the marked line is reached once for each round."""

from __future__ import annotations


def work(n, total=0.0):
    for i in range(n):
        step = i & 7
        total += step  # probed
    return total


def control(n, total=0.0):
    """The same again, never probed: shows what a probe costs the functions beside it."""
    for i in range(n):
        step = i & 7
        total += step
    return total


def evaluated(n, code, total=0.0):
    """The same with the condition as compiled code in it, by `eval`: the least that an unsandboxed condition costs."""
    fired = 0
    for i in range(n):
        step = i & 7
        if eval(code, {}, {"total": total}):
            fired += 1
        total += step
    return total, fired
