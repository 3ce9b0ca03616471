// The global function of one probe, which inserted text and breakpoint conditions call. Guards the program against whatever the
// handler does. It is not enumerable, and gone as soon as the probe is removed.
import { type HitHandler, type HitOrigin, UNAVAILABLE } from "../../host/index.ts";
import type { Readable } from "./scope.ts";
import { gateName } from "./text.ts";

/** The open gate of a probe. */
export interface Gate {
  readonly id: number;
  /** Told what each hit through a breakpoint cost on our side, in milliseconds. */
  onHit: ((handlerMs: number) => void) | null;
  close(): void;
}

type Thunk = () => unknown;

const COUNTER = Symbol.for("tracepointdebug.gates");

/** Numbers are shared by all copies of the package in this thread. */
function nextId(): number {
  const holder = globalThis as { [COUNTER]?: { last: number } };
  let counter = holder[COUNTER];
  if (counter === undefined) {
    counter = { last: 0 };
    Object.defineProperty(holder, COUNTER, { value: counter });
  }
  return ++counter.last;
}

/** Opens a gate. Throws where the global object takes no property. */
export function openGate(handler: HitHandler, tests: readonly Readable[], captures: readonly Readable[]): Gate {
  const names = captures.map(({ name }) => name);
  const lateTests = guardedIndexes(tests);
  const lateCaptures = guardedIndexes(captures);
  const id = nextId();
  const { test } = handler;

  function decide(values: unknown[]): boolean {
    try {
      for (let i = 0; i < lateTests.length; i++) values[lateTests[i]!] = read(values[lateTests[i]!] as Thunk);
      return test(...values) === true;
    } catch {
      return false;
    }
  }

  const enter =
    lateTests.length === 0
      ? (...values: unknown[]): boolean => {
          try {
            return test(...values) === true;
          } catch {
            return false;
          }
        }
      : (...values: unknown[]): boolean => decide(values);

  function f(values: unknown[]): boolean {
    try {
      for (let i = 0; i < lateCaptures.length; i++) values[lateCaptures[i]!] = read(values[lateCaptures[i]!] as Thunk);
      handler.fire(names, values, direct);
    } catch {
      // Nothing of ours reaches the program.
    }
    return false;
  }
  const direct: HitOrigin = { below: f, skip: 0 };

  /** From a breakpoint's condition, where V8 may fail to find any variable: all are handed over as functions. */
  function i(testThunks: readonly Thunk[], captureThunks: readonly Thunk[]): void {
    const started = performance.now();
    try {
      if (test(...testThunks.map((thunk, at) => readInCondition(thunk, tests[at]!))) === true) {
        const values = captureThunks.map((thunk, at) => readInCondition(thunk, captures[at]!));
        handler.fire(names, values, throughCondition);
      }
    } catch {
      // Nothing of ours reaches the program.
    }
    gate.onHit?.(performance.now() - started);
  }
  // A frame of the condition stands between the program and us.
  const throughCondition: HitOrigin = { below: i, skip: 1 };

  const name = gateName(id);
  Object.defineProperty(globalThis, name, {
    value: Object.assign(enter, { f, i }),
    enumerable: false,
    configurable: true,
    writable: false,
  });
  const gate: Gate = {
    id,
    onHit: null,
    close() {
      gate.onHit = null;
      try {
        delete (globalThis as Record<string, unknown>)[name];
      } catch {}
    },
  };
  return gate;
}

function guardedIndexes(readables: readonly Readable[]): number[] {
  return readables.flatMap(({ isGuarded }, index) => (isGuarded ? [index] : []));
}

/** The value, or UNAVAILABLE where the variable is not initialised yet. */
function read(thunk: Thunk): unknown {
  try {
    return thunk();
  } catch {
    return UNAVAILABLE;
  }
}

function readInCondition(thunk: Thunk, { name, isGuarded }: Readable): unknown {
  const value = read(thunk);
  // Before super(), V8 answers `undefined` where the program would throw.
  return name === "this" && isGuarded && value === undefined ? UNAVAILABLE : value;
}
