// Reads the message and the stack text of an error without running code of the program. The stack text is made by V8 when
// it is first read, and that may call Error.prepareStackTrace, or getters of `name` and `message`: then it is left alone.
import { natives } from "../../host/index.ts";
import { dataOf } from "./kind.ts";

const {
  MainError,
  errorStackGetter,
  getOwnPropertyDescriptor,
  getPrototypeOf,
  hasOwn,
  isProxy,
  ownPrepareStackTrace,
  readErrorStack,
  sourceOf,
} = natives;

/** Prototypes walked at most. */
const MAX_PROTOTYPES = 16;

/** Node's own function does nothing but call Node's formatter; one that stood there before us is the program's. */
const NODE_PREPARES: unknown =
  typeof ownPrepareStackTrace === "function" &&
  /^function ErrorPrepareStackTrace\(error, trace\) \{\s+return \w+PrepareStackTrace\(/.test(
    sourceOf(ownPrepareStackTrace),
  )
    ? ownPrepareStackTrace
    : undefined;

/** The first data property of that name along the prototypes: its value, or null when an accessor or a Proxy is in the way. */
export function inheritedData(value: object, key: string): { readonly value: unknown } | null {
  let link: object | null = value;
  for (let i = 0; i < MAX_PROTOTYPES; i++) {
    if (link === null) return { value: undefined };
    if (isProxy(link)) return null;
    const descriptor = getOwnPropertyDescriptor(link, key);
    if (descriptor !== undefined) return hasOwn(descriptor, "value") ? { value: descriptor.value } : null;
    link = getPrototypeOf(link) as object | null;
  }
  return null;
}

/** The stack text; undefined when there is none, null when reading it could run code of the program. */
export function stackText(error: object): string | null | undefined {
  if (errorStackGetter === null) {
    // Up to Node 20 looking at the descriptor already formats the stack, so the checks come first.
    if (!canFormat(error)) return null;
    const stack = dataOf(error, "stack");
    return typeof stack === "string" ? stack : undefined;
  }
  const descriptor = getOwnPropertyDescriptor(error, "stack");
  if (descriptor === undefined) return undefined;
  if (hasOwn(descriptor, "value")) return typeof descriptor.value === "string" ? descriptor.value : undefined;
  if (descriptor.get !== errorStackGetter || !canFormat(error)) return null;
  const stack = readErrorStack!(error);
  return typeof stack === "string" ? stack : undefined;
}

function canFormat(error: object): boolean {
  if (dataOf(globalThis, "Error") !== MainError) return false;
  const prepare = inheritedData(MainError, "prepareStackTrace");
  if (prepare === null || (typeof prepare.value === "function" && prepare.value !== NODE_PREPARES)) return false;
  return isPlainText(inheritedData(error, "name")) && isPlainText(inheritedData(error, "message"));
}

function isPlainText(found: { readonly value: unknown } | null): boolean {
  return found !== null && (typeof found.value === "string" || found.value === undefined);
}
