// Turns a projection into a function that reads exactly those paths of JavaScript values into slots. The function is generated
// source, one property access a path step, so that V8 sees constant names; it runs none of the program's code (see writer.ts).

import { type EachNode, LIMITS, type PathNode, type Projection } from "../conditions/index.ts";
import * as abi from "../engine/abi.ts";
import { FAULT, isTricky } from "./access.ts";
import { Example } from "./examples.ts";
import { writeMember } from "./members.ts";
import { compileSource, getOwnPropertyDescriptor, hasOwn, isProxy } from "./natives.ts";
import { UNAVAILABLE } from "./placement.ts";
import { each, failAll, pairs, type RecordReader } from "./records.ts";
import { hasFastProperties, hasShapes, sameShape } from "./shapes.ts";
import type { CopyLimits } from "./slots.ts";
import type { Writer } from "./writer.ts";

/** Reads the roots, in the projection's order, into the input slots and enters the module; gives what the module answers. */
export type Reader = (...roots: readonly unknown[]) => number;

/** A module's code. It takes the first free arena address. */
export type Enter = (top: number) => number;

/**
 * Makes the reader of a projection. It never throws, unless `enter` does. It enters the module itself: generated code calls one
 * module only, so that V8 compiles the call into it.
 */
export function makeReader(projection: Projection, writer: Writer, enter: Enter, limits: CopyLimits = LIMITS): Reader {
  return new Source(projection, writer, limits).build(enter);
}

/** Names of variables: a value whose fields are read, whether it may be asked for them, whether they are known to be plain data. */
interface Holder {
  readonly x: string;
  readonly readable: string;
  readonly known: string;
}

class Source {
  private readonly lines: string[] = [];
  private readonly projection: Projection;
  private readonly writer: Writer;
  private readonly limits: CopyLimits;
  /** What the generated code refers to by name. */
  private readonly scope: Record<string, unknown>;
  private names = 0;
  private windows = 1;

  constructor(projection: Projection, writer: Writer, limits: CopyLimits) {
    this.projection = projection;
    this.writer = writer;
    this.limits = limits;
    this.scope = {
      w: writer,
      i32: writer.i32,
      f64: writer.f64,
      gopd: getOwnPropertyDescriptor,
      has,
      isProxy,
      limits: this.limits,
      FAULT,
      NONE: UNAVAILABLE,
      sameShape,
      hasFastProperties,
      failAll,
      member: writeMember,
      each,
      pairs,
    };
  }

  build(enter: Enter): Reader {
    this.scope.enter = enter;
    const { roots, slots } = this.projection;
    const params = roots.map((_, i) => `v${i}`);
    for (const [i, root] of roots.entries()) {
      if (this.isRedacted(root)) this.refuse(root, null);
      else this.use(root, `v${i}`, null);
    }
    const start = abi.ARENA_BASE + slots * abi.SLOT_BYTES;
    const end = Math.min(start + this.limits.inputBytes, abi.ARENA_BASE + this.limits.arenaBytes);
    const body = `"use strict"; return function read(${params.join(", ")}) { w.begin(${start}, ${end}, limits);\n${this.lines.join("\n")}\nreturn enter(w.finish()); }`;
    return compileSource(body, Object.keys(this.scope))(...Object.values(this.scope)) as Reader;
  }

  private name(prefix: string): string {
    return `${prefix}${this.names++}`;
  }

  /** Source of the byte address of a slot: at the input, or in the record whose address is in variable `record`. */
  private at(slot: number, record: string | null): string {
    return record === null ? String(abi.ARENA_BASE + slot * abi.SLOT_BYTES) : `${record} + ${slot * abi.SLOT_BYTES}`;
  }

