// Turns the captured values of a snapshot back into JavaScript values, as far as they were captured, so that an expression can be
// run over them. What was left out reads as the error that says so; nothing of it ever runs.
import * as abi from "../engine/abi.ts";
import type { Captured, Omitted } from "./captured.ts";
import { Carrier } from "./carrier.ts";
import { UNAVAILABLE } from "./placement.ts";
import * as recorded from "./recorded-python.ts";
import { emptyInstance, setField } from "./tagged.ts";

/** The variables of a snapshot as values, by name. */
export function recordedValues(variables: readonly (readonly [name: string, value: Captured])[]): Map<string, unknown> {
  const restorer = new Restorer();
  return new Map(variables.map(([name, value]) => [name, restorer.value(value)]));
}

const ERRORS: Readonly<Record<Omitted, number>> = {
  depth: abi.ERR_TRUNCATED,
  items: abi.ERR_TRUNCATED,
  fields: abi.ERR_TRUNCATED,
  length: abi.ERR_TRUNCATED,
  bytes: abi.ERR_TRUNCATED,
  time: abi.ERR_TRUNCATED,
  redacted: abi.ERR_REDACTED,
  getter: abi.ERR_SIDE_EFFECT,
  proxy: abi.ERR_SIDE_EFFECT,
  unavailable: abi.ERR_UNDECLARED,
};

class Restorer {
  /** Objects by the id that other places refer to. */
  private readonly known = new Map<number, unknown>();

  value(captured: Captured): unknown {
    const { type, omitted, value, size } = captured;
    if (type === "omitted") return this.omitted(omitted ?? "unavailable");
    const { made, fill } = this.start(captured);
    const isCut = omitted !== undefined && (typeof made === "object" || typeof made === "string") && made !== null;
    const whole = isCut ? new Carrier({ kind: "cut", value: made, size: size ?? 0 }) : made;
    if (captured.id !== undefined) this.known.set(captured.id, whole);
    fill?.();
    if (type === "ref") return this.known.get(value as number) ?? this.omitted("depth");
    return whole;
  }

  private omitted(reason: Omitted): unknown {
    return reason === "unavailable" ? UNAVAILABLE : new Carrier({ kind: "error", code: ERRORS[reason] });
  }

  /** The value without its contents, and what fills it: an object may contain itself. */
  private start(captured: Captured): { readonly made: unknown; readonly fill?: () => void } {
    const { type, value } = captured;
    switch (type) {
      case "null":
        return { made: null };
      case "boolean":
        return { made: value };
      case "number":
        return { made: Number(value) };
      case "bigint":
      case "int":
        return { made: captured.omitted === undefined ? BigInt(value as string | number) : this.omitted("length") };
      case "string":
        return { made: String(value) };
      case "symbol":
        return { made: Symbol(String(value)) };
      case "function":
        return { made: Object.defineProperty(() => {}, "name", { value: String(value) }) };
      case "date":
        return { made: recorded.instant(String(value)) };
      case "bytes":
        return { made: value instanceof Uint8Array ? value : new Uint8Array() };
      case "array":
      case "tuple":
      case "typedarray":
        return this.list(captured);
      case "set": {
        const made = new Set<unknown>();
        const fill = () => {
          for (const item of captured.items ?? []) made.add(this.value(item));
        };
        return { made, fill };
      }
      case "map": {
        const made = new Map<unknown, unknown>();
        const fill = () => {
          for (const [key, entry] of captured.entries ?? []) made.set(this.value(key), this.value(entry));
        };
        return { made, fill };
      }
      case "error":
        return this.fields(
          captured,
          Object.assign(new Error(String(value ?? "")), { name: recorded.simpleName(captured.class ?? "Error") }),
        );
      case "object":
        return this.fields(captured, emptyInstance(recorded.simpleName(captured.class ?? "")));
      case "promise":
        return { made: Promise.resolve() };
      case "weakmap":
        return { made: new WeakMap() };
      case "weakset":
        return { made: new WeakSet() };
      case "iterator":
        return { made: new Map().keys() };
      case "decimal":
      case "complex":
      case "range":
      case "time":
      case "duration":
        // Their text is all that was recorded of them.
        return {
          made: captured.omitted === undefined ? recorded.fromText(type, String(value)) : this.omitted("length"),
        };
      case "enum": {
        const inner = this.value(captured.fields?.[0]?.[1] ?? { type: "null" });
        const name = recorded.simpleName(captured.class ?? "");
        return { made: new Carrier({ kind: "enum", class: name, name: String(value), value: inner }) };
      }
      case "opaque":
        // It is no null and equals nothing else. Its class cannot be had back: `className()` says what stands for it here.
        return { made: Promise.resolve() };
      default:
        return { made: type === "regexp" || type === "weakref" ? emptyInstance(captured.class ?? type) : undefined };
    }
  }

  private list({ items = [] }: Captured) {
    const made: unknown[] = [];
    const fill = () => {
      for (const item of items) {
        if (item.type === "hole") made.length += Number(item.value ?? 1);
        else made.push(this.value(item));
      }
    };
    return { made, fill };
  }

  private fields(captured: Captured, made: object) {
    const fill = () => {
      for (const [name, field] of captured.fields ?? []) setField(made, name, this.value(field));
      if (captured.cause !== undefined) setField(made, "cause", this.value(captured.cause));
    };
    return { made, fill };
  }
}
