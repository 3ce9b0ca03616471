"""Cases that Node writes (node/cases.ts), and what Python makes of them."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, Iterator, List

import pytest
from tracepointdebug.batch import json_line
from tracepointdebug.compiling import Compiled, Refusal
from tracepointdebug.evaluating import Evaluator

if sys.version_info < (3, 9):
    pytest.skip("there is no WebAssembly engine for Python 3.8", allow_module_level=True)

ROOT = Path(__file__).resolve().parents[2]


def _floats(record: Dict[str, Any]) -> Dict[str, Any]:
    """JavaScript writes a large double without a point."""
    if isinstance(record.get("double"), int):
        record["double"] = float(record["double"])
    return record


def cases(*arguments: str) -> Iterator[Dict[str, Any]]:
    """The lines that `node run.mjs cases.ts ...` prints, while it prints them."""
    command = ["node", str(ROOT / "test/python/node/run.mjs"), "cases.ts", *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as node:
        assert node.stdout is not None
        for line in node.stdout:
            yield json.loads(line, object_hook=_floats)
    assert node.returncode == 0


class Recorded:
    """Answers as a Compiler does, with what Node has compiled for a case."""

    def __init__(self) -> None:
        self.answer: Dict[str, Any] = {}

    def compile(self, kind: str, source: str, **options: object) -> object:
        fault = self.answer.get("fault")
        if fault is not None:
            return Refusal(fault["code"], tuple(fault["at"]), fault["message"], fault["remedy"], fault["snippet"])
        answer = self.answer
        wasm = base64.b64decode(answer["wasm"])
        return Compiled(source, wasm, answer["spans"], answer["operands"], answer["rootSpans"])


class Comparison:
    """Evaluates cases in Python and collects where Node's outcome is another, be it by a step."""

    def __init__(self) -> None:
        self._recorded = Recorded()
        self._evaluator = Evaluator(self._recorded)
        #: What differs, by the name of the case.
        self.differences: Dict[str, str] = {}
        #: Sources with their inputs, and how many gave a value.
        self.pairs = 0
        self.values = 0

    def add(self, case: Dict[str, Any]) -> List[Dict[str, Any]]:
        """Python's outcome of each run of the case."""
        compiled = self._recorded.answer = case["compiled"]
        # The evaluator keeps modules by their source; one that was compiled otherwise is another.
        options = {**case["options"], "module": compiled.get("wasm", "")}
        outcomes = []
        for run in case["runs"]:
            made = self._evaluator.evaluate_tagged(case["source"], run["vars"], **options)
            outcome = json.loads(json_line(made), object_hook=_floats)
            outcomes.append(outcome)
            self.pairs += 1
            self.values += "error" not in outcome
            if outcome != run["outcome"]:
                self.differences[case["name"]] = (
                    f"{case['source']}\n  over   {json.dumps(run['vars'])[:600]}"
                    f"\n  Python {json.dumps(outcome)[:600]}\n  Node   {json.dumps(run['outcome'])[:600]}"
                )
        return outcomes

    def text(self) -> str:
        """The first differences, for a person."""
        return "\n".join(f"{name}: {what}" for name, what in list(self.differences.items())[:20])
