import { describe, expect, it } from "vitest";
import { CompileError, compileCondition, compileTemplate, compileValue } from "../../conditions/index.ts";
import { Guest } from "../../host/guest.ts";
import { COMPILER } from "../../host/install.ts";
import type { ProbeSpec } from "../../host/protocol.ts";
import type { Surroundings } from "../../host/specials.ts";
import { fakeHost, probe, tick } from "./fakes.ts";

const guest = new Guest();
const surroundings: Surroundings = {
  threadName: "worker 3",
  threadId: 3,
  trace: () => ({ traceId: "t1", spanId: null }),
};

async function installed(spec: Partial<ProbeSpec>, changes: Partial<Surroundings> = {}) {
  const made = fakeHost({ guest: () => guest, compiler: COMPILER, surroundings: { ...surroundings, ...changes } });
  made.host.put(probe(spec));
  await tick();
  return made;
}

describe("a special identifier", () => {
  it.each([
    ["@thread == 'worker 3' && @threadId == 3", true],
    ["@file.endsWith('cart.js') && @line == 43", true],
    ["@method == 'add' && @class == 'Cart'", true],
    ["@traceId == 't1' && @spanId == null", true],
    ["@now != null && @hits == 0", true],
    ["@args.x == 1.0 && 'x' in @args && !has(@args.y)", true],
    ["@this.total > 5.0 && this.total == @this.total", true],
  ])("has its value: %s", async (condition, want) => {
    const { placement, host } = await installed({ condition });
    expect(host.statuses()[0]).toMatchObject({ state: "installed" });
    expect(placement.hit("p1", { "@args": { x: 1 }, this: { total: 7 } })).toBe(want);
  });

  it("asks the binding only for variables of the program", async () => {
    const { placement } = await installed({
      kind: "logpoint",
      condition: "@hits > 0 && x > 1 && @now != null && @args.y == 2",
      template: "{{@hits}} {{y}} {{@this}}",
    });
    expect(placement.request("p1")).toMatchObject({ testNames: ["x", "@args"], captureNames: ["y", "this"] });
  });

  it("counts the hits before this one, in the condition and in the template", async () => {
    const { placement, transport } = await installed({
      kind: "logpoint",
      condition: "@hits % 3 == 2",
      template: "hit {{@hits}} x {{x}}",
    });
    for (let i = 0; i < 9; i++) placement.hit("p1", { x: i });
    expect(transport.events.map(({ text }) => text)).toEqual(["hit 2 x 2", "hit 5 x 5", "hit 8 x 8"]);
  });

  it("gives one moment a hit", async () => {
    const { placement, transport, clock } = await installed({
      kind: "logpoint",
      condition: "@now > x",
      template: "{{@now}} {{@now == x}}",
    });
    const first = clock.nowMs;
    placement.hit("p1", { x: new Date(0) });
    clock.advance(1500);
    placement.hit("p1", { x: new Date(0) });
    expect(transport.events.map(({ text }) => text)).toEqual([
      `${new Date(first).toISOString().replace(".000Z", "Z")} false`,
      `${new Date(first + 1500).toISOString().replace("00Z", "Z")} false`,
    ]);
  });

  it.each<[string, Surroundings["trace"]]>([
    ["none", null],
    ["other types", () => ({ traceId: 7, spanId: {} }) as never],
    [
      "an error",
      () => {
        throw new Error("no");
      },
    ],
  ])("is null where the trace is %s", async (_, trace) => {
    const { placement, transport } = await installed(
      { kind: "logpoint", template: "{{@traceId}}/{{@spanId}}" },
      { trace },
    );
    placement.hit("p1");
    expect(transport.events[0]?.text).toBe("null/null");
  });
});

describe("what is no special identifier here", () => {
  it.each(["@return > 1", "x || @exception != null", "@duration > x"])(
    "%s is refused at a line, with its place",
    async (condition) => {
      const { host } = await installed({ condition });
      expect(host.statuses()[0]).toMatchObject({ state: "error", cause: { code: "wrong_place" } });
      expect(() => compileTemplate(`a {{${condition}}}`, { place: "line" })).toThrow(
        expect.objectContaining({ code: "wrong_place" }),
      );
    },
  );

  it("exists at the exit of a method, and where the place is not known", () => {
    expect(compileCondition("@return > 1", { place: "exit" }).projection.roots).toMatchObject([{ key: "@return" }]);
    expect(compileCondition("@exception == null").projection.roots).toMatchObject([{ key: "@exception" }]);
  });

  it("is named, with those that exist", () => {
    try {
      compileCondition("x > 1 && @foo == 2");
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(CompileError);
      expect(error).toMatchObject({
        code: "undeclared",
        message: "there is no special identifier `@foo`",
        span: { from: 9, to: 13 },
        remedy: expect.stringContaining("@hits, @thread"),
      });
    }
    expect(compileValue("@foo == 2").projection.roots).toMatchObject([{ key: "@foo" }]);
  });
});
