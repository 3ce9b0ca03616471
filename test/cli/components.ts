// Makes a component on the command line, transpiles it with jco, runs it in this Node, and turns its WIT values from and to the
// tagged values of the vectors.
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { componentWit, transpile } from "@bytecodealliance/jco";
import { expect } from "vitest";
import { Carrier } from "../../host/carrier.ts";
import type { Tagged } from "../../host/index.ts";
import { fromTagged } from "../../host/tagged.ts";
import { finished } from "./terminal.ts";

/** A value as jco gives it to JavaScript. */
export interface WitValue {
  readonly tag: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a case holds depends on its tag
  readonly val?: any;
}

export interface WitInput {
  readonly nodes: readonly WitValue[];
  readonly variables: readonly { readonly name: string; readonly value: number }[];
}

export interface WitFailure {
  readonly code: string;
  readonly from: number;
  readonly to: number;
}

type WitResult<T> = { readonly tag: "ok"; readonly val: T } | { readonly tag: "err"; readonly val: WitFailure };

/** What a component of each world exports. */
export interface Component {
  test(input: WitInput): { readonly outcome: WitResult<boolean>; readonly steps: number };
  evaluate(input: WitInput): { readonly outcome: WitResult<readonly WitValue[]>; readonly steps: number };
  render(input: WitInput): { readonly text: string; readonly cut: boolean; readonly steps: number };
}

const folder = mkdtempSync(join(tmpdir(), "components-"));
let made = 0;

/** The bytes of a component, made by the command. */
export async function componentOf(source: string, ...options: string[]): Promise<Uint8Array> {
  const file = join(folder, `${++made}.component.wasm`);
  const { code, err } = await finished(["compile", source, "--component", "-o", file, ...options]);
  expect([code, err]).toEqual([0, ""]);
  return readFileSync(file);
}

/** A component as a module of this Node. */
export async function load(bytes: Uint8Array): Promise<Component> {
  const { files } = (await transpile(bytes, { name: "c", noTypescript: true })) as {
    files: Record<string, Uint8Array>;
  };
  const home = join(folder, `js${++made}`);
  mkdirSync(home);
  writeFileSync(join(home, "package.json"), '{ "type": "module" }');
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(home, name, ".."), { recursive: true });
    writeFileSync(join(home, name), content);
  }
  return (await import(/* @vite-ignore */ pathToFileURL(join(home, "c.js")).href)) as Component;
}

export { componentWit };

type Instantiate = (core: () => WebAssembly.Module, imports: object) => Component;

/** Instances of linked modules with the glue of one component of the same world: making that for each takes jco 50 ms. */
export async function glueOf(component: Uint8Array): Promise<(core: Uint8Array) => Component> {
  const { files } = (await transpile(component, {
    name: "c",
    noTypescript: true,
    instantiation: { tag: "sync" } as never,
  })) as { files: Record<string, Uint8Array> };
  const home = join(folder, `js${++made}`);
  mkdirSync(home);
  writeFileSync(join(home, "c.mjs"), files["c.js"] as Uint8Array);
  const { instantiate } = (await import(/* @vite-ignore */ pathToFileURL(join(home, "c.mjs")).href)) as {
    instantiate: Instantiate;
  };
  return (core) => instantiate(() => new WebAssembly.Module(core as Uint8Array<ArrayBuffer>), {});
}

/** Variables as a component takes them. */
export function toInput(vars: Readonly<Record<string, Tagged>>): WitInput {
  const nodes: WitValue[] = [];
  const add = (tagged: Tagged): number => {
    const at = nodes.length;
    nodes.push({ tag: "null" }); // Its place, before those of what it holds.
    nodes[at] = witOf(tagged, add);
    return at;
  };
  const variables = Object.entries(vars).map(([name, tagged]) => ({ name, value: add(tagged) }));
  return { nodes, variables };
}

const dashed = (code: string) => code.replaceAll("_", "-");

