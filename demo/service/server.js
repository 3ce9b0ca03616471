// The demo's HTTP service: express, one route, no trace of a debugger in it. `node server.js` serves on a free port.

const express = require("express");
const { nextOrder } = require("./cart.js");

const app = express();

app.get("/order", async (_request, response) => {
  const { user, cart } = nextOrder();
  const total = cart.total(user.age > 50 ? 0.1 : 0);
  const receipt = await cart.checkout(user, total);
  response.json(receipt);
});

app.get("/cart", (_request, response) => {
  const { user, cart } = nextOrder();
  const total = cart.total(0);
  response.json({ user: user.name, cart: cart.id, total });
});

// CPU time of this process, so that the cost of a probe can be told from the noise of the machine.
app.get("/cpu", (_request, response) => response.json(process.cpuUsage()));

const server = app.listen(Number(process.env.PORT ?? 0), "127.0.0.1", () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
process.on("SIGTERM", () => {
  server.closeAllConnections();
  server.close();
});
