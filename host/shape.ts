// Small checks that say whether a value has the shape of a message: types, lengths, ranges. Plain functions, no message in here.

/** Says what is wrong with a value, beginning with the path below it, or null when nothing is. */
export type Check = (value: unknown) => string | null;

interface Optional {
  readonly optional: Check;
}

/** One check a field of T. The compiler demands every field, and `optional` exactly where the field may be missing. */
export type Fields<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? Optional : Check;
};

/** Text of so many UTF-16 units. */
export function text(max: number, min = 0): Check {
  return (value) =>
    typeof value !== "string"
      ? " must be text"
      : value.length > max
        ? ` is longer than ${max}`
        : value.length < min
          ? " is empty"
          : null;
}

/** Text that names something: printable ASCII without spaces, so that it is safe in logs, keys and commands. */
export function name(max: number): Check {
  return (value) =>
    typeof value === "string" && value.length >= 1 && value.length <= max && /^[!-~]+$/.test(value)
      ? null
      : ` must be 1 to ${max} printable ASCII characters without spaces`;
}

/** A whole number of a range. */
export function whole(min: number, max: number = Number.MAX_SAFE_INTEGER): Check {
  return (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? null
      : ` must be a whole number from ${min} to ${max}`;
}

/** A finite number of a range. */
export function finite(min: number, max: number = Number.MAX_VALUE): Check {
  return (value) =>
    typeof value === "number" && value >= min && value <= max ? null : ` must be a number from ${min} to ${max}`;
}

/** true or false. */
export const flag: Check = (value) => (typeof value === "boolean" ? null : " must be true or false");

/** One of some words. */
export function oneOf<T extends string>(...words: readonly T[]): Check {
  const set = new Set<unknown>(words);
  return (value) => (set.has(value) ? null : ` must be one of ${words.join(", ")}`);
}

/** A list of so many. */
export function list(max: number, element: Check): Check {
  return (value) => {
    if (!Array.isArray(value)) return " must be a list";
    if (value.length > max) return ` has more than ${max} elements`;
    for (let i = 0; i < value.length; i++) {
      const problem = element(value[i]);
      if (problem !== null) return `[${i}]${problem}`;
    }
    return null;
  };
}

/** A list with one check a position. */
export function tuple(...checks: readonly Check[]): Check {
  return (value) => {
    if (!Array.isArray(value) || value.length !== checks.length) return ` must be a list of ${checks.length}`;
    for (let i = 0; i < checks.length; i++) {
      const problem = checks[i]!(value[i]);
      if (problem !== null) return `[${i}]${problem}`;
    }
    return null;
  };
}

/** A field that may be missing. */
export function optional(check: Check): Optional {
  return { optional: check };
}

/** Whether a value is a map. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/** A map with these fields. Others are let through unread: a newer peer may send more. */
export function shape<T>(fields: Fields<T>): Check {
  const checks = Object.entries<Check | Optional>(fields as Record<string, Check | Optional>).map(
    ([key, check]) => [key, typeof check === "function" ? check : check.optional, typeof check === "function"] as const,
  );
  return (value) => {
    if (!isMap(value)) return " must be a map";
    for (const [key, check, required] of checks) {
      const part = value[key];
      if (part === undefined) {
        if (required) return `.${key} is missing`;
        continue;
      }
      const problem = check(part);
      if (problem !== null) return `.${key}${problem}`;
    }
    return null;
  };
}