function witOf(tagged: Tagged, add: (value: Tagged) => number): WitValue {
  if ("int" in tagged) return { tag: "int", val: BigInt(tagged.int) };
  if ("uint" in tagged) return { tag: "uint", val: BigInt(tagged.uint) };
  if ("double" in tagged) return { tag: "double", val: Number(tagged.double) };
  if ("bool" in tagged) return { tag: "boolean", val: tagged.bool };
  if ("null" in tagged) return { tag: "null" };
  if ("string" in tagged) return { tag: "text", val: tagged.string };
  if ("bytes" in tagged) return { tag: "binary", val: new Uint8Array(Buffer.from(tagged.bytes, "base64")) };
  if ("list" in tagged) return { tag: "items", val: Uint32Array.from(tagged.list.map(add)) };
  if ("map" in tagged) return { tag: "map", val: tagged.map.map(([key, value]) => [add(key), add(value)]) };
  if ("type" in tagged) return { tag: "type-name", val: tagged.type };
  if ("error" in tagged) return { tag: "error", val: dashed(tagged.error) };
  if ("object" in tagged) {
    const fields = Object.entries(tagged.object.fields).map(([name, value]) => [name, add(value)]);
    return { tag: "object", val: { class: tagged.object.class, fields } };
  }
  if ("enum" in tagged) {
    const { class: type, name, value } = tagged.enum;
    return { tag: "enumeration", val: { class: type, name, value: add(value) } };
  }
  const natural = fromTagged(tagged);
  if (natural instanceof Date) {
    const ms = natural.getTime();
    const seconds = Math.floor(ms / 1000);
    return {
      tag: "timestamp",
      val: { seconds: BigInt(seconds), nanoseconds: (ms - seconds * 1000) * 1e6, naive: false },
    };
  }
  const carried = Carrier.of(natural as object);
  if (carried?.kind === "timestamp") {
    const { seconds, nanoseconds } = carried;
    return { tag: "timestamp", val: { seconds, nanoseconds, naive: false } };
  }
  if (carried?.kind === "duration") return { tag: "duration", val: carried.nanoseconds };
  throw new Error(`the tests send no ${JSON.stringify(tagged)}`);
}

/** A result as a tagged value. */
export function fromNodes(nodes: readonly WitValue[], at = 0): Tagged {
  const { tag, val } = nodes[at]!;
  const value = (ref: number) => fromNodes(nodes, ref);
  switch (tag) {
    case "int":
      return { int: String(val) };
    case "uint":
      return { uint: String(val) };
    case "double":
      return { double: Object.is(val, -0) ? "-0" : Number.isFinite(val) ? val : String(val) };
    case "boolean":
      return { bool: val };
    case "null":
      return { null: null };
    case "text":
      return { string: val };
    case "big":
      return { big: val };
    case "binary":
      return { bytes: Buffer.from(val).toString("base64") };
    case "items":
      return { list: Array.from(val as ArrayLike<number>, value) };
    case "set":
      return { set: Array.from(val as ArrayLike<number>, value) };
    case "map":
      return { map: val.map(([key, held]: [number, number]) => [value(key), value(held)]) };
    case "type-name":
      return { type: val };
    case "opaque":
      return { opaque: val.label };
    case "error":
      return { error: val.replaceAll("-", "_") };
    case "object":
      return {
        object: {
          class: val.class,
          fields: Object.fromEntries(val.fields.map(([name, ref]: [string, number]) => [name, value(ref)])),
        },
      };
    case "enumeration":
      return { enum: { class: val.class, name: val.name, value: value(val.value) } };
    case "optional":
      return { optional: val === undefined ? null : value(val) };
    case "partial":
      return { ...value(val.value), truncated: true };
    case "timestamp": {
      const fraction = val.nanoseconds === 0 ? "" : `.${String(val.nanoseconds).padStart(9, "0").replace(/0+$/, "")}`;
      return { timestamp: new Date(Number(val.seconds) * 1000).toISOString().replace(/\.\d+Z$/, `${fraction}Z`) };
    }
    case "duration": {
      const size = val < 0n ? -val : val;
      const fraction = String(size % 1_000_000_000n)
        .padStart(9, "0")
        .replace(/0+$/, "");
      return { duration: `${val < 0n ? "-" : ""}${size / 1_000_000_000n}${fraction === "" ? "" : `.${fraction}`}s` };
    }
    default:
      throw new Error(`no such case: ${tag}`);
  }
}

/** A failure as an outcome of `evaluate` spells it. */
export const failureOf = ({ code, from, to }: WitFailure) => ({ error: code.replaceAll("-", "_"), at: [from, to] });
