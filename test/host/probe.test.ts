import { describe, expect, it } from "vitest";
import { stateCause } from "../../host/causes.ts";
import { Probe, type Signal, TRANSITIONS } from "../../host/probe.ts";
import type { ProbeState } from "../../host/protocol.ts";
import { probe } from "./fakes.ts";

const STATES = Object.keys(TRANSITIONS) as ProbeState[];
const SIGNALS: Signal[] = [
  "receive",
  "pend",
  "install",
  "fire",
  "disable",
  "fail",
  "mark",
  "recover",
  "expire",
  "remove",
];

describe("the life of a probe", () => {
  it.each<[string, Signal[], ProbeState, boolean]>([
    ["starts as received", [], "received", true],
    ["waits for its script", ["pend"], "pending", true],
    ["is installed when the script loads", ["pend", "install"], "installed", true],
    ["emits from its first event on", ["install", "fire"], "emitting", true],
    ["goes on emitting when a better engine takes over", ["install", "fire", "install"], "emitting", true],
    ["waits again when its script goes", ["install", "fire", "pend"], "pending", true],
    ["is closed while disabled", ["install", "disable"], "disabled", false],
    ["stays disabled whatever the placement says", ["install", "disable", "install", "fire"], "disabled", false],
    ["starts anew when enabled", ["install", "disable", "receive", "install"], "installed", true],
    ["fails", ["fail"], "error", false],
    ["stays failed whatever the placement says", ["fail", "install", "fire"], "error", false],
    ["can be tried again", ["fail", "receive"], "received", true],
    ["stays open when marked as erring", ["install", "mark"], "error", true],
    ["stays marked when a better engine takes over", ["install", "mark", "install"], "error", true],
    ["recovers from a mark", ["install", "mark", "recover"], "installed", true],
    ["does not recover from a failure", ["install", "fail", "recover"], "error", false],
    ["expires", ["install", "expire"], "expired", false],
    ["expires while disabled", ["disable", "expire"], "expired", false],
    ["is over when expired", ["expire", "receive", "install", "fire", "disable", "fail"], "expired", false],
    ["is gone when removed", ["remove", "receive", "install", "disable", "expire"], "removed", false],
  ])("%s", (_name, signals, state, open) => {
    const one = new Probe(probe());
    for (const signal of signals) one.apply(signal);
    expect([one.state, one.open]).toEqual([state, open]);
  });

  it.each(STATES.filter((state) => state !== "removed"))("can be removed from %s", (state) => {
    expect(TRANSITIONS[state].remove).toBe("removed");
  });

  it.each(STATES)("gives %s a cause that a person can act on", (state) => {
    const { code, message, remedy } = stateCause(state);
    expect(code).toMatch(/^[a-z_]+$/);
    expect(message).toMatch(/\.$/);
    expect(remedy).toMatch(/\.$/);
  });

  it("tells a change of state or cause from a repetition", () => {
    const one = new Probe(probe());
    expect(one.apply("install")).toBe(true);
    expect(one.apply("install")).toBe(false);
    const why = { code: "x", message: "y", remedy: "z" };
    expect(one.apply("fail", why)).toBe(true);
    expect(one.apply("fail", why)).toBe(false);
    expect(one.apply("fail", { ...why, message: "other" })).toBe(true);
  });

  it("never opens again once the hit limit is reached", () => {
    for (const signal of SIGNALS) {
      const one = new Probe(probe({ hitLimit: 1 }));
      one.apply("install");
      one.fired = 1;
      one.open = false;
      one.apply(signal);
      expect([signal, one.open && !one.marked]).toEqual([signal, false]);
    }
  });

  it("sums its counts to the number of hits", () => {
    const one = new Probe(probe());
    Object.assign(one, { notDue: 1, conditionFalse: 2, conditionError: 4, rateLimited: 8, fired: 16, dropped: 3 });
    expect(one.counts()).toEqual({
      reached: 31,
      notDue: 1,
      conditionFalse: 2,
      conditionError: 4,
      rateLimited: 8,
      fired: 16,
      dropped: 3,
    });
  });
});
