// Remembers between hits what the objects at one place of a projection look like, as an object of our own that has the same hidden
// class. Keeps nothing of the program's and runs none of its code. See "What is remembered between hits?" in RATIONALE.md.
import {
  add,
  allKeys,
  dataIn,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  jsonText,
  parseJson,
  plainPrototype,
} from "./natives.ts";
import { hasFastProperties, sameShape } from "./shapes.ts";

/** Fields of an object that is worth an example. */
const MAX_FIELDS = 64;

/** Whether objects are plain ones whose fields of some names are data, told from the class of one such object. */
export class Example {
  private readonly names: readonly string[];
  /** Only we have it, so it stays as it was made. */
  private like: object | undefined = undefined;
  /** Objects that did not fit until the next try, of which each waits twice as long as the one before. */
  private wait = 1;
  private patience = 1;

  constructor(names: readonly string[]) {
    this.names = names;
  }

  /** True if the value is an ordinary object and all of the names are own data properties of it. */
  fits(value: unknown): boolean {
    const { like } = this;
    return like !== undefined && typeof value === "object" && value !== null && sameShape(like, value);
  }

  /** Takes note of an object that did not fit. It must be no Proxy. */
  learn(object: object): void {
    if (--this.wait > 0) return;
    this.patience = (this.patience << 1) & 0x3fffffff;
    this.wait = this.patience;
    this.like = exampleOf(object, this.names);
  }
}

/** An object like this one but for its values, or undefined where none is made. */
function exampleOf(object: object, names: readonly string[]): object | undefined {
  if (getPrototypeOf(object) !== plainPrototype || !hasFastProperties(object)) return undefined;
  for (let i = 0; i < names.length; i++) if (!hasOwn(object, names[i] as string)) return undefined;
  const keys = allKeys(object);
  if (keys.length > MAX_FIELDS) return undefined;
  let source = "{";
  const added = {};
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string | symbol;
    if (typeof key === "symbol") return undefined;
    const found = getOwnPropertyDescriptor(object, key);
    const value = dataIn(found);
    // A class that has only seen objects of one kind in a field would have to forget that. Numbers have a form of their own.
    if ((typeof value === "object" && value !== null) || typeof value === "function") return undefined;
    const stand = typeof value === "number" ? 0 : null;
    source += `${i === 0 ? "" : ","}${jsonText(key)}:${stand}`;
    add(added, key, stand);
  }
  // The two ways in which programs make plain objects: all at once, or field by field.
  const parsed = parseJson(`${source}}`) as object;
  const like = sameShape(parsed, object) ? parsed : added;
  return sameShape(like, object) && hasFastProperties(like) ? like : undefined;
}
