// Tagged JSON values (language.md section 14) to JavaScript's natural values and, from a slot of the guest, back.
// For `eval` and the shared vectors only; nothing of it runs on a hit.
import * as abi from "../engine/abi.ts";
import { Carrier } from "./carrier.ts";
import { errorCodeName } from "./codes.ts";
import { ProtocolError } from "./errors.ts";

/** A value with its type. The last five exist in results only; `truncated` marks what was cut and gives its true size. */
export type Tagged = (
  | { readonly int: string }
  | { readonly uint: string }
  | { readonly double: number | "NaN" | "Infinity" | "-Infinity" | "-0" }
  | { readonly bool: boolean }
  | { readonly null: null }
  | { readonly string: string }
  | { readonly bytes: string }
  | { readonly list: readonly Tagged[] }
  | { readonly map: readonly (readonly [key: Tagged, value: Tagged])[] }
  | { readonly type: string }
  | { readonly timestamp: string }
  | { readonly duration: string }
  | { readonly object: { readonly class: string; readonly fields: Readonly<Record<string, Tagged>> } }
  | { readonly enum: { readonly class: string; readonly name: string; readonly value: Tagged } }
  | { readonly error: string }
  | { readonly set: readonly Tagged[] }
  | { readonly big: string }
  | { readonly opaque: string }
  | { readonly optional: Tagged | null }
) & { readonly truncated?: true };

/** Values within values that are turned around. */
const MAX_DEPTH = 64;
const SPECIAL_DOUBLES: Readonly<Record<string, number>> = {
  NaN: Number.NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
  "-0": -0,
};
const MILLISECOND = 1_000_000;
const SECOND = 1_000_000_000n;
const UNITS: Readonly<Record<string, bigint>> = {
  h: 3600n * SECOND,
  m: 60n * SECOND,
  s: SECOND,
  ms: 1_000_000n,
  us: 1000n,
  µs: 1000n,
  ns: 1n,
};

function wrong(what: string): never {
  throw new ProtocolError(
    "tagged_value",
    `not a tagged value: ${what}`,
    'Write one such as {"int":"1"} or {"list":[{"string":"a"}]}.',
  );
}

// ## To JavaScript

/** The natural JavaScript value of a tagged one: an int is a bigint, an object an instance of a class of that name. Throws ProtocolError. */
export function fromTagged(tagged: unknown): unknown {
  return natural(tagged, 0);
}

function natural(tagged: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) wrong(`more than ${MAX_DEPTH} levels`);
  if (typeof tagged !== "object" || tagged === null) wrong(JSON.stringify(tagged) ?? typeof tagged);
  const [tag, ...more] = Object.keys(tagged);
  if (tag === undefined || more.length > 0) wrong(`it has ${more.length === 0 ? "no" : "more than one"} tag`);
  const content: unknown = (tagged as Record<string, unknown>)[tag];
  switch (tag) {
    case "int":
      return integer(content, -(1n << 63n), (1n << 63n) - 1n);
    case "uint": {
      const value = integer(content, 0n, (1n << 64n) - 1n);
      return value >> 63n === 0n ? new Carrier({ kind: "uint", value }) : value;
    }
    case "double":
      if (typeof content === "string" && Object.hasOwn(SPECIAL_DOUBLES, content)) return SPECIAL_DOUBLES[content];
      return typeof content === "number" ? content : wrong("a double that is no number");
    case "bool":
      return typeof content === "boolean" ? content : wrong("a bool that is no boolean");
    case "null":
      return null;
    case "string":
      return text(content);
    case "bytes":
      return bytes(text(content));
    case "list":
      return array(content).map((item) => natural(item, depth + 1));
    case "map":
      return new Map(array(content).map((pair) => entry(pair, depth + 1)));
    case "type":
      return new Carrier({ kind: "type", name: text(content) });
    case "timestamp":
      return timestamp(text(content));
    case "duration":
      return new Carrier({ kind: "duration", nanoseconds: duration(text(content)) });
    case "object":
      return instance(record(content), depth + 1);
    case "enum": {
      const { class: type, name, value } = record(content);
      return new Carrier({ kind: "enum", class: text(type), name: text(name), value: natural(value, depth + 1) });
    }
    case "error":
      return new Carrier({ kind: "error", code: errorCode(text(content)) });
    default:
      return wrong(`\`${tag}\` is no tag of an input`);
  }
}

const text = (content: unknown): string => (typeof content === "string" ? content : wrong("a text is missing"));
const array = (content: unknown): unknown[] => (Array.isArray(content) ? content : wrong("a list is missing"));
const record = (content: unknown): Record<string, unknown> =>
  typeof content === "object" && content !== null
    ? (content as Record<string, unknown>)
    : wrong("an object is missing");

