// What the linker of components lays down in the memory beside a probe module, and the layout of WIT values by the canonical ABI.
// Plain constants only, so that asc and tsc read the same file. Addresses are absolute; numbers are i32, little-endian.

// ## Plan: what the module reads, where its errors point, what it may use
export const PLAN_SLOTS = 0;
/** Address of the addresses of the roots. */
export const PLAN_ROOTS = 4;
export const PLAN_ROOT_COUNT = 8;
/** Spans by node id: from, to, operand. */
export const PLAN_SPANS = 12;
export const PLAN_SPAN_COUNT = 16;
export const PLAN_SOURCE_LENGTH = 20;
export const PLAN_STEPS = 24;
export const PLAN_INPUT_BYTES = 28;
export const PLAN_ITEMS = 32;
export const PLAN_STRING_BYTES = 36;
export const PLAN_ARENA_END = 40;
/** First byte behind the plan: what the caller passes and receives lies from here on. */
export const PLAN_HEAP = 44;
export const PLAN_BYTES = 48;

export const SPAN_TO = 4;
export const SPAN_OPERAND = 8;
export const SPAN_BYTES = 12;

// ## Step of a path (PathNode of conditions/stages.ts)
/** i64: address of the key's text, or the position itself. */
export const NODE_KEY = 0;
/** Bytes of the key's text, -1 for a position. */
export const NODE_KEY_LENGTH = 8;
/** -1 for none. */
export const NODE_SLOT = 12;
export const NODE_WANT = 16;
export const NODE_DEPTH = 20;
export const NODE_CAP = 24;
export const NODE_ALIAS = 28;
/** Addresses of records, 0 for none. */
export const NODE_EACH = 32;
export const NODE_PAIRS = 36;
/** Address of the addresses of the fields. */
export const NODE_FIELDS = 40;
export const NODE_FIELD_COUNT = 44;
/** The same of the keys of which it is asked whether they are in the value; each has a key and a slot only. */
export const NODE_MEMBERS = 48;
export const NODE_MEMBER_COUNT = 52;
export const NODE_BYTES = 56;

export const WANT_PRESENCE = 0;
export const WANT_SIZE = 1;
export const WANT_SCALAR = 2;
export const WANT_DEEP = 3;

/** Records of a collection (EachNode). */
export const EACH_SLOT = 0;
export const EACH_SLOTS = 4;
export const EACH_ELEMENT = 8;
export const EACH_BYTES = 12;

// ## Value: the variant of engine/wit/probe.wit, its case in the first byte, what it holds from CONTENT on
export const VALUE_BYTES = 32;
export const CONTENT = 8;
export const CASE_NULL = 0;
export const CASE_BOOLEAN = 1;
export const CASE_INT = 2;
export const CASE_UINT = 3;
export const CASE_DOUBLE = 4;
export const CASE_BIG = 5;
export const CASE_TEXT = 6;
export const CASE_BINARY = 7;
export const CASE_TIMESTAMP = 8;
export const CASE_DURATION = 9;
export const CASE_ITEMS = 10;
export const CASE_SET = 11;
export const CASE_MAP = 12;
export const CASE_OBJECT = 13;
export const CASE_ENUMERATION = 14;
export const CASE_OPTIONAL = 15;
export const CASE_TYPE = 16;
export const CASE_OPAQUE = 17;
export const CASE_ERROR = 18;
export const CASE_PARTIAL = 19;

/** Lists and texts are a pointer and a count. */
export const LIST_COUNT = 4;
export const REF_BYTES = 4;
/** tuple<ref, ref> */
export const ENTRY_BYTES = 8;
/** tuple<string, ref>, and the record `variable`: text, then the ref. */
export const FIELD_BYTES = 12;
export const FIELD_VALUE = 8;
/** `instance` and `enumerator`: the class, then fields, or name and value. */
export const SECOND_TEXT = 8;
export const ENUM_VALUE = 16;
export const INSTANT_NANOSECONDS = 8;
export const INSTANT_NAIVE = 12;
export const OPTION_VALUE = 4;
export const THING_IDENTITY = 8;
export const PART_SIZE = 4;

// ## Results
/** `failure` within a result: code, from, to. */
export const OUTCOME = 4;
export const FAILURE_FROM = 8;
export const FAILURE_TO = 12;
export const RESULT_STEPS = 16;
export const RESULT_BYTES = 24;
export const RENDERING_CUT = 8;
export const RENDERING_STEPS = 12;
