// Reads WIT values into the slots that a module wants, by its plan: the work of host/reader.ts for values that are data from the
// start. Never traps, but for a caller that leaves no memory.
import {
  ARENA_BASE,
  ERR_NO_SUCH_FIELD,
  ERR_NO_SUCH_KEY,
  ERR_NO_SUCH_OVERLOAD,
  ERR_NULL_DEREF,
  ERR_UNDECLARED,
  FLAG_SET,
  FLAG_TRUNCATED,
  SLOT_BYTES,
  TAG_BOOL,
  TAG_EACH,
  TAG_ERROR,
  TAG_INT,
  TAG_NULL,
  TAG_STRING,
} from "../abi.ts";
import { plan, take } from "./heap.ts";
import {
  CASE_ITEMS,
  CASE_MAP,
  CASE_NULL,
  CASE_OBJECT,
  CASE_SET,
  CASE_TEXT,
  CONTENT,
  EACH_ELEMENT,
  EACH_SLOT,
  EACH_SLOTS,
  ENTRY_BYTES,
  FIELD_BYTES,
  FIELD_VALUE,
  LIST_COUNT,
  NODE_ALIAS,
  NODE_CAP,
  NODE_DEPTH,
  NODE_EACH,
  NODE_FIELD_COUNT,
  NODE_FIELDS,
  NODE_MEMBER_COUNT,
  NODE_MEMBERS,
  NODE_PAIRS,
  NODE_SLOT,
  NODE_WANT,
  PLAN_ROOT_COUNT,
  PLAN_ROOTS,
  REF_BYTES,
  SECOND_TEXT,
  VALUE_BYTES,
  WANT_DEEP,
  WANT_PRESENCE,
  WANT_SIZE,
} from "./layout.ts";
import {
  blame,
  countOf,
  fault,
  field,
  fieldNamed,
  isPart,
  isVisible,
  kindOf,
  openValues,
  pointer,
  trueSize,
  valueAt,
  whole,
} from "./values.ts";
import {
  alloc,
  held,
  items,
  openArena,
  put,
  putError,
  putSize,
  putText,
  putUnusable,
  putValue,
  putWide,
  stringBytes,
  top,
} from "./writer.ts";

/** Fills the input slots; gives the first free address of the arena. */
export function readInput(values: i32, valueCount: i32, variables: i32, variableCount: i32): i32 {
  openValues(values, valueCount);
  openArena();
  const roots = load<i32>(plan + PLAN_ROOTS);
  for (let i = 0; i < load<i32>(plan + PLAN_ROOT_COUNT); i++) {
    const node = load<i32>(roots + 4 * i);
    const found = fieldNamed(variables, variableCount, node);
    use(node, found === 0 ? 0 : valueAt(load<i32>(found + FIELD_VALUE)), ARENA_BASE, true);
  }
  return top;
}

function slotAt(node: i32, base: i32): i32 {
  return base + load<i32>(node + NODE_SLOT) * SLOT_BYTES;
}

function hasSlot(node: i32): bool {
  return load<i32>(node + NODE_SLOT) >= 0;
}

/** Writes what a step wants of its value, then goes on to what lies below. `own`: its slot is not written yet. */
function use(node: i32, handle: i32, base: i32, own: bool): void {
  if (own && hasSlot(node)) {
    const slot = slotAt(node, base);
    const want = load<i32>(node + NODE_WANT);
    if (want === WANT_PRESENCE && handle === 0) putError(slot, ERR_UNDECLARED, 0);
    else if (want === WANT_PRESENCE) put(slot, TAG_NULL, 0, 0, 0);
    else if (want === WANT_SIZE) putSize(slot, handle);
    else putValue(slot, handle, want === WANT_DEEP ? load<i32>(node + NODE_DEPTH) : 0, load<i32>(node + NODE_CAP));
  }
  const each = load<i32>(node + NODE_EACH);
  if (each !== 0) useEach(each, handle, base, false);
  const pairs = load<i32>(node + NODE_PAIRS);
  if (pairs !== 0) useEach(pairs, handle, base, true);
  const members = load<i32>(node + NODE_MEMBERS);
  for (let i = 0; i < load<i32>(node + NODE_MEMBER_COUNT); i++) useMember(load<i32>(members + 4 * i), handle, base);
  const fields = load<i32>(node + NODE_FIELDS);
  for (let i = 0; i < load<i32>(node + NODE_FIELD_COUNT); i++) useField(load<i32>(fields + 4 * i), handle, base);
}

/** Whether a map or object has a key: an answer of its own (MemberNode). Of anything else one level of its content. */
function useMember(node: i32, handle: i32, base: i32): void {
  const slot = slotAt(node, base);
  const kind = handle === 0 ? CASE_NULL : kindOf(handle);
  if ((kind === CASE_MAP || kind === CASE_OBJECT) && !isPart(handle)) {
    put(slot, TAG_BOOL | FLAG_SET, 0, i32(field(handle, node) !== 0), 0);
  } else putValue(slot, handle, 1, stringBytes);
}

