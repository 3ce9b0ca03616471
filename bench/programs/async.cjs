// An async handler as servers have them: it waits twice, so that under load some call of it is always suspended.
"use strict";

const pause = () => new Promise((resolve) => setImmediate(resolve));

async function handle(order) {
  const total = order.price * order.quantity;
  await pause();
  const fee = total * 0.1; // probed
  await pause();
  return total + fee;
}

module.exports = { handle };
