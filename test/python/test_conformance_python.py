"""The conformance gate through the Python reader: every case of CEL's public suite, its literals lifted to variables."""

from __future__ import annotations

import json

from guest_cases import ROOT, Comparison, cases


def test_every_case_with_its_literals_lifted_passes_as_in_node():
    comparison = Comparison()
    known = {
        name
        for entry in json.loads((ROOT / "test/vectors/known-failures.json").read_text())
        if entry["runtime"] == "python" and "lifted" in entry["modes"]
        for name in entry["cases"]
    }
    names, errors, wrong = set(), set(), {}
    for case in cases("gate"):
        name = case["name"]
        names.add(name)
        # Node's own outcome is what the suite wants, so what equals it is, too.
        assert case["fault"] is None, name
        (outcome,) = comparison.add(case)
        if case["isError"]:
            errors.add(name)
            if "error" not in outcome:
                wrong[name] = outcome
    assert (len(names), len(errors)) == (1600, 181)
    failing = {*wrong, *comparison.differences}
    assert failing == known, comparison.text() or wrong
