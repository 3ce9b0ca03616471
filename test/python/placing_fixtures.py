"""What every test of placing gets: a folder for its modules, and probes of each engine that can serve here."""

from __future__ import annotations

import sys

import pytest
from tracepointdebug.placing.imports import ImportWatch

from placing_case import ENGINES, Probes, Program


@pytest.fixture
def program(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    made = Program(tmp_path)
    yield made
    made.forget()


@pytest.fixture(params=ENGINES)
def probes(request):
    made = Probes(request.param)
    yield made
    made.placement.close()
    assert sys.gettrace() is None
    assert not any(type(finder) is ImportWatch for finder in sys.meta_path)
