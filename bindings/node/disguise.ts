// Lets the plain functions of prepared code pass for the kind they stand for: libraries ask a function for its tag, its
// constructor or its prototype to tell a callback from a promise or a generator. Prepared text reaches these by global names and
// does without them where they are missing, as in a function whose text was sent to another place.

/** The kinds of function that prepared mode starts through a plain one. */
export type Kind = "Async" | "Generator" | "AsyncGenerator";

/** The global function that gives a function its kind: `tell(f)`, or `tell.of(holder, key, …)` for methods. */
export function tellName(kind: Kind): string {
  return `globalThis.__tpd${kind}`;
}

/** A value that changes with each edit: prepared generators keep their inner function as long as it stays. */
export const EPOCH = "globalThis.__tpdEpoch";

const { create, defineProperty, getOwnPropertyDescriptor, getPrototypeOf, setPrototypeOf } = Object;

const SAMPLES: Readonly<Record<Kind, object>> = {
  Async: async () => {},
  Generator: function* () {},
  AsyncGenerator: async function* () {},
};

function teller(kind: Kind): object {
  const parent = getPrototypeOf(SAMPLES[kind]) as { readonly prototype?: object };
  const { prototype } = parent;
  function tell(value: { prototype?: unknown }): object {
    // Only a function that was declared has one. An async function has none, and it cannot be deleted.
    if (value.prototype !== undefined) value.prototype = prototype === undefined ? undefined : create(prototype);
    setPrototypeOf(value, parent);
    return value;
  }
  /** Only own data properties: the program's getters do not run. */
  function of(holder: object, ...keys: string[]): void {
    for (const key of keys) {
      const method = getOwnPropertyDescriptor(holder, key)?.value as unknown;
      if (typeof method === "function") tell(method as { prototype?: unknown });
    }
  }
  defineProperty(tell, "of", { value: of });
  return tell;
}

/** Makes the names known, once for this thread. */
export function installDisguise(): void {
  for (const kind of Object.keys(SAMPLES) as Kind[]) {
    const name = `__tpd${kind}`;
    if (Object.hasOwn(globalThis, name)) continue;
    defineProperty(globalThis, name, { value: teller(kind) });
  }
  if (!Object.hasOwn(globalThis, "__tpdEpoch")) defineProperty(globalThis, "__tpdEpoch", { value: 1, writable: true });
}

/** After each edit: what prepared generators kept of the old text is not used any more. */
export function nextEpoch(): void {
  const holder = globalThis as { __tpdEpoch?: number };
  if (holder.__tpdEpoch !== undefined) holder.__tpdEpoch++;
}
