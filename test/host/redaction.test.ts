import { describe, expect, test } from "vitest";
import { compileTemplate, compileValue } from "../../conditions/index.ts";
import { Guest } from "../../host/guest.ts";
import { makeRedact, REDACTED_NAMES } from "../../host/redaction.ts";
import { toTagged } from "../../host/tagged.ts";

const guest = new Guest({ redact: makeRedact(["iban", "Customer-Number"]) });

function evaluate(source: string, values: Readonly<Record<string, unknown>>) {
  const loaded = guest.load(compileValue(source));
  try {
    const { roots } = loaded.compiled.projection;
    const slot = loaded.evaluate(...roots.map(({ key }) => values[key]));
    const packed = guest.errorIn(slot);
    const at = packed === 0 ? null : loaded.spanOf(packed);
    return { value: toTagged(guest.memory, slot), at: at && source.slice(at.from, at.to) };
  } finally {
    loaded.close();
  }
}

const user = () => ({ name: "bob", password: "p", apiKey: "k", nested: { token: "t", ok: 1 } });

describe("a redacted name", () => {
  test.each<[string, Record<string, unknown>, string]>([
    ["user.password == 'p'", { user: user() }, "user.password"],
    ["user.apiKey", { user: user() }, "user.apiKey"],
    ["user['password']", { user: user() }, "user['password']"],
    ["user.password.length", { user: user() }, "user.password"],
    ["user.password.startsWith('p')", { user: user() }, "user.password"],
    ["has(user.password)", { user: user() }, "user.password"],
    ["size(user.password)", { user: user() }, "user.password"],
    ["token", { token: "t" }, "token"],
    ["token.a.b", { token: { a: { b: 1 } } }, "token"],
    ["users.exists(u, u.PASSWORD == 'p')", { users: [{ PASSWORD: "p" }, { PASSWORD: "p" }] }, "u.PASSWORD"],
    ["users.map(u, u.customer_number)", { users: [{ customer_number: "p" }] }, "u.customer_number"],
    ["user.iban > 'a'", { user: { iban: "x" } }, "user.iban"],
    ["m.session_id", { m: new Map([["session_id", "s"]]) }, "m.session_id"],
    ["user[k]", { user: user(), k: "password" }, "user[k]"],
    ["m[k]", { m: new Map([["token", "s"]]), k: "token" }, "m[k]"],
    ["user.transformMap(k, v, v)", { user: user() }, "v"],
    ["user.transformList(k, v, k == 'password', v)", { user: user() }, "v"],
    ["user.exists(k, v, k == 'password' && v.startsWith('p'))", { user: user() }, "v"],
    ["m.transformList(k, v, v)", { m: new Map([["token", "s"]]) }, "v"],
    ["users.map(u, u.transformList(k, v, v))", { users: [user()] }, "v"],
    ["e.transformList(k, v, v)", { e: Object.assign(new Error("x"), { password: "p" }) }, "v"],
  ])("is an error and not a value: %s", (source, values, at) => {
    expect(evaluate(source, values)).toEqual({ value: { error: "redacted" }, at });
  });

  test("does not touch what stands beside it, and its name is no secret", () => {
    expect(evaluate("user.name", { user: user() }).value).toEqual({ string: "bob" });
    expect(evaluate("user.exists(k, v, k == 'name' && v == 'bob')", { user: user() }).value).toEqual({ bool: true });
    expect(evaluate("user.nested.ok", { user: user() }).value).toEqual({ double: 1 });
    expect(evaluate("'password' in user && size(user) == 4", { user: user() }).value).toEqual({ bool: true });
    expect(evaluate("user.password == 'p' || user.name == 'bob'", { user: user() }).value).toEqual({ bool: true });
    expect(evaluate("user == other", { user: user(), other: user() }).value).toEqual({ error: "redacted" });
  });

  test("never reaches a text or a result, however deep", () => {
    const template = guest.load(compileTemplate("{{user}} {{users}} {{m}} {{user.password}}"));
    const values: Record<string, unknown> = { user: user(), users: [user()], m: new Map([["pin", "1234"]]) };
    const text = template.render(...template.compiled.projection.roots.map(({ key }) => values[key]));
    template.close();
    expect(text).not.toMatch(/"[pkt]"|1234/);
    expect(text).toContain("bob");
    expect(text).toContain("redacted");
    expect(JSON.stringify(evaluate("user", { user: user() }))).not.toMatch(/"string":"[pkt]"/);
  });

  test("does not run a getter of that name", () => {
    const holder = Object.defineProperty({}, "password", {
      get() {
        throw new Error("ran");
      },
      enumerable: true,
    });
    expect(evaluate("holder.password", { holder }).value).toEqual({ error: "redacted" });
  });
});

describe("which names are redacted", () => {
  const redact = makeRedact(["my_field"]);

  test.each([...REDACTED_NAMES, "PASSWORD", "apiKey", "api-key", "ApiKey", "myField", "MY_FIELD", "__token__"])(
    "%s is",
    (name) => {
      expect(redact(name)).toBe(true);
      expect(redact(name)).toBe(true);
    },
  );

  test.each(["passwords", "name", "", "__proto__", "constructor", "tokens", "x".repeat(1e6)])("%s is not", (name) => {
    expect(redact(name)).toBe(false);
    expect(redact(name)).toBe(false);
  });

  test("stays right over more names than are remembered", () => {
    for (let i = 0; i < 25_000; i++) expect(redact(`name${i}`)).toBe(false);
    expect(redact("password")).toBe(true);
  });

  test("runs no method that the program has replaced", () => {
    const { toLowerCase, replace } = String.prototype;
    const fresh = makeRedact();
    try {
      String.prototype.toLowerCase = String.prototype.replace = () => {
        throw new Error("ran");
      };
      expect([fresh("Pass_Word"), fresh("other")]).toEqual([true, false]);
    } finally {
      Object.assign(String.prototype, { toLowerCase, replace });
    }
  });

  test("a guest without a list redacts nothing", () => {
    const plain = new Guest();
    const loaded = plain.load(compileValue("password"));
    expect(toTagged(plain.memory, loaded.evaluate("p"))).toEqual({ string: "p" });
  });
});
