"""What snapshots are taken of: an object of three levels with 20 fields each below a stack of 20 frames, and a function with a text."""

from __future__ import annotations

LEVELS, FIELDS, FRAMES = 3, 20, 20


class Record:
    """19 numbers and texts and the next level; the last level has 20."""

    def __init__(self, levels):
        for i in range(FIELDS - 1):
            setattr(self, f"field{i}", f"text {i} of {levels}" if i % 2 == 0 else i * levels)
        self.last = 0.5 if levels == 1 else Record(levels - 1)


def handle(order, depth):
    if depth > 0:
        return handle(order, depth - 1)
    return order.field1  # order


def note(text):
    return len(text)  # text
