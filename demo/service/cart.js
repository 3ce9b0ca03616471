// The shop of the demo: an ordinary class with closures and an async method. Knows nothing about probes.

const RATES = { de: 0.19, fr: 0.2, nl: 0.21 };

class Cart {
  constructor(id, country, items) {
    this.id = id;
    this.country = country;
    this.items = items;
  }

  total(discount) {
    const rate = RATES[this.country] ?? 0;
    const net = (item) => item.price * item.quantity * (1 - discount);
    const sum = this.items.reduce((total, item) => total + net(item), 0);
    return Math.round(sum * (1 + rate) * 100) / 100;
  }

  async checkout(user, total) {
    const receipt = { cart: this.id, user: user.name, total };
    await new Promise((resolve) => setTimeout(resolve, 2));
    receipt.paid = true;
    return receipt;
  }
}

let made = 0;
const NAMES = ["ann", "bob", "cem", "dana", "eve"];

/** A cart and its owner, different on each call. */
function nextOrder() {
  const n = made++;
  const user = { name: NAMES[n % 5], age: 15 + (n % 40), roles: n % 7 === 0 ? ["admin", "buyer"] : ["buyer"] };
  const items = [];
  for (let i = 0; i <= n % 6; i++)
    items.push({ sku: `sku-${i}`, price: 10 + ((n * 7 + i * 13) % 120), quantity: 1 + (i % 3) });
  return { user, cart: new Cart(`c${n}`, ["de", "fr", "nl"][n % 3], items) };
}

module.exports = { Cart, nextOrder };
