"""Random expressions over random inputs, in Python and in Node.

More for a longer run: FUZZ_PAIRS=1000000 FUZZ_SEED=7 python -m pytest test/python/test_guest_differential.py -s
"""

from __future__ import annotations

import os

from guest_cases import Comparison, cases

PAIRS = int(os.environ.get("FUZZ_PAIRS", "5004"))
SEED = int(os.environ.get("FUZZ_SEED", "20261123"))


def test_python_and_node_agree_on_every_pair_of_expression_and_input():
    comparison = Comparison()
    for case in cases("fuzz", str(PAIRS), str(SEED)):
        comparison.add(case)
    print(f"{comparison.pairs} pairs, {comparison.values} values, {len(comparison.differences)} differences")
    assert comparison.pairs >= PAIRS
    # A generator that only makes nonsense would show nothing.
    assert comparison.values > comparison.pairs / 4
    assert comparison.differences == {}, comparison.text()
