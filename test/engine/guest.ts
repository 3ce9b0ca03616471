// An engine instance for tests, a builder that writes slots into its arena, and a printer that reads them back.
import * as abi from "../../engine/abi.ts";
import { ENGINE_BASE64 } from "../../engine/binary.ts";

type Call = (...args: number[]) => number;
type Export =
  | "alloc copy error fail fromBool locate number truth matchDfa matchNfa compare contains endsWith equals isIn startsWith textIs add div mod"
  | "mul neg sub each hasField index lengthOf newList newMap push put select size toBool toDouble toInt toText toUint"
  | "asOptional hasValue optionalAt optionalIndex optionalNonZero optionalOf optionalSelect optionalValue pairs putNew unwrap"
  | "toTimestamp toDuration timePart typeOf extreme rounded magnitude isKind bitwise"
  | "base64Decode base64Encode charAt format indexOf join lastIndexOf lowerAscii quote replace reverse split substring toBytes trim"
  | "upperAscii";
type Words<S extends string> = S extends `${infer Head} ${infer Tail}` ? Head | Words<Tail> : S;

export type Engine = Record<Words<Export>, Call> & {
  steps: WebAssembly.Global;
  top: WebAssembly.Global;
  integer(value: bigint): number;
  take(bucket: number, now: number): number;
  outBegin(): void;
  outText(at: number, length: number): void;
  outValue(slot: number): void;
  outQuoted(slot: number): void;
  outFormatted(slot: number, style: number, sizes: number): void;
  outEnd(): number;
  outCut(): number;
};

/** Writes one value at an address of the arena. */
export type Value = ((slot: number) => void) & { toString(): string };

export const CODES = Object.fromEntries(
  Object.entries(abi)
    .filter(([name]) => name.startsWith("ERR_") && !/SHIFT|MASK/.test(name))
    .map(([name, code]) => [code as number, name.slice(4).toLowerCase()]),
);

const module = new WebAssembly.Module(Buffer.from(ENGINE_BASE64, "base64"));
export const memory = new WebAssembly.Memory({ initial: abi.MEMORY_PAGES, maximum: abi.MEMORY_PAGES });
export const engine = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Engine;
export const view = new DataView(memory.buffer);
export const octets = new Uint8Array(memory.buffer);

/** Node id that tests blame. */
export const NODE = 7;

/** An empty arena and a full budget. */
export function reset(steps = 1_000_000): void {
  engine.top.value = abi.ARENA_BASE;
  engine.steps.value = steps;
}

function reserve(bytes: number): number {
  const at = engine.top.value as number;
  engine.top.value = at + ((bytes + 15) & ~15);
  return at;
}

function header(slot: number, tag: number, length: number, a = 0, b = 0): void {
  view.setInt32(slot, tag, true);
  view.setInt32(slot + 4, length, true);
  view.setInt32(slot + 8, a, true);
  view.setInt32(slot + 12, b, true);
}

function blob(bytes: Uint8Array): number {
  const at = reserve(bytes.length);
  octets.set(bytes, at);
  return at;
}

/** A value in the arena; returns its slot. */
export function make(value: Value): number {
  const slot = reserve(16);
  value(slot);
  return slot;
}

/** Shows in the title of a table test what the value is. */
const named = (name: string, value: Value): Value => Object.assign(value, { toString: () => name });

const wide = (name: string, tag: number, payload: bigint, length = 0): Value => {
  return named(name, (slot) => {
    header(slot, tag, length);
    view.setBigInt64(slot + 8, BigInt.asIntN(64, payload), true);
  });
};

