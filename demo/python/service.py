"""The demo's HTTP service: Flask, two routes, no trace of a debugger in it. `gunicorn service:app` serves it."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

from flask import Flask, jsonify

from cart import order

app = Flask(__name__)
numbers = itertools.count()


@app.get("/order")
def place_order():  # noqa: ANN201
    """Buys a cart."""
    user, cart = order(next(numbers))
    total = cart.total(0.1 if user["age"] > 50 else 0.0)
    return jsonify(cart.checkout(user, total))


@app.get("/cart")
def show_cart():  # noqa: ANN201
    """Shows a cart."""
    user, cart = order(next(numbers))
    total = cart.total(0.0)
    return jsonify(user=user["name"], cart=cart.id, total=total)


@app.get("/cpu")
def cpu():  # noqa: ANN201
    """CPU time of all workers, microseconds, so that the cost of a probe can be told from the noise of the machine."""
    tick = 1e6 / os.sysconf("SC_CLK_TCK")
    user = system = 0.0
    # The fields behind the name, which may contain anything: state, parent, ... utime, stime.
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getppid():
            user += int(fields[11]) * tick
            system += int(fields[12]) * tick
    return jsonify(user=user, system=system)
