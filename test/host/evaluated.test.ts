import { describe, expect, it } from "vitest";
import { Guest } from "../../host/guest.ts";
import { COMPILER } from "../../host/install.ts";
import { UNAVAILABLE } from "../../host/placement.ts";
import type { ProbeSpec } from "../../host/protocol.ts";
import { fakeHost, probe, tick } from "./fakes.ts";

const guest = new Guest();

async function installed(spec: Partial<ProbeSpec>) {
  const made = fakeHost({ guest: () => guest, compiler: COMPILER });
  made.host.put(probe(spec));
  await tick();
  return made;
}

describe("with the real compiler and guest, a probe", () => {
  it.each([
    ["x > 10", { x: 11 }, true],
    ["x > 10", { x: 10 }, false],
    ["user.age >= 21 && user.name == 'bob'", { user: { age: 33, name: "bob" } }, true],
    ["user.age >= 21 && user.name == 'bob'", { user: { age: 33, name: "eve" } }, false],
    ["items.exists(i, i.price > 100.0)", { items: [{ price: 1 }, { price: 101 }] }, true],
    ["a < b && b < c && c < d && d < e", { a: 1, b: 2, c: 3, d: 4, e: 5 }, true],
  ])("decides %s on %j", async (condition, values, want) => {
    const { placement, host } = await installed({ condition });
    expect(host.statuses()[0]!.state).toBe("installed");
    expect(placement.hit("p1", values)).toBe(want);
  });

  it("renders a template of other variables than its condition's", async () => {
    const { placement, transport } = await installed({
      kind: "logpoint",
      condition: "total > 100.0",
      template: "cart {{cart.id}} has {{size(cart.items)}}",
    });
    placement.hit("p1", { total: 101, cart: { id: "c7", items: [1, 2] } });
    expect(transport.events).toMatchObject([{ kind: "log", text: "cart c7 has 2" }]);
  });

  it("says that a text was cut", async () => {
    const { placement, transport } = await installed({ kind: "logpoint", template: "{{x}}{{x}}{{x}}" });
    placement.hit("p1", { x: "y".repeat(4000) });
    expect(transport.events[0]!.truncated).toBe(true);
    expect(transport.events[0]!.text).toMatch(/y\.\.\.$/);
  });

  it.each([
    ["user.name == 'bob'", { user: {} }, "no_such_field", "user.name"],
    ["x > 1 && 10 / y > 2", { x: 2, y: 0n }, "divide_by_zero", "10 / y"],
    ["a.b.c > 1", { a: { b: null } }, "null_deref", "a.b"],
    ["z > 1", { z: UNAVAILABLE }, "undeclared", "z"],
  ])("draws the error of %s at its place", async (condition, values, code, place) => {
    const { placement, transport } = await installed({ condition });
    expect(placement.hit("p1", values)).toBe(false);
    const { cause } = transport.events[0]!;
    expect(cause!.code).toBe(code);
    const [line, caret] = cause!.snippet!.split("\n").slice(-2);
    const at = line!.indexOf(place);
    expect(caret!.indexOf("^")).toBeGreaterThanOrEqual(at);
    expect(caret!.lastIndexOf("^")).toBeLessThan(at + place.length);
  });

  it.each([
    ["x >", "syntax"],
    ["x.y.nothing(", "syntax"],
    ["1 + 'a' == 2", "no_such_overload"],
  ])("is refused for %s, with a caret", async (condition, code) => {
    const { host } = await installed({ condition });
    expect(host.statuses()[0]).toMatchObject({ state: "error", cause: { code } });
    expect(host.statuses()[0]!.cause!.snippet).toContain("^");
  });

  it("gives its guest memory back, however often it is put and removed", async () => {
    const before = guest.segmentBytes();
    const { host } = await installed({});
    for (let i = 0; i < 300; i++) {
      host.put(
        probe({ id: "p", kind: "logpoint", condition: `x == 'text ${i % 7}'`, template: "a longer text {{x}}" }),
      );
      host.remove("p");
      if (i % 50 === 0) await tick();
    }
    await tick();
    expect(guest.segmentBytes()).toBe(before);
  });

  it("with a false condition costs well below a microsecond a hit", async () => {
    const { placement } = await installed({ condition: "total > 1e12" });
    const { test } = placement.request("p1")!.handler;
    const rounds = Array.from({ length: 5 }, () => {
      const started = performance.now();
      for (let i = 0; i < 200_000; i++) test(i);
      return ((performance.now() - started) / 200_000) * 1e6;
    });
    expect(Math.min(...rounds)).toBeLessThan(300);
  });
});
