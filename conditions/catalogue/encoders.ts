// CEL's encoders extension, and `bytes`: bytes as texts and texts as bytes.
import { type Catalogue, define } from "./definition.ts";

const toBytes = define({ name: "bytes", result: "bytes", engine: "toBytes" });
const encode = define({
  name: "base64.encode",
  result: "string",
  engine: "base64Encode",
  cost: (_, bytes) => 2 + bytes / 8,
});
const decode = define({
  name: "base64.decode",
  result: "bytes",
  engine: "base64Decode",
  cost: (_, bytes) => 2 + bytes / 8,
});

export const ENCODERS: Catalogue = {
  functions: { bytes: toBytes },
  members: { "base64.encode": encode, "base64.decode": decode },
};
