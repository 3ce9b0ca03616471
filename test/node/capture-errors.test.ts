// Errors: message, own fields, cause, and the parts that the language hides.
import { afterAll, beforeAll, expect, test } from "vitest";
import { captureValue } from "../../bindings/node/capture.ts";

// The test runner installs a formatter of stacks, which is code of the program as far as we know.
const formatter = Object.getOwnPropertyDescriptor(Error, "prepareStackTrace");
beforeAll(() => {
  delete (Error as { prepareStackTrace?: unknown }).prepareStackTrace;
});
afterAll(() => {
  if (formatter !== undefined) Object.defineProperty(Error, "prepareStackTrace", formatter);
});

test("captures class, message, own fields and stack", () => {
  class PaymentError extends Error {
    code = "declined";
  }
  const captured = captureValue(new PaymentError("no funds"));
  expect(captured).toMatchObject({
    type: "error",
    class: "PaymentError",
    value: "no funds",
    fields: [["code", { type: "string", value: "declined" }]],
  });
  expect(captured.stack).toMatch(/^Error: no funds\n {4}at /);
});

test("captures the chain of causes down to the depth limit", () => {
  const chain = [1, 2, 3, 4].reduce<Error | undefined>((cause, i) => new Error(`e${i}`, { cause }), undefined);
  const captured = captureValue(chain);
  expect(captured).toMatchObject({
    value: "e4",
    cause: { value: "e3", cause: { value: "e2", cause: { value: "e1" } } },
  });
  expect(captured.cause!.cause!.cause).toMatchObject({ omitted: "depth", fields: [] });
});

test("ends a chain of causes that bites its own tail", () => {
  const error: Error & { cause?: unknown } = new Error("loop");
  error.cause = error;
  expect(captureValue(error)).toMatchObject({ id: 1, cause: { type: "ref", value: 1 } });
});

test("captures the errors of an AggregateError", () => {
  const captured = captureValue(new AggregateError([new Error("a"), new TypeError("b")], "both"));
  expect(captured.fields).toEqual([["errors", expect.objectContaining({ type: "array" })]]);
  expect(captured.fields![0]![1].items!.map((item) => [item.class, item.value])).toEqual([
    ["Error", "a"],
    ["TypeError", "b"],
  ]);
});

test.each([
  ["without a message", new Error(), ""],
  ["whose message is not text", Object.assign(new Error(), { message: { a: 1 } }), ""],
  ["whose message comes from its class", new (class extends Error {}.prototype.constructor as ErrorConstructor)(), ""],
])("captures an error %s", (_what, error, message) => {
  expect(captureValue(error)).toMatchObject({ type: "error", value: message });
});

test("cuts a long stack text", () => {
  const error = new Error("x");
  Object.defineProperty(error, "stack", { value: "y".repeat(5000) });
  expect(captureValue(error).stack).toBe(`${"y".repeat(2048)}…`);
});
