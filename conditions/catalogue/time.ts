// Timestamps and durations: their conversions, whose literal texts become constants, and the parts of them.
import * as abi from "../../engine/abi.ts";
import type { Call, Expr } from "../ast.ts";
import { constant, type Emitter, emitOperation } from "../emitter.ts";
import { parseDuration, parseTimestamp } from "../instants.ts";
import { constantSlot } from "../values.ts";
import { zoneTable } from "../zones.ts";
import {
  type Catalogue,
  type Definition,
  define,
  type Refuse,
  type StaticType,
  TEXT_STEPS,
  type TypeOf,
} from "./definition.ts";

const textOf = (expr: Expr | undefined): string | null =>
  expr?.kind === "literal" && expr.value.type === "string" ? expr.value.value : null;

const quoted = (text: string): string => `\`${text.length > 40 ? `${text.slice(0, 40)}...` : text}\``;

const timestamp: Definition = define({
  name: "timestamp",
  result: "timestamp",
  engine: "toTimestamp",
  cost: TEXT_STEPS + 2,
  verify: (_call, [operand], refuse, typeOf) => {
    const text = textOf(operand);
    if (text === null)
      return refuseOther("timestamp", operand as Expr, ["string", "int", "double", "timestamp"], refuse, typeOf);
    const value = parseTimestamp(text);
    if (value === "conversion") {
      const remedy = "Write it as in `2024-05-17T13:45:30.5Z` or `2024-05-17T15:45:30+02:00`.";
      refuse(value, operand as Expr, `${quoted(text)} is no RFC 3339 timestamp`, remedy);
    } else if (value === "overflow") {
      refuse(
        value,
        operand as Expr,
        `${quoted(text)} is out of range`,
        "Timestamps go from year 1 to year 9999, in UTC.",
      );
    }
  },
  emit: (e, expr, operands) => {
    const text = textOf(operands[0]);
    const value = text === null ? null : parseTimestamp(text);
    if (value === null || typeof value === "string") return plain(e, expr, timestamp, operands);
    constantSlot(e, abi.TAG_TIMESTAMP, (view) => {
      view.setInt32(abi.SLOT_LENGTH, value.nanos, true);
      view.setBigInt64(abi.SLOT_PAYLOAD, value.seconds, true);
    });
  },
});

const duration: Definition = define({
  name: "duration",
  result: "duration",
  engine: "toDuration",
  cost: 4 * TEXT_STEPS + 2,
  verify: (_call, [operand], refuse, typeOf) => {
    const text = textOf(operand);
    if (text === null) return refuseOther("duration", operand as Expr, ["string", "duration"], refuse, typeOf);
    const value = parseDuration(text);
    if (value === "conversion") {
      const remedy = "Write numbers with the units `h m s ms us ns`, as in `1h34m5.5s`.";
      refuse(value, operand as Expr, `${quoted(text)} is no duration`, remedy);
    } else if (value === "overflow") {
      refuse(
        value,
        operand as Expr,
        `${quoted(text)} is out of range`,
        "Durations go up to about 292 years, 2562047h.",
      );
    }
  },
  emit: (e, expr, operands) => {
    const text = textOf(operands[0]);
    const value = text === null ? null : parseDuration(text);
    if (typeof value !== "bigint") return plain(e, expr, duration, operands);
    constantSlot(e, abi.TAG_DURATION, (view) => view.setBigInt64(abi.SLOT_PAYLOAD, value, true));
  },
});

/** The call of the engine that a definition stands for, without its own `emit`. */
function plain(e: Emitter, expr: Expr, definition: Definition, operands: readonly Expr[]): void {
  const { emit: _, ...rest } = definition;
  emitOperation(e, expr, { definition: rest, operands });
}

/** An operand of a type that the function never takes. */
function refuseOther(name: string, operand: Expr, taken: readonly StaticType[], refuse: Refuse, typeOf: TypeOf): void {
  const type = typeOf(operand);
  if (type === "dyn" || taken.includes(type)) return;
  const remedy =
    name === "duration"
      ? 'Write the unit in a text, as in `duration("5s")`.'
      : 'Write a text, as in `timestamp("2024-05-17T13:45:30Z")`, or seconds since 1970.';
  refuse("no_such_overload", operand, `\`${name}\` has no meaning for ${type}`, remedy);
}

/** Steps of a search in a zone's table, of reading an offset, and of the result. */
const PART_STEPS = 4;

/** The parts in the order of engine/getters.ts; a duration has the last four. */
const PARTS =
  "getFullYear getMonth getDayOfYear getDayOfMonth getDate getDayOfWeek getHours getMinutes getSeconds getMilliseconds".split(
    " ",
  );
const FIRST_OF_DURATION = PARTS.indexOf("getHours");

const getters = PARTS.map((name, variant): [string, Definition] => {
  const definition: Definition = define({
    name,
    max: 2,
    result: "int",
    engine: "timePart",
    variant,
    cost: PART_STEPS,
    verify: (call, operands, refuse, typeOf) => verifyGetter(call, operands, variant, refuse, typeOf),
    emit: (e, expr, operands) => {
      const [time, zone] = operands as [Expr, Expr?];
      const name = textOf(zone);
      const table = name === null ? null : zoneTable(name);
      if (name === null || table === null) return plain(e, expr, definition, operands);
      e.slot(time);
      constant(e, e.constants.textSlot(abi.TAG_ZONE, table, name));
      e.code.i32(variant).i32(expr.id);
      e.code.call(e.imports.index("timePart"));
    },
  });
  return [name, definition];
});

function verifyGetter(call: Call, operands: readonly Expr[], variant: number, refuse: Refuse, typeOf: TypeOf): void {
  const [time, zone] = operands as [Expr, Expr?];
  const type = typeOf(time);
  const ofDuration = type === "duration" && variant >= FIRST_OF_DURATION;
  if (type !== "dyn" && type !== "timestamp" && !ofDuration) {
    const remedy =
      type === "duration"
        ? `A duration has ${PARTS.slice(FIRST_OF_DURATION).join(", ")}.`
        : `Convert first, as in \`timestamp(x).${call.name}()\`.`;
    return refuse("no_such_overload", call.nameSpan, `${type} has no \`${call.name}\``, remedy);
  }
  if (zone === undefined) return;
  if (ofDuration) {
    return refuse("no_such_overload", zone, "a duration has no time zone", `Write \`${call.name}()\`.`);
  }
  const zoneType = typeOf(zone);
  if (zoneType !== "dyn" && zoneType !== "string") {
    return refuse("no_such_overload", zone, `a time zone is a text, not ${zoneType}`, ZONE_REMEDY);
  }
  const name = textOf(zone);
  if (name !== null && zoneTable(name) === null) {
    refuse("invalid_argument", zone, `there is no time zone ${quoted(name)}`, ZONE_REMEDY);
  }
}

const ZONE_REMEDY = 'Write a name such as `"Europe/Berlin"` or `"UTC"`, or an offset such as `"+02:00"`.';

export const TIME: Catalogue = { functions: { timestamp, duration }, methods: Object.fromEntries(getters) };
