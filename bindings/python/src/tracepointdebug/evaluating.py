"""Evaluates expressions and templates away from any program: what `eval` and the shared vectors run.

The same compiler output, reader and guest as a live probe. Never raises for an expression or a value: an error is an outcome. Mirrors
host/evaluate.ts.
"""

from __future__ import annotations

import json
from typing import Any, Dict, Final, List, Mapping, Tuple, Union

from ._words import ERROR_WORDS
from .compiling import Compiled, Compiler, Refusal, Span, whole_of
from .errors import GuestError
from .guest import Guest, LoadedModule
from .snippet import render_snippet
from .tagged import error_name, from_tagged, to_tagged
from .unavailable import UNAVAILABLE

#: What came out: `value` (tagged), `text` (and `truncated`) or `error`, `at`, `message`, `remedy`, `snippet`; and the `steps` it took.
Outcome = Dict[str, Any]

#: Modules that an evaluator keeps: a batch asks few expressions of many values.
KEPT: Final = 64


class Evaluator:
    """Evaluates one after another and keeps the modules of the last expressions. For one thread."""

    def __init__(self, compiler: Compiler) -> None:
        """Throws GuestError where there is no wasm."""
        self._compiler = compiler
        self._guest = Guest()
        # The last one used is the last one to go.
        self._kept: Dict[str, Tuple[Compiled, LoadedModule]] = {}

    def evaluate_tagged(self, source: Mapping[str, str], variables: Mapping[str, object], **options: object) -> Outcome:
        """As `evaluate`, with tagged values. Throws TaggedError for a variable that is none."""
        return self.evaluate(source, {name: from_tagged(value) for name, value in variables.items()}, **options)

    def evaluate(self, source: Mapping[str, str], values: Mapping[str, object], **options: object) -> Outcome:
        """`source`: {"expr": text} or {"template": text}; `values` by name, one that is not there is `undeclared`.

        Options are those of the compiler: `container`, `fold`. Throws LinkError where the host does not answer.
        """
        names = sorted(values)
        key = json.dumps([dict(source), options, names])
        found = self._kept.pop(key, None)
        if found is None:
            made = self._compile(source, names, options)
            if isinstance(made, Refusal):
                return {
                    "error": made.code,
                    "at": list(made.at),
                    "snippet": made.snippet,
                    "message": made.message,
                    "remedy": made.remedy,
                    "steps": 0,
                }
            found = made, self._load(made)
        self._kept[key] = found
        compiled, loaded = found
        return self._outcome(compiled, loaded, [values.get(name, UNAVAILABLE) for name in loaded.roots])

    def _compile(
        self, source: Mapping[str, str], names: List[str], options: Mapping[str, object]
    ) -> Union[Compiled, Refusal]:
        if "expr" in source:
            return self._compiler.compile("value", source["expr"], declared=names, **options)
        return self._compiler.compile("template", source["template"], declared=names, strict=False, **options)

    def _load(self, compiled: Compiled) -> LoadedModule:
        """Makes room where too many are kept, or where their data fill the guest."""
        while True:
            if len(self._kept) < KEPT:
                try:
                    return self._guest.load(compiled.wasm)
                except GuestError as error:
                    if error.cause.code != "guest_full" or not self._kept:
                        raise
            _, module = self._kept.pop(next(iter(self._kept)))
            module.close()

    def _outcome(self, compiled: Compiled, loaded: LoadedModule, values: List[object]) -> Outcome:
        try:
            outcome = self._run(compiled, loaded, values)
        except GuestError as error:
            if error.cause.code != "trap":
                raise
            # What is in the guest means nothing any more.
            self._kept.clear()
            self._guest = Guest()
            return {**fault("internal", compiled.source, whole_of(compiled.source)), "steps": 0}
        outcome["steps"] = loaded.steps()
        return outcome

    def _run(self, compiled: Compiled, loaded: LoadedModule, values: List[object]) -> Outcome:
        if loaded.entry == "template":
            text, truncated = loaded.render_cut(*values)
            return {"text": text, "truncated": True} if truncated else {"text": text}
        slot = loaded.evaluate(*values)
        packed = loaded.error_in(slot)
        if packed == 0:
            return {"value": to_tagged(self._guest.view, slot)}
        return fault(error_name(packed), compiled.source, compiled.span_of(packed))


def fault(code: str, source: str, at: Span) -> Outcome:
    """A run-time error of an expression, with its words and drawn with a caret."""
    message, remedy = ERROR_WORDS.get(code, (f"The evaluation failed: {code}.", "Check the expression."))
    return {
        "error": code,
        "at": list(at),
        "message": message,
        "remedy": remedy,
        "snippet": render_snippet(source, at),
    }