function useField(node: i32, holder: i32, base: i32): void {
  const alias = load<i32>(node + NODE_ALIAS) !== 0;
  const value = field(holder, node);
  if (alias && hasSlot(node)) {
    // A field of the name `length`, else the size.
    if (value !== 0) putValue(slotAt(node, base), value, 0, stringBytes);
    else if (fault === ERR_NULL_DEREF) putError(slotAt(node, base), fault, 0);
    else if (fault === ERR_UNDECLARED) putError(slotAt(node, base), fault, 1);
    else {
      const why = fault;
      putSize(slotAt(node, base), holder);
      blame(why);
    }
  }
  if (value !== 0) return use(node, value, base, !alias);
  // Without such a field `length` is a number, so that it is the next step that fails.
  if (alias && (fault === ERR_NO_SUCH_FIELD || fault === ERR_NO_SUCH_KEY)) blame(ERR_NO_SUCH_OVERLOAD);
  // Of a variable that is not there the variable is to blame, which is one step up from its first field.
  failBelow(node, base, fault, fault === ERR_UNDECLARED ? 1 : 0, alias ? -1 : 0, !alias);
}

/** An error at a step fails all slots below it; `up` is how far below, and `more` is added to it. */
function failBelow(node: i32, base: i32, code: i32, more: i32, up: i32, own: bool): void {
  const by = max(0, up) + more;
  if (own && hasSlot(node)) putError(slotAt(node, base), code, by);
  const each = load<i32>(node + NODE_EACH);
  if (each !== 0) putError(base + load<i32>(each + EACH_SLOT) * SLOT_BYTES, code, by);
  const pairs = load<i32>(node + NODE_PAIRS);
  if (pairs !== 0) putError(base + load<i32>(pairs + EACH_SLOT) * SLOT_BYTES, code, by);
  const members = load<i32>(node + NODE_MEMBERS);
  for (let i = 0; i < load<i32>(node + NODE_MEMBER_COUNT); i++) {
    putError(slotAt(load<i32>(members + 4 * i), base), code, by);
  }
  const fields = load<i32>(node + NODE_FIELDS);
  for (let i = 0; i < load<i32>(node + NODE_FIELD_COUNT); i++) {
    failBelow(load<i32>(fields + 4 * i), base, code, more, up + 1, true);
  }
}

/** Writes the records of a collection: elements, or keys; `keyed`: index or key first, then what is read of element or value. */
function useEach(each: i32, handle: i32, base: i32, keyed: bool): void {
  const slot = base + load<i32>(each + EACH_SLOT) * SLOT_BYTES;
  const kind = handle === 0 ? CASE_NULL : kindOf(handle);
  if (kind !== CASE_ITEMS && kind !== CASE_MAP && kind !== CASE_OBJECT && (kind !== CASE_SET || keyed)) {
    putSize(slot, handle);
    // A text has a size and is no collection all the same, nor are bytes.
    if (load<u8>(slot) !== TAG_ERROR || kind === CASE_TEXT) putUnusable(slot);
    return;
  }
  const v = whole(handle);
  const slots = load<i32>(each + EACH_SLOTS);
  const element = load<i32>(each + EACH_ELEMENT);
  const total = countOf(v);
  const size = trueSize(handle);
  const stride = slots * SLOT_BYTES;
  // Without slots each record takes none.
  const room = stride === 0 ? min(total, items) : held(total, stride, 1);
  const at = alloc(room * stride);
  let count = 0;
  let seen = 0;
  for (; seen < total && count < room; seen++) {
    const record = at + count * stride;
    if (kind === CASE_ITEMS || kind === CASE_SET) {
      if (keyed) putWide(record, TAG_INT, 0, seen);
      use(element, valueAt(load<i32>(pointer(v) + seen * REF_BYTES)), record, true);
    } else if (kind === CASE_MAP) {
      const entry = pointer(v) + seen * ENTRY_BYTES;
      const key = valueAt(load<i32>(entry));
      if (!isVisible(key)) continue;
      if (keyed) putValue(record, key, 0, stringBytes);
      use(element, keyed ? valueAt(load<i32>(entry + REF_BYTES)) : key, record, true);
    } else {
      const from = load<i32>(v + CONTENT + SECOND_TEXT) + seen * FIELD_BYTES;
      if (keyed) putText(record, TAG_STRING, load<i32>(from), load<i32>(from + LIST_COUNT), stringBytes, false);
      use(element, keyed ? valueAt(load<i32>(from + FIELD_VALUE)) : textValue(from), record, true);
    }
    count++;
  }
  put(slot, seen < size ? TAG_EACH | FLAG_TRUNCATED : TAG_EACH, size, at, count);
}

/** The name of a field as a value. */
function textValue(field: i32): i32 {
  const v = take(VALUE_BYTES);
  store<u8>(v, CASE_TEXT);
  store<i64>(v + CONTENT, load<i64>(field));
  return v;
}
