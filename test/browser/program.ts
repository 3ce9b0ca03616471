// What the browser test runs in a page, in a bare context and in Node: the vectors, and values of every kind that JSON cannot hold.
import { compileCondition, compileTemplate, explain } from "tracepointdebug-node/conditions";
import { Evaluator, evaluate, Guest, type Source } from "tracepointdebug-node/guest";

/** A shared vector, as far as it is evaluated. */
export type Vector = Partial<{ expr: string; template: string; vars: Record<string, unknown>; container: string }>;

/** The outcome of each vector, whole: value or error, its place, its steps. */
export function vectorOutcomes(vectors: readonly Vector[]) {
  const evaluator = new Evaluator(new Guest());
  return vectors.map(({ expr, template, vars = {}, container = "" }) =>
    evaluator.evaluateTagged((expr === undefined ? { template } : { expr }) as Source, vars, { container }),
  );
}

class Cart {
  id = "c7";
  #secret = 1;
  secret() {
    return this.#secret;
  }
  get total() {
    throw new Error("a getter ran");
  }
}

function* numbers() {
  yield 1;
}

/** Name and value: what a program can have in a variable. Objects that only pretend to be of a kind are at the end. */
const KINDS = {
  object: { a: 1, b: { c: [true, null] } },
  bare: Object.assign(Object.create(null), { a: 1 }),
  instance: new Cart(),
  getter: Object.defineProperty({}, "a", { get: () => 1, enumerable: true }),
  array: Object.assign(new Array(4), { 0: 1, 1: "a", 3: undefined }),
  map: new Map<unknown, unknown>([["a", 1], [2, []], [{}, 3]]), // biome-ignore format: one row
  set: new Set([1, "a"]),
  date: new Date(1715953530500),
  wrongDate: new Date(Number.NaN),
  bytes: Uint8Array.of(1, 255),
  floats: Float64Array.of(0.5, -0),
  view: new DataView(new ArrayBuffer(3)),
  buffer: new ArrayBuffer(3),
  error: Object.assign(new TypeError("no"), { code: "E1" }),
  errorWithCause: new Error("outer", { cause: "inner" }),
  number: Object(1.5),
  string: Object("abc"),
  boolean: Object(false),
  symbol: Object(Symbol("s")),
  bigint: Object(3n),
  long: 2n ** 63n,
  longer: -(10n ** 40n),
  regexp: /a+/g,
  promise: Promise.resolve(1),
  weakMap: new WeakMap(),
  weakSet: new WeakSet(),
  generator: numbers(),
  mapIterator: new Map().keys(),
  setIterator: new Set().values(),
  function: numbers,
  class: Cart,
  symbolValue: Symbol("s"),
  fakeMap: Object.create(Map.prototype),
  fakeDate: Object.create(Date.prototype),
  fakeBytes: { [Symbol.toStringTag]: "Uint8Array", length: 2 },
  fakeArray: Object.create(Array.prototype),
  fakePromise: Object.create(RegExp.prototype),
};

/** Each of them by several expressions. */
export function kindOutcomes() {
  const guest = new Guest();
  return Object.entries(KINDS).flatMap(([kind, x]) =>
    [
      "x",
      "type(x)",
      "size(x)",
      "x.length",
      "x.a",
      "x[0]",
      "has(x.b)",
      "x == x",
      "x.map(e, e)",
      "x.exists(k, v, k == v)",
    ].map((expr) => [kind, expr, evaluate(guest, { expr }, { x })]),
  );
}

/** What a program of the library's own users does. */
export function library() {
  const guest = new Guest();
  const condition = guest.load(compileCondition("user.age > 21"));
  const answers = [{ age: 22 }, { age: 21 }, {}].map((user) => condition.run({ user }));
  const { value } = guest.load(compileTemplate("{{user.name}}!")).run({ user: { name: "ü" } });
  return { answers, value, trees: explain("x > 1").trees };
}
