"""What the agent's own code raises to itself, and the cause that a person reads. None of it ever reaches the program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Tuple


@dataclass(frozen=True)
class Cause:
    """Why something is as it is, for a person to act on. `code` is stable; texts are not."""

    code: str
    message: str
    remedy: str
    details: Tuple[str, ...] = ()

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
