"""What the agent's own code raises to itself, and the cause that a person reads. None of it ever reaches the program."""

from __future__ import annotations

from typing import Any, Dict, Tuple


class Cause:
    """Why something is as it is, for a person to act on. `code` is stable; texts are not."""

    # No dataclass: importing those costs a program that starts more than all the rest of us.
    __slots__ = ("code", "details", "message", "remedy")

    def __init__(self, code: str, message: str, remedy: str, details: Tuple[str, ...] = ()) -> None:
        self.code = code
        self.message = message
        self.remedy = remedy
        self.details = details

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Cause) and self._parts() == other._parts()

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return f"Cause{self._parts()!r}"

    def _parts(self) -> Tuple[object, ...]:
        return self.code, self.message, self.remedy, self.details

    def to_wire(self) -> Dict[str, Any]:
        """The map that the link carries."""
        wire: Dict[str, Any] = {"code": self.code, "message": self.message, "remedy": self.remedy}
        if self.details:
            wire["details"] = list(self.details)
        return wire


class AgentError(Exception):
    """An error with a cause. Its subclasses say which part raised it."""

    def __init__(self, code: str, message: str, remedy: str, details: Tuple[str, ...] = ()) -> None:
        super().__init__(f"{message} {remedy}")
        self.cause = Cause(code, message, remedy, details)


class GuestError(AgentError):
    """The guest cannot run here, or has no room."""


class VerifyError(AgentError):
    """A module is not one that our compiler makes."""


class LinkError(AgentError):
    """The other side of the link, or a frame of it, is not as agreed."""
