// The contract between the engine, the probe modules and the bindings: tags, codes, layouts, addresses.
// Plain constants only, so that asc, tsc and the generators of the Python and Java constants read the same file.

/** Raised with every change that makes old modules or readers wrong. */
export const ABI_VERSION = 1;

// ## Slot: 16 bytes that hold one value
//
//   0        4        8        12       16
//   +--------+--------+--------+--------+
//   | tag    | length | payload         |
//   +--------+--------+--------+--------+
//
// tag: low byte the type, above it flags. All numbers little-endian; pointers are i32 offsets into the one memory.
//
//   tag              length                 payload
//   NULL             0                      -
//   BOOL             0                      i32 0 or 1 at +8
//   INT, UINT        0                      i64
//   DOUBLE           0                      f64
//   BIG              bytes of text          i32 pointer at +8 to {f64 nearest double, UTF-8 decimal text}
//   STRING, BYTES    bytes held             i32 pointer at +8 (STRING is UTF-8)
//   TIMESTAMP        nanoseconds, 0..1e9-1  i64 seconds since 1970
//   DURATION         0                      i64 nanoseconds
//   LIST             true size              i32 pointer at +8 to slots, i32 count held at +12
//   MAP              true size              i32 pointer at +8 to (key, value) slot pairs, i32 pairs held at +12
//   OBJECT           true number of fields  i32 pointer at +8 to a class-name slot, then (key, value) pairs; i32 pairs at +12
//   ENUM             0                      i32 pointer at +8 to three slots: class name, name, value
//   OPTIONAL         0                      i32 pointer at +8 to a slot, or 0 for none
//   TYPE             bytes of name          i32 pointer at +8
//   OPAQUE           bytes of label         i32 pointer at +8 to the label ("function f"), i32 identity at +12
//   EACH             true size              i32 pointer at +8 to records, i32 records held at +12 (see projection)
//   ZONE             0                      i32 pointer at +8 to a table of zones.ts; an argument that only the compiler makes
//   ERROR            up << 19 | node << 8 | code   - (node 0: written by a reader, the expression that uses the slot adds
//                                           its own; up: how many steps of the path before that node the read failed).
//                                           i32 1 at +8: the path was read, but its value has no size
export const SLOT_BYTES = 16;
export const SLOT_LENGTH = 4;
export const SLOT_PAYLOAD = 8;
export const SLOT_COUNT = 12;

export const TAG_NULL = 1;
export const TAG_BOOL = 2;
export const TAG_INT = 3;
export const TAG_UINT = 4;
export const TAG_DOUBLE = 5;
export const TAG_BIG = 6;
export const TAG_STRING = 7;
export const TAG_BYTES = 8;
export const TAG_TIMESTAMP = 9;
export const TAG_DURATION = 10;
export const TAG_LIST = 11;
export const TAG_MAP = 12;
export const TAG_OBJECT = 13;
export const TAG_ENUM = 14;
export const TAG_OPTIONAL = 15;
export const TAG_TYPE = 16;
export const TAG_OPAQUE = 17;
export const TAG_EACH = 18;
export const TAG_ERROR = 19;
export const TAG_ZONE = 20;

/** The type part of a tag. */
export const TAG_MASK = 0xff;
/** The value was cut: fewer bytes, elements or pairs are held than there are. */
export const FLAG_TRUNCATED = 0x100;
/** A LIST that is a set: its order carries no meaning. */
export const FLAG_SET = 0x200;
/** A TIMESTAMP made from a date-time without a zone. */
export const FLAG_NAIVE = 0x400;

// ## Error codes
//
// A condition inside the guest is an i32: 0 false, 1 true, anything else `up << 19 | node << 8 | code`. Codes therefore start at 2.
// `evaluate` returns 0, 1 or the negated error.
export const ERR_NO_SUCH_OVERLOAD = 2;
export const ERR_NO_SUCH_FIELD = 3;
export const ERR_NO_SUCH_KEY = 4;
export const ERR_INDEX = 5;
export const ERR_NULL_DEREF = 6;
export const ERR_DIVIDE_BY_ZERO = 7;
export const ERR_OVERFLOW = 8;
export const ERR_INVALID_ARGUMENT = 9;
export const ERR_CONVERSION = 10;
export const ERR_NOT_BOOL = 11;
export const ERR_UNDECLARED = 12;
export const ERR_TRUNCATED = 13;
export const ERR_BUDGET = 14;
export const ERR_MEMORY = 15;
export const ERR_REDACTED = 16;
export const ERR_SIDE_EFFECT = 17;
export const ERR_INTERNAL = 18;
/** Node ids, 11 bits, are stored above the code, and above them the steps up the path (see ERROR). */
export const ERR_NODE_SHIFT = 8;
export const ERR_NODE_MASK = 0x7ff;
export const ERR_UP_SHIFT = 19;
export const ERR_CODE_MASK = 0xff;