export const nil: Value = named("null", (slot) => header(slot, abi.TAG_NULL, 0));
export const bool = (value: boolean): Value => {
  return named(String(value), (slot) => header(slot, abi.TAG_BOOL, 0, Number(value)));
};
export const int = (value: bigint | number): Value => wide(`${value}`, abi.TAG_INT, BigInt(value));
export const uint = (value: bigint | number): Value => wide(`${value}u`, abi.TAG_UINT, BigInt(value));
export const double = (value: number): Value => {
  return named(`${Object.is(value, -0) ? "-0" : value}d`, (slot) => {
    header(slot, abi.TAG_DOUBLE, 0);
    view.setFloat64(slot + 8, value, true);
  });
};
export const big = (text: string): Value => {
  return named(`big ${text}`, (slot) => {
    const bytes = Buffer.from(text);
    const at = reserve(8 + bytes.length);
    view.setFloat64(at, Number(text), true);
    octets.set(bytes, at + 8);
    header(slot, abi.TAG_BIG, bytes.length, at);
  });
};
const texts = (kind: string, tag: number) => {
  return (text: string | Uint8Array, cut = false): Value => {
    const raw = typeof text === "string" ? Buffer.from(text) : text;
    const name = typeof text === "string" ? JSON.stringify(text.slice(0, 20)) : Buffer.from(text).toString("hex");
    return named(`${kind}${name}${cut ? "..." : ""}`, (slot) =>
      header(slot, tag | (cut ? abi.FLAG_TRUNCATED : 0), raw.length, blob(raw)),
    );
  };
};
/** A string; `cut` marks it as the beginning of a longer one. */
export const str = texts("", abi.TAG_STRING);
export const bytes = texts("b", abi.TAG_BYTES);
/** A time zone's table, as the compiler puts it into a module. */
export const zone = texts("zone ", abi.TAG_ZONE);
export const typeName = texts("type ", abi.TAG_TYPE);
export const timestamp = (seconds: number, nanos = 0, naive = false): Value => {
  return wide(`at ${seconds}.${nanos}`, abi.TAG_TIMESTAMP | (naive ? abi.FLAG_NAIVE : 0), BigInt(seconds), nanos);
};
export const duration = (nanos: bigint | number): Value => wide(`for ${nanos}`, abi.TAG_DURATION, BigInt(nanos));
export const opaque = (label: string, identity: number): Value => {
  return named(`<${label}>`, (slot) => header(slot, abi.TAG_OPAQUE, label.length, blob(Buffer.from(label)), identity));
};
export const optional = (value?: Value): Value => {
  return named(`optional ${value}`, (slot) => header(slot, abi.TAG_OPTIONAL, 0, value ? make(value) : 0));
};
export const each = (size: number): Value => named(`each ${size}`, (slot) => header(slot, abi.TAG_EACH, size));
export const failed = (code: number, node = 0): Value => {
  return named(`${CODES[code]}@${node}`, (slot) => header(slot, abi.TAG_ERROR, (node << 8) | code));
};
export const enumOf = (className: string, name: string, value: Value): Value => {
  return named(`${className}.${name}`, (slot) =>
    header(slot, abi.TAG_ENUM, 0, row([str(className), str(name), value])),
  );
};

function row(values: readonly Value[]): number {
  const at = reserve(values.length * 16);
  values.forEach((value, i) => {
    value(at + i * 16);
  });
  return at;
}

const flags = (size: number, held: number, set = false): number => {
  return (size > held ? abi.FLAG_TRUNCATED : 0) | (set ? abi.FLAG_SET : 0);
};
const names = (values: readonly unknown[], size: number): string => {
  return `${values.slice(0, 4).join(", ")}${size > Math.min(values.length, 4) ? ` ... of ${size}` : ""}`;
};
/** A list; `size` above the number of elements makes it cut. */
export const list = (elements: readonly Value[], size = elements.length, set = false): Value => {
  const tag = abi.TAG_LIST | flags(size, elements.length, set);
  return named(`${set ? "set " : ""}[${names(elements, size)}]`, (slot) =>
    header(slot, tag, size, row(elements), elements.length),
  );
};
export const set = (elements: readonly Value[], size = elements.length): Value => list(elements, size, true);
export type Pair = readonly [Value, Value];
export const map = (pairs: readonly Pair[], size = pairs.length): Value => {
  const name = names(
    pairs.map(([key, value]) => `${key}: ${value}`),
    size,
  );
  return named(`{${name}}`, (slot) =>
    header(slot, abi.TAG_MAP | flags(size, pairs.length), size, row(pairs.flat()), pairs.length),
  );
};
export const object = (name: string, fields: Record<string, Value>, size = Object.keys(fields).length): Value => {
  return named(`${name}{${names(Object.keys(fields), size)}}`, (slot) => {
    const pairs = Object.entries(fields).flatMap(([key, value]) => [str(key), value]);
    const at = row([str(name), ...pairs]);
    header(slot, abi.TAG_OBJECT | flags(size, pairs.length / 2), size, at, pairs.length / 2);
  });
};

