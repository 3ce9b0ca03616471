// What is remembered of a place between hits, an example of what its objects look like, never lets a hit run the program's code or
// read a wrong value, whatever the program does with its objects later, and keeps none of them.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, test } from "vitest";
import { compileCondition } from "../../conditions/index.ts";
import { errorCodeName } from "../../host/codes.ts";
import { Example } from "../../host/examples.ts";
import { Guest } from "../../host/guest.ts";
import { hasShapes } from "../../host/shapes.ts";

const guest = new Guest();

let ran: string[] = [];
afterEach(() => {
  ran = [];
});
const spy = (name: string) => () => {
  ran.push(name);
  return 1;
};

const make = () => ({ a: 1, b: "x", c: true });
const accessor = (object: object, key: string) =>
  Object.defineProperty(object, key, { get: spy(key), enumerable: true, configurable: true });

/** The condition's answers on objects of the usual look, and then on another. */
function afterUsual(source: string, other: unknown): number | string {
  const module = guest.load(compileCondition(source));
  for (let i = 0; i < 40; i++) expect(module.test(make())).toBe(1);
  const result = module.test(other);
  for (let i = 0; i < 40; i++) expect(module.test(make())).toBe(1);
  module.close();
  return result < 0 ? errorCodeName(-result) : result;
}

describe("an example", () => {
  test("fits objects that were made alike, of either kind", () => {
    expect(hasShapes).toBe(true);
    const literal = new Example(["a"]);
    literal.learn(make());
    expect(literal.fits({ a: 7, b: "y", c: false })).toBe(true);
    const built = () => {
      const object: Record<string, unknown> = {};
      object.a = 1;
      object.b = "x";
      return object;
    };
    const grown = new Example(["a", "b"]);
    grown.learn(built());
    expect(grown.fits(built())).toBe(true);
    expect(grown.fits(make())).toBe(false);
    for (const value of [null, undefined, 1, "a", Symbol("a"), () => 1, [], new Map()])
      expect([value, literal.fits(value)]).toEqual([value, false]);
  });

  test("is made only of plain objects that have all the names and hold no objects", () => {
    class Point {
      a = 1;
    }
    const hostile: object[] = [
      { b: 1 },
      { a: {} },
      { a: () => 1 },
      { a: 1, [Symbol("s")]: 1 },
      Object.create(null, { a: { value: 1, enumerable: true } }),
      Object.defineProperty({}, "a", { value: 1 }),
      Object.freeze({ a: 1 }),
      Object.preventExtensions({ a: 1 }),
      accessor({ a: 1 }, "a"),
      accessor({ a: 1, z: 1 }, "z"),
      new Point(),
      Object.assign([], { a: 1 }),
      Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [i === 0 ? "a" : `k${i}`, 1])),
    ];
    for (const object of hostile) {
      const example = new Example(["a"]);
      example.learn(object);
      expect(example.fits(object)).toBe(false);
    }
    expect(ran).toEqual([]);
  });

  test("is looked for more and more rarely, and is replaced when objects look otherwise", () => {
    const example = new Example(["a"]);
    example.learn(make());
    const other = () => ({ z: 1, a: 1 });
    let misses = 0;
    for (; misses < 100 && !example.fits(other()); misses++) example.learn(other());
    expect(misses).toBeGreaterThan(1);
    expect(misses).toBeLessThan(10);
    const never = new Example(["a"]);
    for (let i = 0; i < 1000; i++) never.learn(new Date());
    expect(never.fits(make())).toBe(false);
    for (misses = 0; misses < 2000 && !never.fits(make()); misses++) never.learn(make());
    expect(misses).toBeGreaterThan(10);
    expect(misses).toBeLessThan(1100);
  });
});

