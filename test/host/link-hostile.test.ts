// A link is open to every program of the user: what is no frame, no message, out of turn or too much is refused, counted, and ends that
// connection alone.
import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { ABI_VERSION } from "../../engine/abi.ts";
import { frameOf } from "../../host/link/frames.ts";
import { LINK_LIMITS, LINK_VERSION } from "../../host/link/limits.ts";
import { broker, cleanUp, client, probe, until } from "../broker/world.ts";
import { random } from "../fuzz/random.ts";
import { linked, linkHost, PlayedBinding } from "./link-world.ts";

interface Golden {
  readonly hostileToEither: readonly {
    readonly id: string;
    readonly hex: string;
    readonly code: string;
    readonly fatal: boolean;
  }[];
  readonly hostileToHost: Golden["hostileToEither"];
  readonly bindingToHost: readonly { readonly id: string; readonly hex: string }[];
}
const golden = JSON.parse(readFileSync("test/vectors/link.json", "utf8")) as Golden;

describe("a hostile program", () => {
  it.each([...golden.hostileToEither, ...golden.hostileToHost])("is refused: $id", async ({ hex, code, fatal }) => {
    const world = await linkHost();
    const program = await linked(world);
    program.socket.write(Buffer.from(hex, "hex"));
    expect(await program.next("refused")).toMatchObject({ fatal, cause: { code } });
    expect(world.host.refused).toEqual({ [code]: 1 });
    if (fatal) await until(() => program.closed, "the end");
    else {
      program.send({ type: "compile", requestId: 1, kind: "condition", source: "x > 1" });
      await program.next("compiled");
    }
  });

  it("that is refused again and again loses its connection, and the others do not", async () => {
    const world = await linkHost();
    const good = await linked(world, "good");
    const bad = await linked(world, "bad");
    for (let n = 0; n < LINK_LIMITS.refusals; n++) bad.send({ type: "removed" } as never);
    await until(() => bad.closed, "the end");
    expect(bad.of("refused").filter(({ fatal }) => fatal)).toMatchObject([{ cause: { code: "too_many_refusals" } }]);
    expect(world.host.refused).toEqual({ invalid_message: LINK_LIMITS.refusals, too_many_refusals: 1 });
    expect(good.closed).toBe(false);
  });

  it.each([
    ["link", { link: LINK_VERSION + 1 }, "link_version", /host/],
    ["link", { link: LINK_VERSION - 1 }, "link_version", /package in the program/],
    ["guest", { abi: ABI_VERSION + 1 }, "abi_version", /host/],
    ["guest", { abi: ABI_VERSION - 1 }, "abi_version", /package in the program/],
  ])("or one of another version of the %s is told which side is old", async (_, changes, code, remedy) => {
    const world = await linkHost();
    const program = new PlayedBinding(world.path, "a1");
    program.hello(changes);
    expect(await program.next("refused")).toMatchObject({
      fatal: true,
      cause: { code, remedy: expect.stringMatching(remedy) },
    });
    await until(() => program.closed, "the end");
  });

  it("that speaks out of turn is refused", async () => {
    const world = await linkHost();
    const program = new PlayedBinding(world.path, "a1");
    program.send({ type: "bye" });
    expect((await program.next("refused")).cause).toMatchObject({
      code: "out_of_turn",
      message: "bye came before hello",
    });
    program.hello();
    await program.next("welcome");
    program.hello();
    expect((await program.next("refused", 2)).cause).toMatchObject({ message: "hello came twice" });
  });

  it("gets the number of a request that could not be read, and unknown fields are ignored", async () => {
    const world = await linkHost();
    const program = await linked(world, "a1", { future: { anything: [1] } } as never);
    program.send({ type: "compile", requestId: 9, kind: "condition", source: "x".repeat(40_000) });
    expect(await program.next("refused")).toMatchObject({
      requestId: 9,
      fatal: false,
      cause: { code: "invalid_message" },
    });
  });

  it("that does not read is cut off before much is kept for it", async () => {
    const at = await broker();
    const world = await linkHost(at);
    const program = await linked(world);
    program.socket.pause();
    const request = frameOf({ type: "compile", requestId: 1, kind: "template", source: "x".repeat(16_000) });
    for (let n = 0; n < 600 && !program.socket.destroyed; n++) program.socket.write(request);
    await until(() => world.host.refused.slow_reader === 1, "the cut");
    await until(() => world.host.agents === 0, "the end");
  });

  it("may claim events and counts of probes that are not its own, and changes nothing", async () => {
    const at = await broker();
    const world = await linkHost(at);
    const person = await client(at);
    await person.client.subscribe({});
    const [mine, other] = [await linked(world, "a1"), await linked(world, "a2")];
    await person.client.put(probe("p1"));
    const { placementId } = await mine.next("place");
    await other.next("place");
    other.event(placementId);
    other.counts(placementId, { fired: 7 });
    other.send({ type: "closed", placementId, why: "spent" });
    await until(() => other.of("ack").length === 1, "the ack");
    mine.event(placementId);
    await until(() => person.events.length === 1, "the event");
    expect(person.events[0]).toMatchObject({ agentId: "a1" });
    expect(person.statuses.filter(({ state }) => state === "expired")).toEqual([]);
  });

  it("cannot end the host by whatever it sends", async () => {
    const world = await linkHost();
    const witness = await linked(world, "witness");
    const next = random(23);
    const frames = golden.bindingToHost.map(({ hex }) => Buffer.from(hex, "hex"));
    const sockets: Socket[] = [];
    for (let round = 0; round < 300; round++) {
      const socket = createConnection(world.path);
      socket.on("error", () => {});
      cleanUp(() => socket.destroy());
      sockets.push(socket);
      const said = Buffer.concat([
        ...(round % 3 === 0 ? [] : [frames[0] as Buffer]),
        ...Array.from({ length: 1 + next(6) }, () => Buffer.from(frames[next(frames.length)] as Buffer)),
      ]);
      const first = (frames[0] as Buffer).length;
      for (let n = next(8); n > 0; n--) said[first + next(Math.max(1, said.length - first))] = next(256);
      socket.write(said.subarray(0, 1 + next(said.length)));
      if (round % 2 === 0) socket.end();
      if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    for (const socket of sockets) socket.destroy();
    witness.send({ type: "compile", requestId: 1, kind: "condition", source: "x > 1" });
    await witness.next("compiled");
    await until(() => world.host.agents === 1, "the end of the others");
    expect(world.logged.filter((line) => line.startsWith("Internal failure"))).toEqual([]);
  });
});
