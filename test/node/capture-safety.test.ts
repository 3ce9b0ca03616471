// biome-ignore-all lint/suspicious/noSparseArray: holes are among the values under test
// biome-ignore-all lint/complexity/noStaticOnlyClass: so are odd classes
// Capturing runs no code of the program: every hook that JavaScript offers counts its calls, and none may be called.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { inspect } from "node:util";
import { compileFunction, constants, createContext, runInContext } from "node:vm";
import { afterEach, describe, expect, test } from "vitest";
import { Capturer } from "../../bindings/node/capture.ts";
import { stackText } from "../../bindings/node/thrown.ts";
import { CAPTURE_LIMITS } from "../../host/index.ts";

let calls: string[] = [];
const hook =
  (name: string, result?: unknown) =>
  (..._: unknown[]) => {
    calls.push(name);
    return result;
  };
/** A handler whose every trap counts. */
const everyTrap = new Proxy({}, { get: (_, trap) => hook(`trap ${String(trap)}`) });
const capturer = new Capturer();
const deep = { ...CAPTURE_LIMITS, depth: 8, fields: 100 };

afterEach(() => {
  calls = [];
});

/** Everything that conversions and printing look for. */
function withHooks<T extends object>(value: T): T {
  const keys = ["toString", "toJSON", "valueOf", "constructor", "then", "length", "size", "flags", "source", "message"];
  for (const key of [
    ...keys,
    Symbol.toPrimitive,
    Symbol.toStringTag,
    Symbol.iterator,
    Symbol.species,
    inspect.custom,
  ]) {
    try {
      Object.defineProperty(value, key, { get: hook(`get ${String(key)}`), configurable: true });
    } catch {
      // `length` of an array stays its own.
    }
  }
  return value;
}

class Watched extends Map<unknown, unknown> {
  static override get [Symbol.species](): MapConstructor {
    return hook("species", Map)() as MapConstructor;
  }
  override get size(): number {
    return hook("size", 0)() as number;
  }
  override entries = hook("entries") as never;
  override forEach = hook("forEach") as never;
}

class Failure extends Error {
  get [Symbol.toStringTag](): string {
    return hook("toStringTag", "x")() as string;
  }
  override get name(): string {
    return hook("name", "x")() as string;
  }
}