  /** Writes what is wanted of the value in variable `x`, then goes on to its fields. */
  private use(node: PathNode, x: string, record: string | null): void {
    const { slot, want } = node;
    if (slot !== undefined) {
      const address = this.at(slot, record);
      const word = `(${address}) >> 2`;
      const cap = Math.min(node.cap ?? this.limits.stringBytes, this.limits.stringBytes);
      if (want === "presence") {
        // Of a variable that does not exist nothing is there.
        this.lines.push(
          `if (${x} === NONE) w.error(${address}, ${abi.ERR_UNDECLARED}); else i32[${word}] = ${abi.TAG_NULL};`,
        );
      } else if (want === "size") this.lines.push(`w.size(${address}, ${x});`);
      else {
        const depth = want === "deep" ? (node.depth ?? 1) : 0;
        this.lines.push(
          `if (typeof ${x} === "number") { i32[${word}] = ${abi.TAG_DOUBLE}; f64[(${address} + ${abi.SLOT_PAYLOAD}) >> 3] = ${x}; }`,
          `else if (typeof ${x} === "string") w.text(${address}, ${x}, ${cap}, ${this.windows++});`,
          `else w.value(${address}, ${x}, ${depth}, ${cap}, 0);`,
        );
      }
    }
    for (const { key, slot } of node.members ?? [])
      this.lines.push(`member(w, ${this.at(slot, record)}, ${x}, ${JSON.stringify(key)});`);
    if (node.each !== undefined) this.useEach(node.each, x, record, "each");
    if (node.pairs !== undefined) this.useEach(node.pairs, x, record, "pairs");
    const fields = node.fields ?? [];
    if (fields.length === 0) return;
    const readable = this.name("g");
    const known = this.name("k");
    const names = fields.filter((field) => this.isPlain(field)).map(({ key }) => key as string);
    if (hasShapes && names.length > 0) {
      const example = this.name("e");
      this.scope[example] = new Example(names);
      this.lines.push(
        `const ${known} = ${example}.fits(${x});`,
        `const ${readable} = ${known} || (typeof ${x} === "object" && ${x} !== null && !isProxy(${x}));`,
        `if (${readable} && !${known}) ${example}.learn(${x});`,
      );
    } else {
      this.lines.push(
        `const ${known} = false;`,
        `const ${readable} = typeof ${x} === "object" && ${x} !== null && !isProxy(${x});`,
      );
    }
    for (const field of fields) this.useField(field, { x, readable, known }, record);
  }

  /** A field whose name the hidden class speaks of, and that is nothing but read. */
  private isPlain(field: PathNode): boolean {
    return isNamed(field.key) && field.alias !== true && !this.isRedacted(field);
  }

  private isRedacted({ key }: PathNode): boolean {
    return typeof key === "string" && this.writer.redact?.(key) === true;
  }

  /** Fails every slot below a name that may not be read: the value is not touched. */
  private refuse(node: PathNode, record: string | null): void {
    const missing = this.name("m");
    this.scope[missing] = slotsBelow(node, 0);
    this.lines.push(`w.fault = ${abi.ERR_REDACTED}; failAll(w, ${record ?? abi.ARENA_BASE}, ${missing});`);
  }

  private useField(node: PathNode, { x: holder, readable, known }: Holder, record: string | null): void {
    if (this.isRedacted(node)) return this.refuse(node, record);
    const key = JSON.stringify(node.key);
    if (node.alias === true && node.slot !== undefined) {
      this.lines.push(`w.lengthOf(${this.at(node.slot, record)}, ${holder});`);
      if (slotsBelow(withoutSlot(node), 0).length === 0) return;
    }
    const value = this.name("x");
    const found = this.name("d");
    this.lines.push(`let ${value};`);
    if (isOnlyPresence(node)) {
      // An accessor is there, too.
      const own = isNamed(node.key) ? `${known} || ${readable} && has(${holder}, ${key}) ? null : ` : "";
      this.lines.push(`${value} = ${own}w.presence(${holder}, ${key});`);
    } else if (!isNamed(node.key)) {
      this.lines.push(`${value} = w.field(${holder}, ${key});`);
    } else {
      this.lines.push(
        // Only a module namespace throws, of a variable that is not initialised yet. `field` says what that is.
        `let ${found}; try { if (${readable} && !${known}) ${found} = gopd(${holder}, ${key}); } catch {}`,
        // A constant string key compiles to a named property access.
        `if (${known}) ${value} = ${holder}[${key}];`,
        // `in` asks whether it is an accessor's without running one that the program has put on Object.prototype.
        `else if (${found} !== undefined && !("get" in ${found})) ${value} = ${found}.value; else ${value} = w.field(${holder}, ${key});`,
      );
    }
    const missing = this.name("m");
    const alias = node.alias === true;
    // Without such a field `length` is a number, so that it is the next step that fails. Its own slot is written above.
    this.scope[missing] = alias ? slotsBelow(withoutSlot(node), -1) : slotsBelow(node, 0);
    const sized = `if (w.fault === ${abi.ERR_NO_SUCH_FIELD} || w.fault === ${abi.ERR_NO_SUCH_KEY}) w.fault = ${abi.ERR_NO_SUCH_OVERLOAD};`;
    const fail = `failAll(w, ${record ?? abi.ARENA_BASE}, ${missing});`;
    this.lines.push(`if (${value} === FAULT) { ${alias ? sized : ""} ${fail} } else {`);
    this.use(alias ? withoutSlot(node) : node, value, record);
    this.lines.push("}");
  }