describe("after objects of the usual look", () => {
  const source = 'o.a == 1 && o.b == "x" && has(o.c)';

  test("an accessor of that name is a side effect", () => {
    expect(afterUsual(source, accessor(make(), "a"))).toBe("side_effect");
    expect(
      afterUsual(source, {
        get a() {
          ran.push("a");
          return 1;
        },
        b: "x",
        c: true,
      }),
    ).toBe("side_effect");
    // That it is there is all that is asked.
    expect(afterUsual(source, accessor(make(), "c"))).toBe(1);
    expect(ran).toEqual([]);
  });

  test("all of them with accessors, the first one included, are side effects", () => {
    const objects = Array.from({ length: 50 }, make);
    const module = guest.load(compileCondition(source));
    for (const object of objects) expect(module.test(object)).toBe(1);
    for (const object of objects) accessor(object, "a");
    for (let i = 0; i < 40; i++)
      for (const object of objects) expect(errorCodeName(-module.test(object))).toBe("side_effect");
    module.close();
    expect(ran).toEqual([]);
  });

  test("a Proxy of one, or one with a Proxy behind it, runs no trap", () => {
    const trap = () => {
      ran.push("trap");
      return undefined;
    };
    const traps = new Proxy({}, { get: () => trap });
    expect(afterUsual(source, new Proxy(make(), traps as ProxyHandler<object>))).toBe("side_effect");
    const { a: _, ...rest } = make();
    expect(afterUsual(source, Object.setPrototypeOf(rest, new Proxy({}, traps as ProxyHandler<object>)))).toBe(
      "no_such_field",
    );
    expect(ran).toEqual([]);
  });

  test("a field that is not there is not looked for on Object.prototype", () => {
    Object.defineProperty(Object.prototype, "a", { get: spy("inherited"), configurable: true });
    try {
      const { a: _, ...rest } = make();
      expect(afterUsual(source, rest)).toBe("no_such_field");
      const deleted: Partial<ReturnType<typeof make>> = make();
      delete deleted.a;
      expect(afterUsual(source, deleted)).toBe("no_such_field");
    } finally {
      Reflect.deleteProperty(Object.prototype, "a");
    }
    expect(ran).toEqual([]);
  });

  test("other values and other kinds of objects are read as they are", () => {
    for (const a of [1, 1.0, 1n, new Number(1)]) expect([a, afterUsual(source, { ...make(), a })]).toEqual([a, 1]);
    for (const a of [2, 1.5, -0, Number.NaN, "1", null, undefined, true, {}, [1]])
      expect([a, afterUsual(source, Object.assign(make(), { a }))]).toEqual([a, 0]);
    class Like {
      a = 1;
      b = "x";
      c = true;
    }
    const keys: Record<string, unknown> = { c: 1, b: "x", a: 1 };
    for (const other of [new Like(), keys, Object.freeze(make()), Object.assign(Object.create(null), make())])
      expect(afterUsual(source, other)).toBe(1);
    expect(afterUsual(source, new Map(Object.entries(make())))).toBe(1);
    expect(afterUsual(source, [])).toBe("no_such_overload");
    expect(afterUsual(source, null)).toBe("null_deref");
  });

  test("fields called like members of every object are their own", () => {
    const module = guest.load(compileCondition('o["__proto__"] == 1 && o.constructor == 2 && o.toString == 3'));
    const one = () => JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}') as unknown;
    for (let i = 0; i < 40; i++) expect(module.test(one())).toBe(1);
    expect(errorCodeName(-module.test({}))).toBe("no_such_field");
    module.close();
  });

  test("lists of objects in objects are read element by element", () => {
    const module = guest.load(compileCondition("l.all(e, e.o.a == 1)"));
    for (let i = 0; i < 40; i++) expect(module.test([{ o: make() }, { o: make() }, { o: make() }])).toBe(1);
    const result = module.test([{ o: make() }, { o: accessor(make(), "a") }, { o: make() }]);
    expect(errorCodeName(-result)).toBe("side_effect");
    module.close();
    expect(ran).toEqual([]);
  });

  test("none of them is kept", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const module = guest.load(compileCondition("o.a == 1 && o.b != ''"));
    const seen = Array.from({ length: 20 }, () => {
      const object = { a: 1, b: "x".repeat(1000), c: true };
      module.test(object);
      return new WeakRef(object);
    });
    for (let i = 0; i < 10 && seen.some((ref) => ref.deref() !== undefined); i++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      gc();
    }
    expect(seen.filter((ref) => ref.deref() !== undefined)).toEqual([]);
    module.close();
  });
});
