"""Asks the host to compile an expression, and knows where in the source an error of the module points."""

from __future__ import annotations

import itertools
import time
from typing import Any, Dict, Final, List, Mapping, NamedTuple, Optional, Protocol, Sequence, Tuple, Union

from . import _abi as abi
from .errors import LinkError

#: Seconds that the host may take for one expression. It takes a millisecond.
ANSWER_S: Final = 30.0

#: From and to, in UTF-16 units of the source, as all positions of the language.
Span = Tuple[int, int]


class Peer(Protocol):
    """The side that compiles: a connection to the host (link/connection.py)."""

    def send(self, message: Mapping[str, Any]) -> None:
        """Sends a message whole."""

    def receive(self, seconds: float) -> Optional[Dict[str, Any]]:
        """The next message within so many seconds, or None."""


class Compiled(NamedTuple):
    """A module, and what is known of the nodes of its source."""

    source: str
    wasm: bytes
    # From and to of each node, one behind the other; node 0 is none.
    spans: Sequence[int]
    # Node that a selection or index is applied to, 0 for other nodes.
    operands: Sequence[int]
    # Where each variable is first used.
    root_spans: Mapping[str, Span]

    def span_of(self, packed: int) -> Span:
        """Where in the source a run-time error (`up << 19 | node << 8 | code`) happened."""
        node = (packed >> abi.ERR_NODE_SHIFT) & abi.ERR_NODE_MASK
        for _ in range(packed >> abi.ERR_UP_SHIFT):
            operand = self.operands[node] if node < len(self.operands) else 0
            if operand == 0:
                break
            node = operand
        if 2 * node + 1 < len(self.spans):
            return self.spans[2 * node], self.spans[2 * node + 1]
        return whole_of(self.source)


class Refusal(NamedTuple):
    """Why the compiler refuses a source."""

    code: str
    at: Span
    message: str
    remedy: str
    # The source line with a caret line below it.
    snippet: str


class Compiler:
    """Compiles one expression after another over one connection. For one thread."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer
        self._requests = itertools.count(1)

    def compile(self, kind: str, source: str, **options: object) -> Union[Compiled, Refusal]:
        """`kind`: "condition", "template" or "value". Options as the host takes them: `container`, `declared`, `fold`, `strict`, `at`,
        `limits`. Throws LinkError where the host does not answer.
        """
        request_id = next(self._requests)
        given = {name: option for name, option in options.items() if option is not None}
        try:
            self._peer.send({"type": "compile", "requestId": request_id, "kind": kind, "source": source, **given})
            answer = self._answer(request_id)
        except OSError as error:
            raise LinkError("lost", f"The host went away: {error}.", "Try again: it is started anew.") from error
        fault = answer.get("fault")
        if fault is not None:
            start, end = fault["at"]
            return Refusal(fault["code"], (start, end), fault["message"], fault["remedy"], fault["snippet"])
        spans: Mapping[str, List[int]] = answer["rootSpans"]
        return Compiled(
            source,
            answer["wasm"],
            answer["spans"],
            answer["operands"],
            {name: (start, end) for name, (start, end) in spans.items()},
        )

    def _answer(self, request_id: int) -> Dict[str, Any]:
        """The answer to one request. What else the host says meanwhile is not for us."""
        ends = time.monotonic() + ANSWER_S
        while True:
            message = self._peer.receive(max(0.0, ends - time.monotonic()))
            if message is None:
                raise LinkError(
                    "no_answer",
                    f"The host has not compiled within {ANSWER_S:.0f} s.",
                    "See what the host is doing, or end it.",
                )
            if message["type"] == "compiled" and message["requestId"] == request_id:
                return message
            if message["type"] == "refused":
                cause = message["cause"]
                raise LinkError(cause["code"], cause["message"], cause["remedy"])


def whole_of(source: str) -> Span:
    """The span of all of a source."""
    return 0, len(source.encode("utf-16-le", "surrogatepass")) // 2