const values: [what: string, make: () => unknown][] = [
  ["a plain object with every hook", () => withHooks({ a: 1 })],
  ["an array with every hook", () => withHooks([1, 2])],
  ["an array with getters for elements", () => Object.defineProperty([1, 2], 1, { get: hook("element") })],
  [
    "an array with a hole above a getter",
    () => {
      const array = [1, , 3];
      Object.setPrototypeOf(array, Object.create(Array.prototype, { 1: { get: hook("inherited element") } }));
      return array;
    },
  ],
  ["a Map with own methods", () => withHooks(new Watched())],
  ["a Set with every hook", () => withHooks(new Set([1]))],
  ["a Date with every hook", () => withHooks(new Date(0))],
  ["a RegExp with every hook", () => withHooks(/a/g)],
  ["a RegExp with own flags", () => Object.defineProperty(/a/g, "global", { get: hook("global") })],
  ["an Error with every hook", () => withHooks(new Error("x"))],
  ["an Error whose class has a getter for its name", () => new Failure("x")],
  [
    "an Error with an own accessor for its stack",
    () => Object.defineProperty(new Error("x"), "stack", { get: hook("stack") }),
  ],
  [
    "an Error with a cause behind a getter",
    () => Object.defineProperty(new Error("x"), "cause", { get: hook("cause") }),
  ],
  ["a Promise with every hook", () => withHooks(Promise.resolve())],
  ["a Buffer with every hook", () => withHooks(Buffer.from("x"))],
  ["a typed array with every hook", () => withHooks(Float64Array.of(1))],
  ["a DataView with every hook", () => withHooks(new DataView(new ArrayBuffer(1)))],
  ["an ArrayBuffer with every hook", () => withHooks(new ArrayBuffer(1))],
  ["a boxed number with every hook", () => withHooks(Object(1))],
  ["a function with an accessor for its name", () => Object.defineProperty(() => 1, "name", { get: hook("name") })],
  [
    "a class with a static getter called name",
    () =>
      class {
        static get name() {
          return hook("name", "x")() as string;
        }
      },
  ],
  [
    "arguments with an accessor for their length",
    () => {
      const list = (
        function () {
          // biome-ignore lint/complexity/noArguments: the value under test
          return arguments;
        } as (...values: number[]) => IArguments
      )(1);
      return Object.defineProperty(list, "length", { get: hook("length") });
    },
  ],
  ["a proxy", () => new Proxy({}, everyTrap)],
  ["a proxy of an array", () => new Proxy([], everyTrap)],
  ["a proxy of a function", () => new Proxy(() => 1, everyTrap)],
  ["an object whose prototype is a proxy", () => Object.create(new Proxy({}, everyTrap))],
  ["an array whose prototype is a proxy", () => Object.setPrototypeOf([1, , 2], new Proxy([], everyTrap))],
  ["an error whose prototype is a proxy", () => Object.setPrototypeOf(new Error("x"), new Proxy({}, everyTrap))],
  ["an object whose class is a proxy", () => Object.create({ constructor: new Proxy(class {}, everyTrap) })],
  [
    "an object whose class has a getter",
    () =>
      Object.create({
        get constructor() {
          return hook("constructor")();
        },
      }),
  ],
  ["a key of a Map that is a proxy", () => new Map([[new Proxy({}, everyTrap), 1]])],
  ["the global of a context over a proxy", () => runInContext("globalThis", createContext(new Proxy({}, everyTrap)))],
];

