"""Reads values of the program into the guest's slots and for snapshots, without running any of the program's code."""

from __future__ import annotations

from .carrier import Carrier, Duration

__all__ = ["Carrier", "Duration"]