  private useEach(node: EachNode, x: string, record: string | null, go: "each" | "pairs"): void {
    const reader = this.name("r");
    const inner = new Source(this.projection, this.writer, this.limits);
    this.scope[reader] = inner.recordReader(node.element);
    const missing = this.name("m");
    this.scope[missing] = slotsBelow(node.element, 0);
    this.lines.push(`${go}(w, ${this.at(node.slot, record)}, ${x}, ${node.slots}, ${reader}, ${missing});`);
  }

  /**
   * The reader of one element. Where all elements of a list have one hidden class, its fields are proved data properties on
   * the first and read plainly from the others. The proof (`like`) lives for one list of one hit: nothing can run in between.
   */
  private recordReader(element: PathNode): RecordReader {
    this.use(element, "e", "record");
    const checked = this.lines.splice(0).join("\n");
    const fields = element.fields ?? [];
    const names = fields.map((field) => field.key);
    const { slot, members, each, pairs } = element;
    const bare = slot === undefined && members === undefined && each === undefined && pairs === undefined;
    const simple = hasShapes && bare && fields.length > 0;
    if (!simple || !fields.every((field) => this.isPlain(field))) {
      return this.compileRecord(`return function record(record, e) {\n${checked}\n}`);
    }
    for (const field of fields) {
      const value = this.name("x");
      // A constant string key compiles to a named property access.
      this.lines.push(`const ${value} = e[${JSON.stringify(field.key)}];`);
      this.use(field, value, "record");
    }
    const plain = this.lines.join("\n");
    this.scope.allData = allData;
    this.scope.names = names;
    return this.compileRecord(
      `return function record(record, e, like) {
      if (typeof e === "object" && e !== null && like !== undefined && sameShape(e, like)) {\n${plain}\nreturn like; }
      ${checked}
      return like === undefined && allData(e, names) && hasFastProperties(e) ? e : like;
      }`,
    );
  }

  private compileRecord(body: string): RecordReader {
    return compileSource(
      `"use strict"; ${body}`,
      Object.keys(this.scope),
    )(...Object.values(this.scope)) as RecordReader;
  }
}

const isOnlyPresence = ({ want, members, fields, each, pairs }: PathNode) =>
  want === "presence" && members === undefined && fields === undefined && each === undefined && pairs === undefined;

/** A key that the hidden class speaks of. It knows nothing of elements, and `"0"` is one. */
const isNamed = (key: string | number) => typeof key === "string" && !isTricky(key);

const withoutSlot = ({ slot: _slot, want: _want, ...rest }: PathNode): PathNode => rest;

/** All slots of a subtree with their distance from its top, as [slot, up] pairs: an error at the top fails them all. */
function slotsBelow(node: PathNode, up: number): number[] {
  const own = node.slot === undefined ? [] : [node.slot, up];
  const members = (node.members ?? []).flatMap(({ slot }) => [slot, up]);
  const each = node.each === undefined ? [] : [node.each.slot, up];
  const pairs = node.pairs === undefined ? [] : [node.pairs.slot, up];
  return [...own, ...members, ...each, ...pairs, ...(node.fields ?? []).flatMap((field) => slotsBelow(field, up + 1))];
}

/** Whether there is such a property; a variable of a module namespace that is not initialised yet is not there. */
function has(holder: object, key: string): boolean {
  try {
    return hasOwn(holder, key);
  } catch {
    return false;
  }
}

/** All of these are own data properties of an ordinary object that is no Proxy. */
function allData(element: unknown, names: readonly string[]): boolean {
  if (typeof element !== "object" || element === null || isProxy(element)) return false;
  for (let i = 0; i < names.length; i++) {
    const name = names[i] as string;
    // A module namespace may hold a variable that is not initialised yet.
    if (!has(element, name)) return false;
    const found = getOwnPropertyDescriptor(element, name);
    if (found === undefined || !hasOwn(found, "value")) return false;
  }
  return true;
}
