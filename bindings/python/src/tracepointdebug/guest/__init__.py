"""Runs probe modules: verified, in WebAssembly, within their budget. See `Guests` for probes, `Guest` for one evaluation at a time."""

from __future__ import annotations

from ..errors import GuestError, VerifyError
from .guest import Guest, LoadedModule
from .native import obstacle
from .shared import MAX_GUESTS, Guests, SharedModule
from .verify import verify_module

__all__ = [
    "MAX_GUESTS",
    "Guest",
    "GuestError",
    "Guests",
    "LoadedModule",
    "SharedModule",
    "VerifyError",
    "obstacle",
    "verify_module",
]
