// CEL's encoders extension, and `bytes`: bytes as texts and texts as bytes.
import { type Catalogue, define, TEXT_STEPS } from "./definition.ts";

const toBytes = define({ name: "bytes", result: "bytes", engine: "toBytes" });
const encode = define({
  name: "base64.encode",
  result: "string",
  engine: "base64Encode",
  cost: 2 + 2 * TEXT_STEPS,
});
const decode = define({
  name: "base64.decode",
  result: "bytes",
  engine: "base64Decode",
  cost: 2 + 2 * TEXT_STEPS,
});

export const ENCODERS: Catalogue = {
  functions: { bytes: toBytes },
  members: { "base64.encode": encode, "base64.decode": decode },
};
