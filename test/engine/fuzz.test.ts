import { beforeEach, describe, expect, it } from "vitest";
import { ARENA_BASE, ARENA_END, OUT_BASE, TAG_LIST, TAG_STRING } from "../../engine/abi.ts";
import {
  big,
  bool,
  bytes,
  double,
  duration,
  each,
  engine,
  enumOf,
  failed,
  int,
  list,
  make,
  map,
  NODE,
  nil,
  object,
  octets,
  opaque,
  optional,
  reset,
  set,
  show,
  showResult,
  str,
  timestamp,
  typeName,
  uint,
  type Value,
  view,
} from "./guest.ts";

let seed = 0;
function below(limit: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) | 0;
  return ((seed >>> 8) * limit) >>> 24;
}
const pick = <T>(values: readonly T[]): T => values[below(values.length)]!;
const many = <T>(make: () => T): T[] => Array.from({ length: below(4) }, make);

const TEXTS = ["", "a", "ab", "abc", "1", "-7", "1.5", "1e400", "nan", "true", "RED", "é€\u{1f600}", "x".repeat(300)];
const WHOLE = [0n, 1n, 2n, -1n, 7n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)];
const DOUBLES = [0, -0, 1, 2, -7, 1.5, 1 / 3, 2 ** 53, 2 ** 63, 5e-324, 1e300, NaN, Infinity, -Infinity];

function value(depth: number): Value {
  const inner = (): Value => value(depth - 1);
  const kind = below(depth > 0 ? 22 : 15);
  switch (kind) {
    case 0:
      return nil;
    case 1:
      return bool(below(2) === 1);
    case 2:
      return int(pick(WHOLE));
    case 3:
      return uint(BigInt.asUintN(64, pick(WHOLE)));
    case 4:
    case 5:
      return double(pick(DOUBLES));
    case 6:
      return big(pick(["1e30", "-123456789012345678901234567890", "1.5"]));
    case 7:
    case 8:
      return str(pick(TEXTS), below(5) === 0);
    case 9:
      return bytes(pick(TEXTS), below(5) === 0);
    case 10:
      return timestamp(pick([0, -62135596800, 253402300799, 1e15, -1e15]), below(1e9));
    case 11:
      return duration(pick(WHOLE));
    case 12:
      return failed(2 + below(17), below(3));
    case 13:
      return pick([opaque("f", 1), opaque("g", 2), typeName("int"), each(3), optional()]);
    case 14:
      return enumOf("C", pick(["RED", "BLUE"]), int(below(3)));
    case 15:
    case 16:
      return list(many(inner));
    case 17:
      return list(many(inner), 3 + below(3), below(2) === 0);
    case 18:
      return map(many(() => [inner(), inner()] as const));
    case 19:
      return map(
        many(() => [str(pick(TEXTS)), inner()] as const),
        3 + below(3),
      );
    case 20:
      return object("A", Object.fromEntries(many(() => [pick(["a", "b", "RED"]), inner()])), 3 + below(2));
    default:
      return below(2) ? set(many(inner)) : optional(inner());
  }
}

type Calls = Record<string, (a: number, b: number) => string>;
const name = (slot: number): [number, number] => [slot + 1024, 2];
const CALLS: Calls = {};
for (const key of ["add", "sub", "mul", "div", "mod", "index"] as const) {
  CALLS[key] = (a, b) => show(engine[key](a, b, NODE));
}
for (const key of ["equals", "isIn", "contains", "startsWith", "endsWith"] as const) {
  CALLS[key] = (a, b) => showResult(engine[key](a, b, NODE));
}
for (const key of ["neg", "size", "lengthOf", "each", "toInt", "toUint", "toDouble", "toText", "toBool"] as const) {
  CALLS[key] = (a) => show(engine[key](a, NODE));
}
for (const key of [
  "trim",
  "lowerAscii",
  "upperAscii",
  "reverse",
  "quote",
  "toBytes",
  "base64Encode",
  "base64Decode",
] as const) {
  CALLS[key] = (a) => show(engine[key](a, NODE));
}
for (const key of ["indexOf", "lastIndexOf", "split"] as const) {
  CALLS[key] = (a, b) => show(engine[key](a, b, 0, NODE));
}
CALLS.join = (a, b) => show(engine.join(a, b, NODE));
CALLS.charAt = (a, b) => show(engine.charAt(a, b, NODE));
CALLS.format = (a, b) => show(engine.format(a, b, NODE));
/** Format strings as slots of a module's data, behind the arena. */
const FORMATS = ["%s|%s", "%x|%d", "%f|%e", "%.30e|%b"].map((verbs, i) => {
  const at = ARENA_END + 4096 + i * 64;
  octets.set(Buffer.from(verbs), at + 16);
  return () => {
    view.setInt32(at, TAG_STRING, true);
    view.setInt32(at + 4, verbs.length, true);
    view.setInt32(at + 8, at + 16, true);
    return at;
  };
});
CALLS.verbs = (a, b) => {
  const values = engine.newList(2);
  if (octets[values] !== TAG_LIST) return show(values);
  engine.push(values, a);
  engine.push(values, b);
  return FORMATS.map((text) => show(engine.format(text(), values, NODE))).join();
};
CALLS.substring = (a, b) => show(engine.substring(a, b, b, NODE));
CALLS.replace = (a, b) => show(engine.replace(a, b, b, 0, NODE));
for (const op of [0, 1, 2, 3]) CALLS[`compare ${op}`] = (a, b) => showResult(engine.compare(a, b, op, NODE));
CALLS.select = (a, b) => show(engine.select(a, ...name(b), NODE));
CALLS.hasField = (a, b) => showResult(engine.hasField(a, ...name(b), NODE));
CALLS.textIs = (a, b) => showResult(engine.textIs(a, ...name(b), NODE));
CALLS.truth = (a) => showResult(engine.truth(a, NODE));
CALLS.build = (a, b) => {
  const container = engine.newMap(2);
  if (octets[container] !== 12) return show(container);
  return `${showResult(engine.put(container, a, b, NODE))} ${showResult(engine.put(container, b, a, NODE))}`;
};
CALLS.render = (a, b) => {
  engine.outBegin();
  engine.outValue(a);
  engine.outQuoted(b);
  return Buffer.from(octets.subarray(OUT_BASE, OUT_BASE + engine.outEnd())).toString();
};

