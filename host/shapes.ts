// What only V8 knows about an object's representation, asked through its own intrinsics. Every answer may be the cautious `false`,
// which costs the caller a slower way and never a wrong value. See "Why V8 natives?" in RATIONALE.md.
import { compileFunction, programFlags, setFlagsFromString } from "./platform.ts";

type Pair = (a: object, b: object) => boolean;
type One = (object: object) => boolean;

interface Intrinsics {
  readonly sameShape: Pair;
  readonly hasFastProperties: One;
  readonly hasDictionaryElements: One;
  readonly hasHoleyElements: One;
  /** Only V8 of Node 24 and later. */
  readonly isFlat: ((text: string) => boolean) | null;
}

const FLAG = "allow-natives-syntax";
/** A program that was started with the flag keeps it. */
const givenByProgram = programFlags.replaceAll("_", "-").includes(`--${FLAG}`);

function load(): Intrinsics | null {
  try {
    setFlagsFromString(`--${FLAG}`);
    const make = <F>(params: string[], body: string) => compileFunction(`return ${body}`, params) as unknown as F;
    const made: Intrinsics = {
      sameShape: make<Pair>(["a", "b"], "%HaveSameMap(a, b)"),
      hasFastProperties: make<One>(["a"], "%HasFastProperties(a)"),
      hasDictionaryElements: make<One>(["a"], "%HasDictionaryElements(a)"),
      hasHoleyElements: make<One>(["a"], "%HasHoleyElements(a)"),
      isFlat: askFlat(),
    };
    return provesItself(made) ? made : null;
  } catch {
    return null;
  } finally {
    if (!givenByProgram) setFlagsFromString(`--no-${FLAG}`);
  }
}

function askFlat(): ((text: string) => boolean) | null {
  try {
    const isFlat = compileFunction("return %StringIsFlat(a)", ["a"]) as (text: string) => boolean;
    const rope = ["a".repeat(100), "b".repeat(100)].reduce((left, right) => left + right);
    return isFlat("abc") && !isFlat(rope) ? isFlat : null;
  } catch {
    return null;
  }
}

/** A V8 that answers otherwise than we rely on must not be relied on. */
function provesItself(v8: Intrinsics): boolean {
  const plain = { a: 1, b: 2 };
  const twin = { a: 3, b: 4 };
  const accessor = Object.defineProperty({ a: 1, b: 2 }, "a", { get: () => 1 });
  const dictionary = Object.defineProperty([1, 2], 0, { get: () => 1 });
  const holey = new Array(2);
  return (
    v8.sameShape(plain, twin) &&
    !v8.sameShape(plain, accessor) &&
    !v8.sameShape(plain, new Proxy(plain, {})) &&
    v8.hasFastProperties(plain) &&
    !v8.hasDictionaryElements([1, 2]) &&
    v8.hasDictionaryElements(dictionary) &&
    !v8.hasHoleyElements([1, 2]) &&
    v8.hasHoleyElements(holey)
  );
}

let v8: Intrinsics | null = load();
let reloading = false;

/** False where V8 never answers (another engine, another version): the fast ways need not be prepared. */
export const hasShapes = v8 !== null;

/**
 * V8 throws away the byte code of functions that were idle for a while and compiles them again from their source, which now,
 * without the flag, is a syntax error. Then the answer is the cautious one, and the functions are made anew after the hit.
 */
function lost(): false {
  if (reloading) return false;
  reloading = true;
  setImmediate(() => {
    reloading = false;
    v8 = load();
  }).unref();
  return false;
}

/** One hidden class: what was proved of the one's named properties holds for the other's, if both have fast properties. */
export function sameShape(a: object, b: object): boolean {
  try {
    return v8?.sameShape(a, b) === true;
  } catch {
    return lost();
  }
}

/** The properties are described by the hidden class and not by a table of the object's own. */
export function hasFastProperties(object: object): boolean {
  try {
    return v8?.hasFastProperties(object) === true;
  } catch {
    return lost();
  }
}

/** The elements of an array are plain data: no accessor among them. Holes are possible. */
export function hasPlainElements(array: object): boolean {
  try {
    return v8 !== null && !v8.hasDictionaryElements(array);
  } catch {
    return lost();
  }
}

/** An array has no holes. */
export function isPacked(array: object): boolean {
  try {
    return v8 !== null && !v8.hasHoleyElements(array);
  } catch {
    return lost();
  }
}

/** A text is stored in one piece, so that cutting it copies nothing. */
export function isFlatText(text: string): boolean {
  try {
    return v8?.isFlat?.(text) === true;
  } catch {
    return lost();
  }
}

/** The two questions that capturing asks; null stands for "never told". */
export interface RuntimeFacts {
  /** True when no element of the array can be an accessor. */
  readonly hasFastElements: ((array: object) => boolean) | null;
  /** True when the text is stored in one piece. */
  readonly isFlatString: ((text: string) => boolean) | null;
}

export const runtimeFacts: RuntimeFacts = { hasFastElements: hasPlainElements, isFlatString: isFlatText };