// ## Comparison operators, as passed to `compare`
export const OP_LT = 0;
export const OP_LE = 1;
export const OP_GT = 2;
export const OP_GE = 3;

// ## Format of a template hole: two words, as passed to `outFormatted`
//
//   style   fill, a code point: 21 bits · align: 2 bits, 0 as the value wants it, 1 left, 2 right, 3 centre ·
//           sign: 2 bits, 0 only minus, 1 plus, 2 a space · zero: 1 bit · group: 2 bits, 0 none, 1 ",", 2 "_"
//   sizes   width: 11 bits · precision + 1: 7 bits, 0 for none · depth: 3 bits · kind: 7 bits, its letter, 0 for none
export const FORMAT_FILL_MASK = 0x1fffff;
export const FORMAT_ALIGN_SHIFT = 21;
export const FORMAT_SIGN_SHIFT = 23;
export const FORMAT_ZERO = 0x2000000;
export const FORMAT_GROUP_SHIFT = 26;
export const FORMAT_WIDTH_MASK = 0x7ff;
export const FORMAT_PRECISION_SHIFT = 11;
export const FORMAT_DEPTH_SHIFT = 18;
export const FORMAT_KIND_SHIFT = 21;

// ## Memory: one per isolate or thread, of fixed size
//
//   0x000000  engine statics (asc places them; they end well below 64 KiB)
//   0x010000  OUT: rendered text
//   0x012000  ARENA: first the input slots of the projection, then what the reader copied, then what the guest allocates
//   0x040000  SEGMENTS: one data segment a probe module, placed by the binding
//   0x200000  end
export const PAGE_BYTES = 65536;
export const MEMORY_PAGES = 32;
export const OUT_BASE = 0x10000;
/** Rendered output, bytes; what is longer ends in "...". */
export const OUT_BYTES = 4096;
export const ARENA_BASE = 0x12000;
export const ARENA_END = 0x40000;
export const SEGMENTS_BASE = 0x40000;
export const SEGMENTS_END = 0x200000;

// ## Token bucket: 32 bytes, kept in the segment of its probe
//
//   0 f64 tokens left   8 f64 time of last refill, ms   16 f64 tokens a millisecond   24 f64 burst, tokens
export const BUCKET_BYTES = 32;
export const BUCKET_LAST = 8;
export const BUCKET_RATE = 16;
export const BUCKET_BURST = 24;

// ## Patterns: data of a module, made from a regular expression when it is compiled
//
// The table of a deterministic automaton, which `matchDfa` runs. A row holds a u16 a class of bytes: the row that follows, as an
// offset from DFA_ROWS, or one of the two that every automaton ends in. A row that is only met inside a character is a list
// instead, because there are many of them and little in each: u8 last byte, u16 row that follows; the list ends with byte 0xff.
//   0 u16 row to start with   2 u16 from this row on, the text may end   4 u16 classes below this one stay in the first row
//   6 u16 from this row on, rows are lists   8 u64[2] the bytes that leave the first row, each eight times, where there are no
//   more than two; else 0   24 u64[2] for each of those what is searched for with it, eight times: itself, or the one byte behind
//   it that does not lead back   40 u16 how far behind it that stands, 0 or 1   42 u8[256] class of each byte   298 rows
export const DFA_START = 0;
export const DFA_ENDS = 2;
export const DFA_STAY = 4;
export const DFA_LISTS = 6;
export const DFA_FIRSTS = 8;
export const DFA_SECONDS = 24;
export const DFA_GAP = 40;
export const DFA_CLASSES = 42;
export const DFA_ROWS = 296;
export const DFA_DEAD = 0;
export const DFA_ACCEPT = 1;
//
// A simulation, which `matchNfa` runs: at most 256 positions, each of which takes one byte. A set of positions has 32 bytes.
//   0 u16 offset of the sets that follow each position   2 u16 offset of the contexts, 0 for none   8 set of positions that match
//   40 set to start with   72 set to start with at every other byte   104 u8[256] class of each byte   360 sets that take each class
//   contexts: u8[256] kind of each class, then the sets that count between two kinds: those before in rows, those behind in columns
export const NFA_FOLLOW = 0;
export const NFA_CONTEXTS = 2;
export const NFA_MATCHES = 8;
export const NFA_FIRST = 40;
export const NFA_AGAIN = 72;
export const NFA_CLASSES = 104;
export const NFA_TAKES = 360;
/** Kinds that stand behind: the edge of the text (0), three of bytes, bytes inside a character, what is cut off. */
export const NFA_KINDS = 6;