// Any words, also those that no compiler writes: a module may pass what it likes.
CALLS.formats = (a, b) => {
  const around = octets.slice(ARENA_BASE, ARENA_BASE + 64);
  engine.outBegin();
  for (let i = 0; i < 12; i++) {
    // Bits of the values themselves, so that the second call has the same ones.
    const bits = Math.imul(view.getInt32(a + (i & 3) * 4, true) + i * 40503, 0x9e3779b1) ^ view.getInt32(b + 4, true);
    const kind = (i % 4 === 0 ? bits : "dxXobefg%sqj".charCodeAt((bits >>> 8) % 12)) & 0x7f;
    engine.outFormatted(i % 2 === 0 ? a : b, bits, (Math.imul(bits, 31) & 0x1fffff) | (kind << 21));
  }
  const text = Buffer.from(octets.subarray(OUT_BASE, OUT_BASE + engine.outEnd())).toString();
  return octets.slice(ARENA_BASE, ARENA_BASE + 64).every((byte, i) => byte === around[i]) ? text : "beyond the output";
};

beforeEach(() => {
  seed = 20_260_801;
});

describe("random values", () => {
  it("never trap, give the same answer and spend the same steps twice, and blame a node for every error", () => {
    const names = Object.keys(CALLS);
    for (let round = 0; round < 3000; round++) {
      reset();
      const a = make(value(3));
      const b = make(value(2));
      const top = below(8) === 0 ? ARENA_END - 16 * below(4) : (engine.top.value as number);
      const steps = below(6) === 0 ? below(40) : 100_000;
      for (const key of names) {
        const once = (): string => {
          engine.top.value = top;
          engine.steps.value = steps;
          return `${CALLS[key]!(a, b)} after ${engine.steps.value}`;
        };
        const first = once();
        if (first !== once()) expect.fail(`round ${round}, ${key}: ${first} is not repeated`);
        if (!["render", "build", "formats", "verbs"].includes(key) && /^[a-z_]+@0 /.test(first)) {
          expect.fail(`round ${round}, ${key}: ${first} blames nothing`);
        }
        if ((engine.top.value as number) > ARENA_END) expect.fail(`round ${round}, ${key}: beyond the arena`);
      }
    }
  });

  it("are equal in both directions or in none, and never both less and greater", () => {
    for (let round = 0; round < 3000; round++) {
      reset();
      const a = make(value(2));
      const b = below(3) === 0 ? engine.copy(a) : make(value(2));
      const forth = engine.equals(a, b, NODE);
      const back = engine.equals(b, a, NODE);
      if (forth < 2 || back < 2) {
        if (forth !== back && forth < 2 === back < 2) expect.fail(`round ${round}: ${show(a)} == ${show(b)}`);
      }
      for (const [op, reverse] of [
        [0, 2],
        [1, 3],
      ] as const) {
        const less = engine.compare(a, b, op, NODE);
        const greater = engine.compare(b, a, reverse, NODE);
        if ((less < 2 || greater < 2) && less !== greater) expect.fail(`round ${round}: ${show(a)} < ${show(b)}`);
      }
    }
  });
});
