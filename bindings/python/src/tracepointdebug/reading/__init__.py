"""Reads values of the program into the guest's slots and for snapshots, without running any of the program's code."""

from __future__ import annotations

from .carrier import Carrier, Duration
from .reader import Reader, make_reader
from .writer import Redact, Writer

__all__ = ["Carrier", "Duration", "Reader", "Redact", "Writer", "make_reader"]
