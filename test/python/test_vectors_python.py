"""The shared vectors through the Python reader and the guest: the same values, texts, errors, positions and steps as in Node."""

from __future__ import annotations

from guest_cases import Comparison, cases

# What Python cannot hold, and why. Each of them runs and must differ.
LACKING = {
    "formats.json: JSON has texts as keys": "a dict with the keys 1 and True has one of them",
}


def test_every_vector_gives_what_it_says_and_what_node_gives():
    comparison = Comparison()
    wrong = []
    count = 0
    for case in cases("vectors"):
        count += 1
        (outcome,) = comparison.add(case)
        vector = case["vector"]
        wanted = {key: vector[key] for key in ("value", "text", "truncated", "error", "at") if key in vector}
        if "error" in wanted:
            found = {key: outcome.get(key) for key in ("error", "at")}
        else:
            found = {key: value for key, value in outcome.items() if key != "steps"}
        if found != wanted and case["name"] not in LACKING:
            wrong.append((case["name"], wanted, found))
    assert count > 1800
    assert wrong == []
    for name in LACKING:
        assert comparison.differences.pop(name, None), f"{name} agrees: take it off the list"
    assert comparison.differences == {}, comparison.text()
