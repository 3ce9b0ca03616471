import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { start, status, stop } from "../../bindings/node/index.ts";
import type { Placement } from "../../host/placement.ts";
import { FakePlacement } from "../host/fakes.ts";

const parts = vi.hoisted(() => ({ placement: null as unknown as () => Placement }));
// The placement stays for all agents of a thread, so this one asks at each call whom it stands for.
vi.mock("../../bindings/node/place.ts", () => ({
  createPlacement(): Placement {
    parts.placement();
    return {
      place: (request) => parts.placement().place(request),
      remove: (probeId) => parts.placement().remove(probeId),
      stats: () => parts.placement().stats(),
      close: () => parts.placement().close(),
    };
  },
}));

const boom = () => {
  throw new Error("boom");
};
const lines: string[] = [];
const options = { broker: "127.0.0.1:1", token: "t", log: (_level: string, line: string) => void lines.push(line) };

beforeEach(() => {
  lines.length = 0;
  const fake = new FakePlacement();
  parts.placement = () => fake;
});
afterEach(() => stop());

describe("start, stop and status never throw into the program", () => {
  it("when no placement can be made, and start works when it can", () => {
    const { placement } = parts;
    parts.placement = boom;
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(start(options)).toMatchObject({
      state: "disabled",
      cause: { code: "internal", message: /boom/ },
      probes: [],
    });
    expect(status().state).toBe("disabled");
    expect(write.mock.calls.length + lines.length).toBe(1);
    write.mockRestore();
    parts.placement = placement;
    expect(start(options).state).toBe("running");
  });

  it("when the agent fails while it is asked", async () => {
    const failing = new FakePlacement();
    failing.stats = boom;
    failing.close = boom;
    parts.placement = () => failing;
    expect(start(options)).toMatchObject({ state: "disabled", cause: { code: "internal" } });
    await expect(stop()).resolves.toBeUndefined();
    expect(status().state).toBe("off");
  });

  it("when the log of the program throws", async () => {
    expect(start({ ...options, log: boom, tags: 5 } as never).state).toBe("running");
    await stop();
  });

  // Behind functions: a test runner prints what it is given.
  const odd: Readonly<Record<string, () => unknown>> = {
    null: () => null,
    "a number": () => 5,
    "a text": () => "text",
    "a list": () => [],
    "a function": () => () => {},
    "a getter that throws": () => Object.defineProperty({}, "broker", { get: boom, enumerable: true }),
    "a hostile proxy": () => new Proxy({}, { ownKeys: boom, get: boom }),
  };
  it.each(Object.keys(odd))("when given %s", async (name) => {
    const write = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(() => start(odd[name]!() as never)).not.toThrow();
    await stop();
    write.mockRestore();
  });

  it("and leave no listener on the process behind", async () => {
    const count = () => process.listenerCount("beforeExit") + process.listenerCount("exit");
    const before = count();
    for (let i = 0; i < 20; i++) {
      start(options);
      start(options);
      await stop();
    }
    expect(count()).toBe(before);
  });
});
