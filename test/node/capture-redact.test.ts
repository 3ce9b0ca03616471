// Names that must not be shown: variables, fields, keys of maps.
import { expect, test } from "vitest";
import { Capturer } from "../../bindings/node/capture.ts";

const capturer = new Capturer({ redact: (name) => name === "password" });
const hidden = { type: "omitted", omitted: "redacted" };

test("hides variables, fields and map values by name", () => {
  const value = { user: "a", password: "b", nested: { password: { deep: 1 } } };
  const { variables } = capturer.captureSnapshot(
    ["password", "value", "map"],
    ["c", value, new Map([["password", 1]])],
  );
  expect(variables[0]).toEqual(["password", hidden]);
  expect(variables[1]![1].fields![1]).toEqual(["password", hidden]);
  expect(variables[1]![1].fields![2]![1].fields).toEqual([["password", hidden]]);
  expect(variables[2]![1].entries).toEqual([[{ type: "string", value: "password" }, hidden]]);
  expect(JSON.stringify(variables)).not.toContain('"b"');
});
