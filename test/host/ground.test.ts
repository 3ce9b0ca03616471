// The ground of this thread: what it cannot hold is refused before anything is placed.
import { describe, expect, it } from "vitest";
import { fakeHost, probe, tick } from "./fakes.ts";

describe("a Node program", () => {
  it.each(["entry", "exit"] as const)("has no probes at the %s of a function, and says what to do", async (at) => {
    const { host, placement, transport, loader } = fakeHost();
    host.put(probe({ at }));
    await tick();
    expect(transport.last("p1")).toMatchObject({
      state: "error",
      cause: {
        code: "lines_only",
        message: `The probe asks for the ${at} of a function, and Node programs have probes at lines only.`,
        remedy: "Put it at a line of the function, without `--at`.",
      },
    });
    expect([placement.places, loader.open]).toEqual([0, 0]);
  });

  it("takes `at: line` for what it is, and asks nothing about the file's hash", async () => {
    const { host, placement } = fakeHost();
    host.put(probe({ at: "line", fileHash: "0".repeat(64) }));
    host.put(probe({ fileHash: "0".repeat(64) }));
    await tick();
    // The same probe: it is not placed anew.
    expect(placement.places).toBe(1);
  });

  it("places a probe anew whose place or file is another one", async () => {
    const { host, placement, transport } = fakeHost();
    host.put(probe());
    await tick();
    host.put(probe({ fileHash: "1".repeat(64) }));
    await tick();
    expect(placement.places).toBe(2);
    host.put(probe({ at: "exit", fileHash: "1".repeat(64) }));
    await tick();
    expect(transport.last("p1")?.state).toBe("error");
    expect(placement.placed.size).toBe(0);
  });
});
