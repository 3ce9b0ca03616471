"""Puts probes into running Python code and takes them out again: sys.monitoring, changed bytecode, or a trace function."""

from __future__ import annotations

from .placement import Placement, create_placement
from .request import Failed, Installed, Pending, PlacementState, PlacementStats, PlaceRequest, Site

__all__ = [
    "Failed",
    "Installed",
    "Pending",
    "PlaceRequest",
    "Placement",
    "PlacementState",
    "PlacementStats",
    "Site",
    "create_placement",
]
