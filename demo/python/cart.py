"""The shop of the demo: ordinary classes, knowing nothing about probes."""

from __future__ import annotations

import time
from dataclasses import dataclass

RATES = {"de": 0.19, "fr": 0.2, "nl": 0.21}
NAMES = ["ann", "bob", "cem", "dana", "eve"]


@dataclass
class Item:
    """A line of a cart."""

    sku: str
    price: float
    quantity: int


class Cart:
    """What somebody is about to buy."""

    def __init__(self, cart_id: str, country: str, items: list[Item]) -> None:
        self.id = cart_id
        self.country = country
        self.items = items

    def total(self, discount: float) -> float:
        """The price of all, with tax."""
        rate = RATES.get(self.country, 0.0)
        net = sum(item.price * item.quantity * (1 - discount) for item in self.items)
        return round(net * (1 + rate), 2)

    def checkout(self, user: dict, total: float) -> dict:
        """Pays, which takes a moment."""
        receipt = {"cart": self.id, "user": user["name"], "total": total}
        time.sleep(0.002)
        receipt["paid"] = True
        return receipt


def order(number: int) -> tuple[dict, Cart]:
    """The user and the cart of this number."""
    roles = ["admin", "buyer"] if number % 7 == 0 else ["buyer"]
    user = {"name": NAMES[number % 5], "age": 15 + number % 40, "roles": roles}
    items = [Item(f"sku-{i}", 10.0 + (number * 7 + i * 13) % 120, 1 + i % 3) for i in range(1 + number % 6)]
    return user, Cart(f"c{number}", ["de", "fr", "nl"][number % 3], items)
