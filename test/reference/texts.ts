// The text functions of the reference interpreter, over arrays of code points.
import type { Entry } from "./functions.ts";
import type { Result } from "./interpreter.ts";
import { bool, Fail, int, isNumber, text, type Value } from "./values.ts";

const none = (node: number) => new Fail("no_such_overload", node);

/** A position: an int, or a double without a fraction, which an infinite one has not; null for what is none. */
function position(value: Value): number | null {
  if (!isNumber(value)) return null;
  const number = Number(value.v);
  return Number.isNaN(number) || Math.trunc(number) !== number ? null : number;
}

type OnText = (points: readonly string[], operands: readonly Value[], node: number) => Result;

/** A method whose receiver must be a text. */
function method(max: number, min: number, operation: OnText): Entry {
  return [
    min,
    max,
    ([receiver, ...rest], node) => (receiver!.t === "string" ? operation([...receiver!.v], rest, node) : none(node)),
  ];
}

const plain = (max: number, operation: (points: readonly string[]) => string): Entry =>
  method(max, 1, (points) => text(operation(points)));

const ascii = (from: RegExp, change: (text: string) => string) =>
  plain(1, (points) => points.map((point) => (from.test(point) ? change(point) : point)).join(""));

/** White space of Unicode, which is also JavaScript's but for U+FEFF, and U+0085. */
const isSpace = (point: string): boolean => (/\s/u.test(point) && point !== "\ufeff") || point === "\u0085";

function trim(points: readonly string[]): string {
  let from = 0;
  let to = points.length;
  while (from < to && isSpace(points[from]!)) from++;
  while (to > from && isSpace(points[to - 1]!)) to--;
  return points.slice(from, to).join("");
}

function indexOf(points: readonly string[], part: readonly string[], from: number): number {
  for (let at = from; at + part.length <= points.length; at++) {
    if (part.every((point, i) => points[at + i] === point)) return at;
  }
  return -1;
}

function lastIndexOf(points: readonly string[], part: readonly string[], from: number): number {
  for (let at = Math.min(from, points.length - part.length); at >= 0; at--) {
    if (part.every((point, i) => points[at + i] === point)) return at;
  }
  return -1;
}

/** `indexOf` and `lastIndexOf`; the second operand is where to begin. */
function searching(search: typeof indexOf, start: (length: number) => number): Entry {
  return method(3, 2, (points, [part, from], node) => {
    if (part!.t !== "string") return none(node);
    if (from === undefined) return int(search(points, [...part!.v], start(points.length)));
    const at = position(from);
    if (at === null) return none(node);
    if (at < 0 || at > points.length) return new Fail("index", node);
    return int(search(points, [...part!.v], at));
  });
}

const replace: Entry = method(4, 3, (points, [part, by, limit], node) => {
  if (part!.t !== "string" || by!.t !== "string") return none(node);
  const most = limit === undefined ? -1 : position(limit);
  if (most === null) return none(node);
  const wanted = [...part!.v];
  let made = "";
  let count = 0;
  for (let at = 0; at <= points.length; ) {
    const isHere =
      (most < 0 || count < most) && indexOf(points.slice(at, at + Math.max(1, wanted.length)), wanted, 0) === 0;
    if (isHere) {
      made += by!.v;
      count++;
      at += wanted.length;
    }
    if (!isHere || wanted.length === 0) made += points[at++] ?? "";
    if (at === points.length && wanted.length > 0) break;
  }
  return text(made);
});

const substring: Entry = method(3, 2, (points, [from, to], node) => {
  const first = position(from!);
  const last = to === undefined ? points.length : position(to);
  if (first === null || last === null) return none(node);
  if (first < 0 || last > points.length || first > last) return new Fail("index", node);
  return text(points.slice(first, last).join(""));
});

const charAt: Entry = method(2, 2, (points, [at], node) => {
  const index = position(at!);
  if (index === null) return none(node);
  return index < 0 || index > points.length ? new Fail("index", node) : text(points[index] ?? "");
});

const join: Entry = [
  1,
  2,
  ([list, separator], node) => {
    if (list!.t !== "list" || (separator !== undefined && separator.t !== "string")) return none(node);
    if (list!.v.some((item) => item.t !== "string")) return none(node);
    return text(
      list!.v
        .map((item) => (item as { v: string }).v)
        .join(separator === undefined ? "" : (separator as { v: string }).v),
    );
  },
];

const reverse = plain(1, (points) => [...points].reverse().join(""));
const lower = ascii(/[A-Z]/, (point) => point.toLowerCase());
const upper = ascii(/[a-z]/, (point) => point.toUpperCase());
const strip = plain(1, trim);
const matches: Entry = [
  2,
  2,
  ([whole, pattern], node) =>
    whole!.t === "string" && pattern!.t === "string" ? bool(new RegExp(pattern!.v, "u").test(whole!.v)) : none(node),
];

export const TEXTS: {
  readonly functions: Readonly<Record<string, Entry>>;
  readonly methods: Readonly<Record<string, Entry>>;
  readonly members: Readonly<Record<string, Entry>>;
} = {
  functions: { matches },
  methods: {
    charAt,
    indexOf: searching(indexOf, () => 0),
    lastIndexOf: searching(lastIndexOf, (length) => length),
    substring,
    replace,
    join,
    reverse,
    matches,
    lowerAscii: lower,
    lower,
    toLowerCase: lower,
    upperAscii: upper,
    upper,
    toUpperCase: upper,
    trim: strip,
    strip,
  },
  members: {},
};
