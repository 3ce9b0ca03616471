// What was captured holds on to nothing of the program.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { Capturer } from "../../bindings/node/capture.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const turn = () => new Promise((resolve) => setImmediate(resolve));

test("lets go of every object of the program, also of a failed walk", async () => {
  const capturer = new Capturer();
  const kept: unknown[] = [];
  const refs = (() => {
    const items = Array.from({ length: 60 }, (_, i) => ({
      i,
      nested: { i },
      list: [i],
      fn() {},
      error: new Error("x"),
    }));
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]));
    class Local {
      own = items;
    }
    const local = new Local();
    kept.push(capturer.captureSnapshot(["local", "wide", "items"], [local, wide, new Map([[items[0], items]])]));
    return [local, wide, Local, ...items.map((item) => item.nested), ...items.map((item) => item.fn)].map(
      (object) => new WeakRef<object>(object),
    );
  })();
  await turn();
  gc();
  await turn();
  gc();
  expect(refs.filter((ref) => ref.deref() !== undefined)).toHaveLength(0);
  expect(kept).toHaveLength(1);
});

test("does not grow over 20,000 captures", () => {
  const capturer = new Capturer();
  const run = (count: number) => {
    for (let i = 0; i < count; i++) capturer.captureSnapshot(["a"], [{ a: { i }, b: [{ i }] }]);
    gc();
    return process.memoryUsage().heapUsed;
  };
  run(2000);
  const before = run(2000);
  expect(run(20_000) - before).toBeLessThan(1024 * 1024);
});
