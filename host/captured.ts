// The shape of a captured value, stack and snapshot: plain data that any codec can carry. What is missing says why. Types only.

/** Why a value, or a part of it, is not there. */
export type Omitted =
  | "depth"
  | "items"
  | "fields"
  | "length"
  | "bytes"
  | "time"
  | "redacted"
  | "getter"
  | "proxy"
  | "unavailable";

/**
 * One value. `type` decides which of the other members exist:
 *
 *   null undefined            nothing else
 *   boolean                   value
 *   number                    value: a number, or "NaN" "Infinity" "-Infinity" "-0"; a floating-point number where there are others
 *   bigint                    value: decimal text
 *   string                    value; size and omitted "length" when cut, in what its runtime measures text in: UTF-16 units, in
 *                             Python code points
 *   symbol                    value: its description
 *   function                  value: its name; class: "Function" "AsyncFunction" "GeneratorFunction" "class" "method" ...
 *   date                      value: ISO text, or "Invalid Date"; without an offset where it has no zone
 *   regexp                    value: its source and flags
 *   bytes                     value: Uint8Array of the first bytes; size, omitted; class Buffer ArrayBuffer DataView bytes bytearray
 *   array, set, typedarray    items; size and omitted when cut; holes are {type: "hole", value: run length}
 *   map                       entries: [key, value] pairs; size, omitted
 *   object                    class (null for a null prototype); fields; size, omitted
 *   error                     class, value: message, stack: text, cause when there is one, fields
 *   promise weakmap weakset weakref iterator   class only
 *
 * Of Python, besides:
 *
 *   int                       value: a number within 2^53, else decimal text; "", its size in bits and omitted "length" if that is long
 *   complex range             value: as Python writes it
 *   decimal                   class Decimal or Fraction, value: as `str` writes it
 *   time                      value: `10:20:30`
 *   duration                  value: seconds, `1.5s`
 *   tuple                     items; a named tuple is an object
 *   enum                      class, value: the member's name, fields: its value
 *   opaque                    class; value: a name or a shape, where it has one
 *
 * There a scalar of another class than the usual has `class` (UUID and paths are strings with one), and so have a deque (array), a
 * frozenset (set) and every subclass; of a subclass of a container `fields` are what it holds besides.
 *   ref                       value: the id of an object captured elsewhere in the same event (a cycle or a shared object)
 *   hole                      value: how many holes in a row
 *   omitted                   omitted: nothing of the value is there; class where it is known
 */
export interface Captured {
  readonly type: string;
  /** Set on the first appearance of an object that is referred to again. */
  readonly id?: number;
  readonly class?: string | null;
  readonly value?: string | number | boolean | Uint8Array;
  readonly size?: number;
  readonly items?: readonly Captured[];
  readonly fields?: readonly (readonly [name: string, value: Captured])[];
  readonly entries?: readonly (readonly [key: Captured, value: Captured])[];
  readonly cause?: Captured;
  readonly stack?: string;
  readonly omitted?: Omitted;
}

/** One frame, innermost first. Original positions when there is a source map. */
export interface Frame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** A frame reached through await. */
  readonly async?: boolean;
}

export interface Snapshot {
  readonly frames: readonly Frame[];
  /** Frames that exist beyond the limit are said by `framesOmitted`. */
  readonly framesOmitted?: boolean;
  /** Arguments and locals of frame 0, by name. */
  readonly variables: readonly (readonly [name: string, value: Captured])[];
  /** Microseconds that the capture took on the program's thread. */
  readonly captureUs: number;
  /** Whose way of writing values fits, "python"; JavaScript's without it. */
  readonly language?: string;
}
