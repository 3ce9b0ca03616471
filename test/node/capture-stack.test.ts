// The limit on frames, and the stack as data.
import { runInThisContext } from "node:vm";
import { afterEach, expect, test } from "vitest";
import { captureSnapshot } from "../../bindings/node/capture.ts";
import { resolveFrames, StackReader } from "../../bindings/node/stack.ts";
import { CAPTURE_LIMITS } from "../../host/index.ts";

const reader = new StackReader();
const HERE = /capture-stack\.test\.ts$/;
const saved = Object.getOwnPropertyDescriptors(Error);
afterEach(() => {
  Error.stackTraceLimit = saved.stackTraceLimit.value as number;
});

const deep = <T>(count: number, run: () => T): T => (count === 0 ? run() : deep(count - 1, run));

test("shows frames innermost first, with function, file and position", () => {
  class Cart {
    total() {
      return captureSnapshot([], []).frames;
    }
  }
  const [first] = new Cart().total();
  expect(first).toEqual({
    function: "Cart.total",
    file: expect.stringMatching(HERE),
    line: expect.any(Number),
    column: expect.any(Number),
  });
});

test("calls the first frame by the name it is given where V8 has none, and never another", () => {
  type Frames = ReturnType<typeof captureSnapshot>["frames"];
  // V8 infers a name from the text around nearly every function, but for one that is a text by itself.
  const anonymous = runInThisContext("(take) => take()") as (take: () => Frames) => Frames;
  const take = () => captureSnapshot([], [], { functionName: "total", below: take }).frames;
  expect(anonymous(() => captureSnapshot([], [], { skip: 1 }).frames)[0]!.function).toBe("<anonymous>");
  expect(anonymous(take)[0]!.function).toBe("total");
  expect(
    (() => anonymous(take))()
      .slice(1)
      .map((frame) => frame.function),
  ).not.toContain("total");
  const named = () => take();
  expect(named()[0]!.function).toBe("named");
});

test("labels constructors, static methods, plain functions and built-ins", () => {
  class Base {
    frames = captureSnapshot([], []).frames;
    static make() {
      return reader.read(3);
    }
  }
  expect(new Base().frames.slice(0, 2).map((frame) => frame.function)).toContain("new Base");
  expect(Base.make().frames[0]!.function).toMatch(/^(Function|Base)\.make$/);
  const [inner, map] = [1].map(function each() {
    return reader.read(3).frames;
  })[0]!;
  expect(inner!.function).toBe("each");
  expect(map).toEqual({ function: "Array.map", file: "native", line: 0, column: 0 });
});

test("shows the limit's frames and says that there are more", () => {
  const snapshot = deep(40, () => captureSnapshot([], []));
  expect(snapshot.frames).toHaveLength(CAPTURE_LIMITS.frames);
  expect(snapshot.framesOmitted).toBe(true);
  const few = captureSnapshot([], [], { limits: { ...CAPTURE_LIMITS, frames: 1000 } });
  expect(few).not.toHaveProperty("framesOmitted");
});

test("leaves out our own frames below which the program stands", () => {
  const fire = () => handler();
  const handler = () => captureSnapshot([], [], { below: fire });
  function statement() {
    return fire();
  }
  expect(statement().frames[0]!.function).toBe("statement");
  const skipped = (function outer() {
    return (function inner() {
      return captureSnapshot([], [], { skip: 1 });
    })();
  })();
  expect(skipped.frames[0]!.function).toBe("outer");
});

test("counts a function that is not on the stack as none", () => {
  function here() {
    return captureSnapshot([], [], { below: () => 1 });
  }
  expect(here().frames.map((frame) => frame.function)).toContain("here");
});

test("follows awaits and says so", async () => {
  async function load() {
    await null;
    return captureSnapshot([], []).frames;
  }
  async function handle() {
    return await load();
  }
  const frames = await handle();
  expect(frames[0]).toMatchObject({ function: "load" });
  expect(frames[0]).not.toHaveProperty("async");
  expect(frames.find((frame) => frame.function === "handle")).toMatchObject({ async: true });
});

test("takes no notice of the program's own limit and formatter", () => {
  Error.stackTraceLimit = 0;
  let calls = 0;
  const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
  Object.defineProperty(Error, "prepareStackTrace", { configurable: true, writable: true, value: () => calls++ });
  try {
    expect(deep(15, () => captureSnapshot([], []).frames.length)).toBeGreaterThan(15);
    expect(Error.stackTraceLimit).toBe(0);
    expect(calls).toBe(0);
  } finally {
    if (before === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    else Object.defineProperty(Error, "prepareStackTrace", before);
  }
});

test("runs nothing of the receivers of the frames", () => {
  let calls = 0;
  const receiver = {
    get [Symbol.toStringTag]() {
      calls++;
      return "x";
    },
    get constructor() {
      calls++;
      return Object;
    },
    run: () => reader.read(2),
  };
  receiver.run();
  const proxy = new Proxy({ run: receiver.run }, new Proxy({}, { get: () => () => calls++ }));
  Reflect.apply(receiver.run, proxy, []);
  expect(calls).toBe(0);
});

test("maps positions when it is asked to, and keeps those that have no original", () => {
  const frames = [
    { function: "a", file: "/out/a.js", line: 1, column: 2 },
    { function: "b", file: "/out/b.js", line: 3, column: 4, async: true },
    { function: "Array.map", file: "native", line: 0, column: 0 },
    { function: "c", file: "/out/broken.js", line: 5, column: 6 },
  ];
  const resolved = resolveFrames(frames, (file, line, column) => {
    if (file === "/out/broken.js") throw new Error("no map");
    return file === "/out/b.js" ? { file: "/src/b.ts", line: line * 10, column } : null;
  });
  expect(resolved).toEqual([
    frames[0],
    { function: "b", file: "/src/b.ts", line: 30, column: 4, async: true },
    frames[2],
    frames[3],
  ]);
  const snapshot = captureSnapshot([], [], { resolvePosition: () => ({ file: "/src/x.ts", line: 1, column: 1 }) });
  expect(snapshot.frames[0]).toMatchObject({ file: "/src/x.ts", line: 1, column: 1 });
});

test("gives exact positions, and paths for file URLs with escapes", () => {
  const run = new Function("read", "return read();\n//# sourceURL=file:///tmp/100%25%20sure.js") as (
    read: () => unknown,
  ) => ReturnType<StackReader["read"]>;
  // `new Function` puts two lines in front.
  expect(run(() => reader.read(2)).frames[1]).toMatchObject({ file: "/tmp/100% sure.js", line: 3, column: 8 });
});
