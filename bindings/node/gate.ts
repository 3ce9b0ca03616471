// The global function of one probe, which inserted text and breakpoint conditions call, and the one that several probes of one
// place share. Guards the program against whatever the handler does. It is not enumerable, and gone as soon as the probe is.
import { type HitHandler, type HitOrigin, natives, UNAVAILABLE } from "../../host/index.ts";
import type { Readable } from "./scope.ts";
import { stopwatch } from "./stopwatch.ts";
import { gateName } from "./text.ts";

const { apply, blank } = natives;

/** The open gate of a probe. */
export interface Gate {
  readonly id: number;
  /** What the test receives, and what a hit that fires does. */
  readonly tests: readonly Readable[];
  readonly captures: readonly Readable[];
  readonly isOpen: boolean;
  /** Told what each hit through a breakpoint cost on our side, in milliseconds. */
  onHit: ((handlerMs: number) => void) | null;
  /** Told when it is closed, once. */
  onClose: ((gate: Gate) => void)[];
  /** A hit with values that are read already. */
  pass(tests: readonly unknown[], captures: readonly unknown[], origin: HitOrigin): void;
  close(): void;
}

/** One function for several gates: it is handed every value that one of them wants, at each hit. */
export interface JoinedGate {
  readonly id: number;
  readonly readables: readonly Readable[];
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
  functionName = "",
): Gate {
  const names = captures.map(({ name }) => name);
  const lateTests = guardedIndexes(tests);
  const lateCaptures = guardedIndexes(captures);
  const id = nextId();
  const { test } = handler;

  // No spread anywhere at a hit: it would run an iterator that the program may have put on arrays.
  const enter =
    lateTests.length === 0
      ? (...values: unknown[]): boolean => {
          try {
            return apply(test, undefined, values) === true;
          } catch {
            return false;
          }
        }
      : (...values: unknown[]): boolean => {
          try {
            readLate(values, lateTests);
            return apply(test, undefined, values) === true;
          } catch {
            return false;
          }
        };

  function f(values: unknown[]): boolean {
    try {
      readLate(values, lateCaptures);
      handler.fire(names, values, direct);
    } catch {
      // Nothing of ours reaches the program.
    }
    return false;
  }
  const direct: HitOrigin = { below: f, skip: 0, functionName };

  /** From a breakpoint's condition, where V8 may fail to find any variable: all are handed over as functions. */
  function i(testThunks: Thunk[], captureThunks: Thunk[]): void {
    const started = stopwatch();
    try {
      if (apply(test, undefined, readAll(testThunks, tests)) === true) {
        handler.fire(names, readAll(captureThunks, captures), throughCondition);
      }
    } catch {
      // Nothing of ours reaches the program.
    }
    gate.onHit?.(started());
  }
  // A frame of the condition stands between the program and us.
  const throughCondition: HitOrigin = { below: i, skip: 1, functionName };

  const retract = expose(id, Object.assign(enter, { f, i }));
  let isOpen = true;
  const gate: Gate = {
    id,
    tests,
    captures,
    get isOpen() {
      return isOpen;
    },
    onHit: null,
    onClose: [],
    pass(testValues, captureValues, origin) {
      try {
        if (isOpen && apply(test, undefined, testValues) === true) handler.fire(names, captureValues, origin);
      } catch {
        // Nothing of ours reaches the program.
      }
    },
    close() {
      if (!isOpen) return;
      isOpen = false;
      gate.onHit = null;
      retract();
      for (const told of gate.onClose) told(gate);
      gate.onClose = [];
    },
  };
  return gate;
}

/** Joins gates of one place, where their texts side by side would be too long for V8. Closes with the last of them. */
export function joinGates(gates: readonly Gate[], functionName = ""): JoinedGate {
  const readables: Readable[] = [];
  const indexOf = (readable: Readable): number => {
    const known = readables.findIndex(({ name }) => name === readable.name);
    return known >= 0 ? known : readables.push(readable) - 1;
  };
  const members = gates.map((gate) => ({
    gate,
    tests: gate.tests.map(indexOf),
    captures: gate.captures.map(indexOf),
  }));
  const late = guardedIndexes(readables);

  function s(values: unknown[]): boolean {
    try {
      readLate(values, late);
      for (let i = 0; i < members.length; i++) {
        const { gate, tests, captures } = members[i]!;
        gate.pass(pick(values, tests), pick(values, captures), origin);
      }
    } catch {
      // Nothing of ours reaches the program.
    }
    return false;
  }
  const origin: HitOrigin = { below: s, skip: 0, functionName };

  const id = nextId();
  const retract = expose(id, { s });
  const onClose = () => {
    if (!gates.some(({ isOpen }) => isOpen)) retract();
  };
  for (const gate of gates) gate.onClose.push(onClose);
  return {
    id,
    readables,
    close() {
      retract();
      for (const gate of gates) gate.onClose = gate.onClose.filter((told) => told !== onClose);
    },
  };
}

/** Puts what a text calls on the global object. Returns a function that takes it away again. */
function expose(id: number, value: object): () => void {
  const name = gateName(id);
  Object.defineProperty(globalThis, name, { value, enumerable: false, configurable: true, writable: false });
  return () => {
    try {
      delete (globalThis as Record<string, unknown>)[name];
    } catch {}
  };
}

function guardedIndexes(readables: readonly Readable[]): number[] {
  return readables.flatMap(({ isGuarded }, index) => (isGuarded ? [index] : []));
}

function pick(values: readonly unknown[], indexes: readonly number[]): unknown[] {
  const picked = blank(indexes.length);
  for (let i = 0; i < indexes.length; i++) picked[i] = values[indexes[i]!];
  return picked;
}

/** Reads what was handed over as functions. */
function readLate(values: unknown[], late: readonly number[]): void {
  for (let i = 0; i < late.length; i++) values[late[i]!] = read(values[late[i]!] as Thunk);
}

/** The value, or UNAVAILABLE where the variable is not initialised yet. */
function read(thunk: Thunk): unknown {
  try {
    return thunk();
  } catch {
    return UNAVAILABLE;
  }
}

/** In a condition everything is handed over as functions. Before super(), V8 answers `undefined` where the program would throw. */
function readAll(thunks: readonly Thunk[], readables: readonly Readable[]): unknown[] {
  const values = blank(thunks.length);
  for (let at = 0; at < thunks.length; at++) {
    const value = read(thunks[at]!);
    const { name, isGuarded } = readables[at]!;
    values[at] = name === "this" && isGuarded && value === undefined ? UNAVAILABLE : value;
  }
  return values;
}