describe("runs no code of the program", () => {
  test.each(values)("in %s", (_what, make) => {
    const value = make();
    calls = [];
    capturer.captureValue([value, { value }], deep);
    expect(calls).toEqual([]);
  });

  test("through prototypes that the program patches after us", () => {
    const value = [
      [1, 2],
      new Map([["a", 1]]),
      new Set([1]),
      new Date(0),
      /a/g,
      "x".repeat(300),
      Buffer.from("b"),
      5n,
      new Error("x"),
      Object("s"),
    ];
    const owners: object[] = [
      Array,
      Object,
      Map,
      Set,
      Date,
      RegExp,
      String,
      Number,
      BigInt,
      Function,
      Uint8Array,
      WeakMap,
      Symbol,
    ].map((made) => made.prototype as object);
    owners.push(
      Object.getPrototypeOf(Uint8Array.prototype),
      Object.getPrototypeOf(new Map().entries()),
      Object.getPrototypeOf(new Set().values()),
      Object.getPrototypeOf([].values()),
      Reflect,
      Math,
      Object,
      Array,
      performance,
      Object.getPrototypeOf(performance),
    );
    const expected = capturer.captureSnapshot(["v"], [value]).variables;
    // No spread, destructuring or method call from here on: all of them are patched.
    const { defineProperty, getOwnPropertyDescriptor } = Object;
    const { ownKeys } = Reflect;
    let patched = 0;
    const trap = () => {
      patched++;
    };
    const saved: { owner: object; key: PropertyKey; was: PropertyDescriptor }[] = [];
    for (const owner of owners) {
      for (const key of ownKeys(owner)) {
        const was = getOwnPropertyDescriptor(owner, key)!;
        Object.setPrototypeOf(was, null);
        if (was.configurable && key !== "constructor") saved.push({ owner, key, was });
      }
    }
    const names = [
      "0",
      "1",
      "2",
      "id",
      "size",
      "omitted",
      "items",
      "fields",
      "value",
      "class",
      "get",
      "set",
      "writable",
    ];
    const replaced = (was: PropertyDescriptor | null) =>
      ({
        __proto__: null,
        configurable: true,
        ...(was === null || was.get ? { get: trap, set: trap } : { value: trap, writable: true }),
      }) as object as PropertyDescriptor;
    const method = replaced({ value: 1 });
    const accessor = replaced(null);
    let captured: unknown;
    for (let i = 0; i < saved.length; i++) {
      defineProperty(saved[i]!.owner, saved[i]!.key, saved[i]!.was.get ? accessor : method);
    }
    for (let i = 0; i < names.length; i++) defineProperty(Object.prototype, names[i]!, accessor);
    try {
      captured = capturer.captureSnapshot(["v"], [value]).variables;
    } finally {
      for (let i = 0; i < names.length; i++) delete (Object.prototype as Record<string, unknown>)[names[i]!];
      for (let i = 0; i < saved.length; i++) defineProperty(saved[i]!.owner, saved[i]!.key, saved[i]!.was);
    }
    expect(saved.length).toBeGreaterThan(200);
    expect(patched).toBe(0);
    expect(captured).toEqual(expected);
  });

  test("through the program's own Error.prepareStackTrace", () => {
    const before = Error.prepareStackTrace;
    const error = new Error("x");
    Error.prepareStackTrace = hook("prepareStackTrace", "mine") as never;
    try {
      const { frames, variables } = capturer.captureSnapshot(["error"], [error]);
      expect(frames.length).toBeGreaterThan(3);
      expect(variables[0]![1].fields).toEqual([["stack", { type: "omitted", omitted: "getter" }]]);
    } finally {
      if (before === undefined) delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
      else Error.prepareStackTrace = before;
    }
    expect(calls).toEqual([]);
  });

  test("but shows the stack text of an error where that is safe", () => {
    // The test runner installs a formatter of its own, which is not Node's and so is not run.
    const before = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
    delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
    try {
      expect(stackText(new TypeError("safe"))).toMatch(/^TypeError: safe\n {4}at /);
      expect(stackText(new Failure("x"))).toBe(null);
      expect(capturer.captureValue(new TypeError("safe")).stack).toMatch(/^TypeError: safe\n {4}at /);
    } finally {
      if (before !== undefined) Object.defineProperty(Error, "prepareStackTrace", before);
    }
    expect(calls).toEqual([]);
  });

  test("nor fails on a binding of a module that is not initialised", async () => {
    const folder = mkdtempSync(join(tmpdir(), "capture-"));
    const file = join(folder, "late.mjs");
    writeFileSync(
      file,
      'import * as me from "./late.mjs"; globalThis.captureEarly(me); export let late = 1; export function ready() {}',
    );
    const early: unknown[] = [];
    (globalThis as Record<string, unknown>).captureEarly = (me: unknown) => early.push(capturer.captureValue(me));
    try {
      // Not `import()`: the test runner turns that into a module of its own kind.
      await compileFunction("return import(url)", ["url"], {
        importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER as never,
      })(pathToFileURL(file).href);
    } finally {
      delete (globalThis as Record<string, unknown>).captureEarly;
      rmSync(folder, { recursive: true });
    }
    expect(early).toEqual([
      {
        type: "object",
        class: "Module",
        fields: [
          ["late", { type: "omitted", omitted: "unavailable" }],
          ["ready", { type: "function", value: "ready", class: "Function" }],
        ],
      },
    ]);
  });

  test("and never throws, also at the end of the stack", () => {
    let deepest: unknown;
    const dive = (): void => {
      try {
        dive();
      } catch {
        // Each frame on the way back tries again with a little more room.
      }
      deepest = capturer.captureSnapshot(["a"], [{ a: { b: 1 } }]);
    };
    expect(() => {
      try {
        dive();
      } catch {
        // The call itself may not fit, which is the test's own stack overflow.
      }
    }).not.toThrow();
    expect(deepest).toMatchObject({ variables: [["a", { type: "object" }]] });
    expect(capturer.captureValue(1)).toEqual({ type: "number", value: 1 });
  });
});
