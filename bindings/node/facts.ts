// What V8 can tell about a value beyond the language, asked through its own test functions while this file loads. Without them
// (flags forbidden, another V8) everything is captured all the same: array elements more slowly, very long text not at all.
import { setFlagsFromString } from "node:v8";
import { compileFunction } from "node:vm";

/** Each member is null where the runtime does not tell. */
export interface RuntimeFacts {
  /** True when no element of the array can be an accessor. */
  readonly hasFastElements: ((array: object) => boolean) | null;
  /** True when text is stored in one piece, so that cutting it copies nothing. Node 24 and later. */
  readonly isFlatString: ((text: string) => boolean) | null;
}

function ask<T>(expression: string, proves: (fn: T) => boolean): T | null {
  try {
    const fn = compileFunction(`return ${expression}`, ["a"]) as T;
    return proves(fn) ? fn : null;
  } catch {
    return null;
  }
}

/** Asks V8 once; the flag that allows the questions is off again afterwards. */
export function loadFacts(): RuntimeFacts {
  try {
    setFlagsFromString("--allow-natives-syntax");
    const withGetter = Object.defineProperty([1, 2], 0, { get: () => 1 });
    const rope = ["a".repeat(100), "b".repeat(100)].reduce((left, right) => left + right);
    return {
      hasFastElements: ask<(array: object) => boolean>(
        "!%HasDictionaryElements(a)",
        (fn) => fn([1, 2]) && fn(Object.freeze([{}])) && !fn(withGetter),
      ),
      isFlatString: ask<(text: string) => boolean>("%StringIsFlat(a)", (fn) => fn("abc") && !fn(rope)),
    };
  } catch {
    return { hasFastElements: null, isFlatString: null };
  } finally {
    setFlagsFromString("--no-allow-natives-syntax");
  }
}
