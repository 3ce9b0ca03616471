// Finds its way in the values that a component is given: what a ref leads to, what a step of a path leads to. Copies nothing.
// A handle is the address of a variant; 0 is a variable that is not there.
import {
  ERR_INDEX,
  ERR_INVALID_ARGUMENT,
  ERR_NO_SUCH_FIELD,
  ERR_NO_SUCH_KEY,
  ERR_NO_SUCH_OVERLOAD,
  ERR_NULL_DEREF,
  ERR_TRUNCATED,
  ERR_UNDECLARED,
} from "../abi.ts";
import { sameBytes } from "../text.ts";
import {
  CASE_BOOLEAN,
  CASE_DOUBLE,
  CASE_ERROR,
  CASE_INT,
  CASE_ITEMS,
  CASE_MAP,
  CASE_NULL,
  CASE_OBJECT,
  CASE_PARTIAL,
  CASE_TEXT,
  CASE_UINT,
  CONTENT,
  ENTRY_BYTES,
  FIELD_BYTES,
  FIELD_VALUE,
  LIST_COUNT,
  NODE_KEY,
  NODE_KEY_LENGTH,
  PART_SIZE,
  REF_BYTES,
  SECOND_TEXT,
  VALUE_BYTES,
} from "./layout.ts";

/** Stands for a ref that leads nowhere. */
const ASTRAY: i32 = i32(memory.data<i32>([CASE_ERROR, 0, ERR_INVALID_ARGUMENT - 2, 0, 0, 0, 0, 0], 8));

let nodes: i32 = 0;
let nodeCount: i32 = 0;
/** Why the last `field` found nothing. */
export let fault: i32 = 0;

/** The values of one call. */
export function openValues(values: i32, count: i32): void {
  nodes = values;
  nodeCount = count;
}

/** Another reason for what was not found. */
export function blame(code: i32): void {
  fault = code;
}

/** The handle of a ref. */
export function valueAt(ref: i32): i32 {
  return u32(ref) < u32(nodeCount) ? nodes + ref * VALUE_BYTES : ASTRAY;
}

/** Whether only the beginning is there. */
export function isPart(v: i32): bool {
  return load<u8>(v) === CASE_PARTIAL;
}

/** What a part is a part of, else the value itself. */
export function whole(v: i32): i32 {
  if (!isPart(v)) return v;
  const held = valueAt(load<i32>(v + CONTENT));
  return isPart(held) ? ASTRAY : held;
}

/** The case of a value, or of what a part is a part of. */
export function kindOf(v: i32): i32 {
  return load<u8>(whole(v));
}

/** Where a list, text or class name lies. */
export function pointer(v: i32): i32 {
  return load<i32>(v + CONTENT);
}

/** Elements, entries or fields that are there. */
export function countOf(v: i32): i32 {
  return load<i32>(v + CONTENT + (load<u8>(v) === CASE_OBJECT ? SECOND_TEXT : 0) + LIST_COUNT);
}

/** The true number of elements, entries or fields. */
export function trueSize(v: i32): i32 {
  const count = countOf(whole(v));
  return isPart(v) ? max(count, load<i32>(v + CONTENT + PART_SIZE)) : count;
}

function isKeyText(node: i32, text: i32, length: i32): bool {
  return length === load<i32>(node + NODE_KEY_LENGTH) && sameBytes(text, load<i32>(node + NODE_KEY), length);
}

/** The (text, ref) pair whose text is the key of a step, or 0. */
export function fieldNamed(fields: i32, count: i32, node: i32): i32 {
  for (let i = 0; i < count; i++) {
    const at = fields + i * FIELD_BYTES;
    if (isKeyText(node, load<i32>(at), load<i32>(at + LIST_COUNT))) return at;
  }
  return 0;
}

/** Whether a key of a map is what a step asks for. */
function isKey(key: i32, node: i32): bool {
  const kind = load<u8>(key);
  if (load<i32>(node + NODE_KEY_LENGTH) >= 0) {
    return kind === CASE_TEXT && isKeyText(node, pointer(key), load<i32>(key + CONTENT + LIST_COUNT));
  }
  const wanted = load<i64>(node + NODE_KEY);
  if (kind === CASE_DOUBLE) return load<f64>(key + CONTENT) === f64(wanted);
  return (
    (kind === CASE_INT || (kind === CASE_UINT && load<i64>(key + CONTENT) >= 0)) && load<i64>(key + CONTENT) === wanted
  );
}

/** Whether the language can see a key. */
export function isVisible(key: i32): bool {
  const kind = load<u8>(key);
  if (kind === CASE_DOUBLE) {
    const value = load<f64>(key + CONTENT);
    return Math.floor(value) === value && Math.abs(value) !== Infinity;
  }
  return kind === CASE_TEXT || kind === CASE_BOOLEAN || kind === CASE_INT || kind === CASE_UINT;
}

/** The value that a step leads to, or 0 with the code in `fault`. */
export function field(holder: i32, node: i32): i32 {
  fault = holder === 0 ? ERR_UNDECLARED : ERR_NO_SUCH_OVERLOAD;
  if (holder === 0) return 0;
  const v = whole(holder);
  const kind = load<u8>(v);
  const isPosition = load<i32>(node + NODE_KEY_LENGTH) < 0;
  if (kind === CASE_NULL) fault = ERR_NULL_DEREF;
  else if (kind === CASE_MAP) {
    const entries = pointer(v);
    for (let i = 0; i < countOf(v); i++) {
      const entry = entries + i * ENTRY_BYTES;
      if (isKey(valueAt(load<i32>(entry)), node)) return valueAt(load<i32>(entry + REF_BYTES));
    }
    fault = isPart(holder) ? ERR_TRUNCATED : ERR_NO_SUCH_KEY;
  } else if (kind === CASE_OBJECT) {
    fault = ERR_NO_SUCH_FIELD;
    if (isPosition) return 0;
    const found = fieldNamed(load<i32>(v + CONTENT + SECOND_TEXT), countOf(v), node);
    if (found !== 0) return valueAt(load<i32>(found + FIELD_VALUE));
    fault = isPart(holder) ? ERR_TRUNCATED : ERR_NO_SUCH_FIELD;
  } else if (kind === CASE_ITEMS && isPosition) {
    const index = load<i64>(node + NODE_KEY);
    if (index >= 0 && index < countOf(v)) return valueAt(load<i32>(pointer(v) + i32(index) * REF_BYTES));
    fault = index >= 0 && index < trueSize(holder) ? ERR_TRUNCATED : ERR_INDEX;
  }
  return 0;
}
