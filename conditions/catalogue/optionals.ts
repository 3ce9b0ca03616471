// Optional values of CEL: making, opening and replacing them. The syntax `a.?b` and the macros on them are the emitter's.
import * as abi from "../../engine/abi.ts";
import type { Expr } from "../ast.ts";
import { call } from "../emitter.ts";
import { constantSlot } from "../values.ts";
import { OP } from "../wasm.ts";
import { type Catalogue, define } from "./definition.ts";

const of = define({ name: "optional.of", result: "optional", needs: ["same"], engine: "optionalOf" });

const ofNonZeroValue = define({
  name: "optional.ofNonZeroValue",
  result: "optional",
  needs: ["value"],
  engine: "optionalNonZero",
});

const none = define({
  name: "optional.none",
  min: 0,
  result: "optional",
  engine: null,
  cost: 0,
  emit: (e) => constantSlot(e, abi.TAG_OPTIONAL, () => {}),
});

const value = define({ name: "value", result: "dyn", needs: ["same"], engine: "optionalValue" });

const hasValue = define({ name: "hasValue", result: "bool", answer: "condition", needs: ["presence"] });

/** The other value is not computed where it is not needed. */
const orValue = define({
  name: "orValue",
  min: 2,
  result: "dyn",
  needs: ["value", "same"],
  engine: null,
  emit: (e, expr, [optional, other]) => {
    const held = e.code.local();
    e.slot(optional as Expr);
    e.code.i32(expr.id);
    call(e, "unwrap");
    e.code.tee(held).op(OP.i32Eqz).open(OP.if);
    e.slot(other as Expr);
    e.code.op(OP.else).get(held).op(OP.end);
  },
});

const or = define({
  name: "or",
  min: 2,
  result: "optional",
  needs: ["value", "same"],
  engine: null,
  emit: (e, expr, [optional, other]) => {
    const { code } = e;
    const first = code.local();
    e.slot(optional as Expr);
    code.i32(expr.id);
    call(e, "asOptional");
    // An error has no pointer, but it is no optional either: both are told by the tag and the pointer.
    code.tee(first).load(0).i32(abi.TAG_OPTIONAL).op(OP.i32Eq);
    code.get(first).load(abi.SLOT_PAYLOAD).op(OP.i32Eqz, OP.i32And).open(OP.if);
    e.slot(other as Expr);
    code.i32(expr.id);
    call(e, "asOptional");
    code.op(OP.else).get(first).op(OP.end);
  },
});

export const OPTIONALS: Catalogue = {
  members: { "optional.of": of, "optional.ofNonZeroValue": ofNonZeroValue, "optional.none": none },
  methods: { value, hasValue, orValue, or },
};
