import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { startBroker } from "../../broker/index.ts";
import { agent, broker, cleanUp, tempFolder, wire } from "./world.ts";

describe("access", () => {
  it.each([
    ["no token", "/client", null, {}, 401, "unauthorized", "The broker wants its client token; none was sent."],
    ["a wrong token", "/agent", "wrong", {}, 401, "unauthorized", "The agent token is wrong."],
    ["the token of the other role", "/client", "agent", {}, 401, "unauthorized", "The client token is wrong."],
    ["an unknown path", "/admin", "client", {}, 404, "not_found", "The broker has no such path."],
    [
      "a web page of an origin that is not allowed",
      "/client",
      "client",
      { Origin: "https://evil.example" },
      403,
      "origin",
      "The broker does not accept connections from pages of this origin.",
    ],
  ])("refuses %s", async (_, path, token, headers, status, code, message) => {
    const b = await broker({ origins: ["https://tool.example"] });
    const secret = token === "agent" ? b.agentToken : token === "client" ? b.clientToken : token;
    const error = await wire(b.address + path, secret, headers).then(
      () => null,
      (e) => e,
    );
    expect(error).toMatchObject({ status, cause: { code, message, remedy: expect.stringMatching(/\w/) } });
    expect(b.refused()).toEqual({ [code]: 1 });
  });

  it("lets in a page of an allowed origin, with its token as a subprotocol", async () => {
    const b = await broker({ origins: ["https://tool.example"] });
    const page = new WebSocket(`${b.address}/client`, ["tracepointdebug", `token.${b.clientToken}`], {
      origin: "https://tool.example",
    });
    await new Promise((resolve, reject) => page.on("open", resolve).on("error", reject));
    expect(page.protocol).toBe("tracepointdebug");
    page.terminate();
  });

  it("answers plain HTTP with a cause", async () => {
    const b = await broker();
    const response = await fetch(b.address.replace("ws:", "http:"));
    expect(response.status).toBe(426);
    expect(await response.json()).toMatchObject({ code: "upgrade_required" });
  });

  it("keeps its tokens over a restart, in files that only the user may read", async () => {
    const data = tempFolder();
    const first = await broker({ data });
    expect(first.agentToken).toMatch(/^[\w-]{43}$/);
    expect(first.agentToken).not.toBe(first.clientToken);
    expect(statSync(join(data, "tokens.json")).mode & 0o777).toBe(0o600);
    await first.close();
    const second = await broker({ data });
    expect([second.agentToken, second.clientToken]).toEqual([first.agentToken, first.clientToken]);
  });

  it("does not share a data folder with a broker that runs, but takes over one that was left behind", async () => {
    const data = tempFolder();
    const b = await broker({ data });
    await expect(startBroker({ port: 0, announce: false, data })).rejects.toMatchObject({
      code: "data_in_use",
      message: expect.stringContaining(`a broker already runs on the data folder ${data}`),
    });
    await b.close();
    const left = tempFolder();
    mkdirSync(left, { recursive: true });
    writeFileSync(join(left, "broker.lock"), "999999999\n");
    await broker({ data: left });
    expect(readFileSync(join(left, "broker.lock"), "utf8")).toBe(`${process.pid}\n`);
  });

  it("says so when the port that was asked for is taken", async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, "127.0.0.1", () => resolve((other.address() as { port: number }).port)),
    );
    cleanUp(() => other.close());
    await expect(broker({ port })).rejects.toMatchObject({
      code: "cannot_listen",
      message: expect.stringContaining(`cannot listen on 127.0.0.1:${port}: `),
    });
  });

  it("takes a free port when the usual one is taken, and says so", async () => {
    const other = createServer();
    await new Promise<void>((resolve) => {
      other.on("error", () => resolve());
      other.listen(4717, "127.0.0.1", () => resolve());
    });
    cleanUp(() => other.close());
    const b = await startBroker({ announce: false, data: tempFolder() });
    cleanUp(() => b.close());
    expect(b.note).toBe("port 4717 is taken by another program, so a free one was chosen");
    expect(b.address).not.toContain(":4717");
    await agent(b);
  });

  it("refuses a peer of another protocol version", async () => {
    const b = await broker();
    const old = await wire(`${b.address}/client`, b.clientToken);
    old.send({ type: "hello", protocol: 99 });
    await new Promise((resolve) => old.ws.once("close", resolve));
    expect(old.messages).toMatchObject([{ type: "refused", cause: { code: "protocol_version" } }]);
    expect(old.closed).toEqual({
      code: 4400,
      reason: "the peer speaks version 99 of the protocol, the broker version 1",
    });
  });

  it("lets agents go on when it closes, with a reason", async () => {
    const b = await broker();
    const a = await agent(b);
    await b.close();
    expect(a.closed).toEqual({ code: 1001, reason: "the broker ends" });
  });
});