function integer(content: unknown, from: bigint, to: bigint): bigint {
  if (typeof content !== "string" || !/^-?\d{1,20}$/.test(content)) wrong("a whole number is written as decimal text");
  const value = BigInt(content);
  return value >= from && value <= to ? value : wrong(`${content} is out of range`);
}

function bytes(base64: string): Uint8Array {
  let binary: string;
  try {
    binary = atob(base64);
  } catch {
    return wrong("bytes are written in base64");
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** A uint key becomes a bigint: a Map finds no carrier again. */
function entry(pair: unknown, depth: number): [unknown, unknown] {
  const [key, value, ...more] = array(pair);
  if (more.length > 0 || value === undefined) wrong("an entry of a map has a key and a value");
  const made = natural(key, depth);
  const carried = typeof made === "object" && made !== null ? Carrier.of(made) : null;
  return [carried?.kind === "uint" ? carried.value : made, natural(value, depth)];
}

/** An instance whose class has the name and nothing else: no constructor runs, no accessor is made. */
function instance({ class: type, fields }: Record<string, unknown>, depth: number): object {
  const made = emptyInstance(text(type));
  for (const [key, value] of Object.entries(record(fields))) setField(made, key, natural(value, depth));
  return made;
}

/** An object of a class of that name, without fields; of no class for "". */
export function emptyInstance(className: string): object {
  return Object.create(className === "" ? null : prototypeOf(className));
}

/** Makes an own data property, whatever its name. */
export function setField(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

function prototypeOf(name: string): object {
  if (name === "Object") return Object.prototype;
  const maker = class {};
  Object.defineProperty(maker, "name", { value: name });
  return maker.prototype;
}

function errorCode(name: string): number {
  for (let code: number = abi.ERR_NO_SUCH_OVERLOAD; code <= abi.ERR_INTERNAL; code++)
    if (errorCodeName(code) === name) return code;
  return wrong(`\`${name}\` is no error code`);
}

/** A Date where that is exact. */
function timestamp(source: string): Date | Carrier {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(source);
  const ms = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`);
  if (match === null || Number.isNaN(ms)) return wrong(`\`${source}\` is no RFC 3339 timestamp`);
  const nanoseconds = Number((match[2] ?? "").padEnd(9, "0"));
  if (nanoseconds % MILLISECOND === 0) return new Date(ms + nanoseconds / MILLISECOND);
  return new Carrier({ kind: "timestamp", seconds: BigInt(ms / 1000), nanoseconds });
}

function duration(source: string): bigint {
  if (!/^-?(\d+(\.\d+)?(h|ms|m|s|us|µs|ns))+$/.test(source))
    return source === "0" ? 0n : wrong(`\`${source}\` is no duration`);
  let sum = 0n;
  for (const [, whole, fraction, unit] of source.matchAll(/(\d+)(?:\.(\d+))?(h|ms|m|s|us|µs|ns)/g)) {
    const scale = UNITS[unit as string] as bigint;
    const digits = fraction ?? "";
    sum +=
      BigInt(whole as string) * scale + (BigInt(digits === "" ? 0 : digits) * scale) / 10n ** BigInt(digits.length);
  }
  const signed = source.startsWith("-") ? -sum : sum;
  return BigInt.asIntN(64, signed) === signed ? signed : wrong(`\`${source}\` is out of range`);
}

// ## From a slot

/** The value in a result slot, with what hangs on it. */
export function toTagged(memory: WebAssembly.Memory, slotAddress: number): Tagged {
  return new SlotReader(memory).value(slotAddress, 0);
}

const decoder = new TextDecoder();

class SlotReader {
  private readonly view: DataView;

  constructor(memory: WebAssembly.Memory) {
    this.view = new DataView(memory.buffer);
  }

  value(slot: number, depth: number): Tagged {
    const tag = this.view.getInt32(slot, true);
    const made = depth > MAX_DEPTH ? { error: "truncated" } : this.content(slot, tag, depth);
    return (tag & abi.FLAG_TRUNCATED) !== 0 ? { ...made, truncated: true } : made;
  }

  private content(slot: number, tag: number, depth: number): Tagged {
    const payload = slot + abi.SLOT_PAYLOAD;
    switch (tag & abi.TAG_MASK) {
      case abi.TAG_NULL:
        return { null: null };
      case abi.TAG_BOOL:
        return { bool: this.view.getInt32(payload, true) !== 0 };
      case abi.TAG_INT:
        return { int: String(this.view.getBigInt64(payload, true)) };
      case abi.TAG_UINT:
        return { uint: String(this.view.getBigUint64(payload, true)) };
      case abi.TAG_DOUBLE:
        return { double: doubleToTagged(this.view.getFloat64(payload, true)) };
      case abi.TAG_BIG:
        return { big: this.text(this.view.getInt32(payload, true) + 8, this.length(slot)) };
      case abi.TAG_STRING:
        return { string: this.textOf(slot) };
      case abi.TAG_BYTES:
        return {
          bytes: btoa(String.fromCharCode(...this.bytes(this.view.getInt32(payload, true), this.length(slot)))),
        };
      case abi.TAG_TIMESTAMP:
        return { timestamp: timestampText(this.view.getBigInt64(payload, true), this.length(slot)) };
      case abi.TAG_DURATION:
        return { duration: durationText(this.view.getBigInt64(payload, true)) };
      case abi.TAG_LIST: {
        const items = this.slots(slot, 0, 1).map(([item]) => this.value(item as number, depth + 1));
        return (tag & abi.FLAG_SET) !== 0 ? { set: items } : { list: items };
      }
      case abi.TAG_MAP:
        return { map: this.pairs(slot, 0, depth) };
      case abi.TAG_OBJECT: {
        const fields = this.pairs(slot, abi.SLOT_BYTES, depth).map(([key, value]) => [
          (key as { string: string }).string,
          value,
        ]);
        return {
          object: { class: this.textOf(this.view.getInt32(payload, true)), fields: Object.fromEntries(fields) },
        };
      }
      case abi.TAG_ENUM: {
        const at = this.view.getInt32(payload, true);
        const value = this.value(at + 2 * abi.SLOT_BYTES, depth + 1);
        return { enum: { class: this.textOf(at), name: this.textOf(at + abi.SLOT_BYTES), value } };
      }
      case abi.TAG_OPTIONAL: {
        const at = this.view.getInt32(payload, true);
        return { optional: at === 0 ? null : this.value(at, depth + 1) };
      }
      case abi.TAG_TYPE:
        return { type: this.textOf(slot) };
      case abi.TAG_OPAQUE:
        return { opaque: this.textOf(slot) };
      case abi.TAG_ERROR:
        return { error: errorCodeName(this.length(slot)) };
      default:
        return { error: "internal" };
    }
  }

  private length(slot: number): number {
    return this.view.getInt32(slot + abi.SLOT_LENGTH, true);
  }

  private bytes(at: number, length: number): Uint8Array {
    return new Uint8Array(this.view.buffer, at, length);
  }

  private text(at: number, length: number): string {
    return decoder.decode(this.bytes(at, length));
  }

  private textOf(slot: number): string {
    return this.text(this.view.getInt32(slot + abi.SLOT_PAYLOAD, true), this.length(slot));
  }

  /** Addresses of the held elements, `width` slots each, `skip` bytes behind the pointer. */
  private slots(slot: number, skip: number, width: number): number[][] {
    const count = this.view.getInt32(slot + abi.SLOT_COUNT, true);
    const from = this.view.getInt32(slot + abi.SLOT_PAYLOAD, true) + skip;
    return Array.from({ length: count }, (_, i) =>
      Array.from({ length: width }, (_, j) => from + (i * width + j) * abi.SLOT_BYTES),
    );
  }

  private pairs(slot: number, skip: number, depth: number): [Tagged, Tagged][] {
    return this.slots(slot, skip, 2).map(([key, value]) => [
      this.value(key as number, depth + 1),
      this.value(value as number, depth + 1),
    ]);
  }
}

function doubleToTagged(value: number): number | "NaN" | "Infinity" | "-Infinity" | "-0" {
  if (Object.is(value, -0)) return "-0";
  return Number.isFinite(value) ? value : (String(value) as "NaN" | "Infinity" | "-Infinity");
}

const fractionText = (nanoseconds: number | bigint): string => {
  const digits = String(nanoseconds).padStart(9, "0").replace(/0+$/, "");
  return digits === "" ? "" : `.${digits}`;
};

/** RFC 3339 in UTC. */
function timestampText(seconds: bigint, nanoseconds: number): string {
  // A year beyond four digits is longer.
  const [whole] = new Date(Number(seconds) * 1000).toISOString().split(".");
  return `${whole}${fractionText(nanoseconds)}Z`;
}

function durationText(nanoseconds: bigint): string {
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  return `${nanoseconds < 0n ? "-" : ""}${size / SECOND}${fractionText(size % SECOND)}s`;
}
