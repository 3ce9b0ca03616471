"""What an engine is: puts seats into code objects and takes them out. Called by one thread at a time, under the placement's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, List, Protocol, Sequence

if TYPE_CHECKING:
    from types import CodeType

    from .seat import Seat


class Engine(Protocol):
    """One way to be called when the program reaches a line. What it says of changed code is meant for engines that change none."""

    name: str
    clears_snapshots: bool
    """Whether a seat may empty the copy of the locals that it caused, see variables.py."""

    def add(self, seats: Sequence[Seat]) -> List[str]:
        """Puts seats in place, all or none; returns notes for people. Raises EngineRefusedError."""

    def remove(self, seats: Sequence[Seat]) -> None:
        """Takes closed seats out."""

    def original(self, code: CodeType) -> CodeType:
        """The program's own code object behind a changed one."""
        return code

    def prepare(self, seats: Sequence[Seat]) -> None:
        """As `add`, for code of a module that is about to run. Raises EngineRefusedError."""
        self.add(seats)

    def prepared(self, code: CodeType) -> CodeType:
        """The code of that module to run instead; the same object where nothing had to be changed."""
        return code

    def tick(self) -> None:
        """Repairs what others have undone."""
