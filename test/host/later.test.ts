// What hits put off: nothing is sent within a hit, order holds, and neither memory nor a turn of the event loop is taken without bound.
import { describe, expect, it } from "vitest";
import { Fence } from "../../host/fence.ts";
import { Later, type Outgoing } from "../../host/later.ts";
import { HOST_LIMITS } from "../../host/limits.ts";
import { FakeClock } from "./fakes.ts";

function set(costMs = 0) {
  const clock = new FakeClock();
  const told: string[] = [];
  const later = new Later(clock, new Fence(), ({ event }) => {
    clock.nowMs += costMs;
    told.push(event.eventId);
  });
  const send = (eventId: string) => later.send({ event: { eventId } } as Outgoing);
  return { clock, told, later, send };
}

const names = (count: number, from = 0) => Array.from({ length: count }, (_, i) => String(from + i));

describe("an event of a hit", () => {
  it("is not sent before the program's stack is gone", () => {
    const { clock, told, send } = set();
    send("a");
    send("b");
    expect(told).toEqual([]);
    clock.settle();
    expect(told).toEqual(["a", "b"]);
  });

  it("waits for the next turn when the slice of this one is over", () => {
    const { clock, told, send } = set(HOST_LIMITS.sendSliceMs / 2);
    for (const name of names(5)) send(name);
    clock.settle();
    expect(told).toEqual(names(2));
    clock.settle();
    expect(told).toEqual(names(4));
    clock.settle();
    expect(told).toEqual(names(5));
    clock.settle();
    expect(told).toEqual(names(5));
  });

  it("makes room in a full queue by sending the oldest one, and no more", () => {
    const { clock, told, send } = set();
    for (const name of names(HOST_LIMITS.heldEvents + 3)) send(name);
    expect(told).toEqual(names(3));
    clock.settle();
    expect(told).toEqual(names(HOST_LIMITS.heldEvents + 3));
  });

  it("is sent at once when everything has to go", () => {
    const { clock, told, later, send } = set(1000);
    for (const name of names(9)) send(name);
    later.settle();
    expect(told).toEqual(names(9));
    clock.settle();
    expect(told).toEqual(names(9));
  });

  it("asks nothing of a method or setter that the program has put on arrays", () => {
    const { clock, told, later, send } = set();
    const { push } = Array.prototype;
    let ran = 0;
    // The clock of this test is told of the next turn once.
    send("x");
    Object.defineProperty(Array.prototype, "3", { configurable: true, set: () => void ran++ });
    Array.prototype.push = function (...values) {
      ran++;
      return push.apply(this, values);
    };
    try {
      for (let i = 0; i < 5; i++) send("x");
      later.note(() => {});
    } finally {
      Array.prototype.push = push;
      delete (Array.prototype as unknown as Record<string, unknown>)[3];
    }
    expect(ran).toBe(0);
    clock.settle();
    expect(told).toHaveLength(6);
  });
});

describe("work that a hit asks for", () => {
  it("is done after the events so far, however many turns they take", () => {
    const { clock, told, later, send } = set(HOST_LIMITS.sendSliceMs);
    for (const name of names(3)) send(name);
    later.note(() => told.push("work"));
    for (let turn = 0; turn < 3; turn++) clock.settle();
    expect(told).toEqual([...names(3), "work"]);
  });

  it("may fail without harm to the rest", () => {
    const { clock, told, later } = set();
    later.note(() => {
      throw new Error("ours");
    });
    later.note(() => told.push("second"));
    clock.settle();
    expect(told).toEqual(["second"]);
  });
});
