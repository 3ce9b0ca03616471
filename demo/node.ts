// The Node demo: express, with probes in the service, in the framework and in an async method.
import type { Scene } from "./scene.ts";
import { CART, LAYER, lineOf, SERVER, startService } from "./service.ts";

export const NODE: Scene = {
  title: "express",
  agents: 1,
  probes: [
    {
      id: "service",
      title: "a conditional logpoint on a line of the service",
      kind: "logpoint",
      file: SERVER,
      line: lineOf(SERVER, "response.json({ user: user.name"),
      condition: 'user.age >= 21 && total > 900.0 && "admin" in user.roles',
      template: "cart {{cart.id}} of {{user.name}} ({{user.age}}) has {{size(cart.items)}} items, {{total=}}",
    },
    {
      id: "framework",
      title: "a conditional logpoint inside the framework, in node_modules",
      kind: "logpoint",
      file: LAYER,
      line: lineOf(LAYER, "if (fn.length > 3)"),
      condition: 'req.method == "GET" && req.url.startsWith("/order?vip")',
      template: "express calls a handler for {{req.url}}",
    },
    {
      id: "method",
      title: "a tracepoint on a class method with closures",
      kind: "tracepoint",
      file: CART,
      line: lineOf(CART, "return Math.round(sum"),
      condition: "this.items.exists(i, i.price > 100.0) && sum > 1000.0",
    },
    {
      id: "async",
      title: "a tracepoint in an async method, after its await",
      kind: "tracepoint",
      file: CART,
      line: lineOf(CART, "receipt.paid = true"),
      condition: 'user.name == "bob" && total > 800.0',
    },
  ],
  start: async (env) => {
    const service = await startService(env);
    return { url: service.url, pid: service.process.pid ?? 0, stop: service.stop };
  },
};
