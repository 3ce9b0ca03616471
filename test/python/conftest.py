"""Puts the package on the path of the tests and of what they start, as `pip install` would, and says what is missing."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

pytest_plugins = ["placing_fixtures"]

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "bindings/python/src"

sys.path.insert(0, str(SOURCE))
# Programs that the tests start find the package as well.
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(SOURCE), os.environ.get("PYTHONPATH", "")]))
# A host or a state folder of the person who runs the tests is none of the tests' business.
for name in [name for name in os.environ if name.startswith("TRACEPOINTDEBUG_")]:
    del os.environ[name]


def pytest_configure() -> None:
    """Fails before the first test when the engine is not built."""
    engine = SOURCE / "tracepointdebug/engine.wasm"
    if not engine.exists():
        pytest.exit(f"{engine} is missing; build it and copy it there with: npm run setup", returncode=4)