/** A constant text, as the data segment of a module holds it: [address, length]. */
export function constant(text: string): [number, number] {
  const at = blob(Buffer.from(text));
  return [at, Buffer.byteLength(text)];
}

function textAt(at: number, length: number): string {
  return Buffer.from(memory.buffer, at, length).toString();
}

function showError(packed: number): string {
  return `${CODES[packed & 255]}@${packed >>> 8}`;
}

/** A condition's result: "true", "false" or "code@node". */
export function showResult(result: number): string {
  return result === 0 ? "false" : result === 1 ? "true" : showError(result);
}

/** A slot as a short text that says its type. */
export function show(slot: number): string {
  const tag = view.getInt32(slot, true);
  const length = view.getInt32(slot + 4, true);
  const at = view.getInt32(slot + 8, true);
  const held = view.getInt32(slot + 12, true);
  const cut = tag & abi.FLAG_TRUNCATED ? "..." : "";
  const elements = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, i) => show(from + i * 16));
  switch (tag & abi.TAG_MASK) {
    case abi.TAG_NULL:
      return "null";
    case abi.TAG_BOOL:
      return at === 0 ? "false" : "true";
    case abi.TAG_INT:
      return `${view.getBigInt64(slot + 8, true)}`;
    case abi.TAG_UINT:
      return `${view.getBigUint64(slot + 8, true)}u`;
    case abi.TAG_DOUBLE: {
      const value = view.getFloat64(slot + 8, true);
      return `${Object.is(value, -0) ? "-0" : value}d`;
    }
    case abi.TAG_STRING:
      return `"${textAt(at, length)}${cut}"`;
    case abi.TAG_BYTES:
      return `b${Buffer.from(memory.buffer, at, length).toString("hex")}${cut}`;
    case abi.TAG_TIMESTAMP:
      return `at ${view.getBigInt64(slot + 8, true)}.${length}`;
    case abi.TAG_DURATION:
      return `for ${view.getBigInt64(slot + 8, true)}`;
    case abi.TAG_LIST:
      return `[${elements(at, held).join(", ")}${cut}]${held === length ? "" : `/${length}`}`;
    case abi.TAG_MAP: {
      const pairs = elements(at, held * 2);
      return `{${pairs.map((text, i) => (i % 2 ? `${text};` : `${text}:`)).join("")}${cut}}`;
    }
    case abi.TAG_EACH:
      return `each ${length}`;
    case abi.TAG_OPTIONAL:
      return at === 0 ? "none" : `of ${show(at)}`;
    case abi.TAG_ERROR:
      return showError(length);
    default:
      return `tag ${tag}`;
  }
}

/** What a macro walks over: elements or keys, with two variables pairs; or the error. */
export function walked(slot: number): string {
  if ((view.getInt32(slot, true) & abi.TAG_MASK) !== abi.TAG_EACH) return show(slot);
  const stride = view.getInt32(slot + abi.SLOT_LENGTH, true);
  const from = view.getInt32(slot + abi.SLOT_PAYLOAD, true);
  const shown = Array.from({ length: view.getInt32(slot + abi.SLOT_COUNT, true) }, (_, i) => show(from + i * stride));
  return [...shown, ...(view.getInt32(slot, true) & abi.FLAG_TRUNCATED ? ["..."] : [])].join(", ");
}

/** What a template would print for the value. */
export function render(value: Value): string {
  const slot = make(value);
  engine.outBegin();
  engine.outValue(slot);
  return textAt(abi.OUT_BASE, engine.outEnd());
}
