// The global function of one probe, which inserted text and breakpoint conditions call. Guards the program against whatever the
// handler does. It is not enumerable, and gone as soon as the probe is removed.
import { type HitHandler, type HitOrigin, UNAVAILABLE } from "../../host/index.ts";
import type { Readable } from "./scope.ts";
import { gateName } from "./text.ts";

/** The open gate of a probe. */
export interface Gate {
  readonly id: number;
  /** `inspector`: a frame of the breakpoint's condition stands between the program and the gate. */
  engine: "inject" | "inspector";
  /** Set while a breakpoint serves: told what each hit cost on our side, in milliseconds. */
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
export function openGate(
  handler: HitHandler,
  tests: readonly Readable[],
  captures: readonly Readable[],
): Gate {
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

  function timed(values: unknown[]): boolean {
    const started = performance.now();
    const isTrue = decide(values);
    // A true test is followed by `f`, which reports for both.
    if (isTrue) startedMs = started;
    else gate.onHit?.(performance.now() - started);
    return isTrue;
  }

  let startedMs = 0;
  const enter =
    lateTests.length === 0
      ? (...values: unknown[]): boolean => {
          if (gate.onHit !== null) return timed(values);
          try {
            return test(...values) === true;
          } catch {
            return false;
          }
        }
      : (...values: unknown[]): boolean => (gate.onHit === null ? decide(values) : timed(values));

  function f(values: unknown[]): boolean {
    try {
      for (let i = 0; i < lateCaptures.length; i++) values[lateCaptures[i]!] = read(values[lateCaptures[i]!] as Thunk);
      handler.fire(names, values, gate.engine === "inject" ? direct : throughCondition);
    } catch {
      // Nothing of ours reaches the program.
    }
    if (gate.onHit !== null) gate.onHit(performance.now() - startedMs);
    return false;
  }
  const direct: HitOrigin = { below: f, skip: 0 };
  const throughCondition: HitOrigin = { below: f, skip: 1 };

  const name = gateName(id);
  Object.defineProperty(globalThis, name, {
    value: Object.assign(enter, { f }),
    enumerable: false,
    configurable: true,
    writable: false,
  });
  const gate: Gate = {
    id,
    engine: "inject",
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
