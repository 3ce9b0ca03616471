import { expect, test } from "vitest";
import { makeRedact } from "../../host/redaction.ts";
import { ScriptCondition } from "../../host/script.ts";
import { ran } from "./scripts.ts";

const user = { name: "bob", password: "p", list: [{ apiKey: "k" }] };

test.each([
  "js: user.password === 'p'",
  "js: user['pass' + 'word'] === 'p'",
  "js: Object.values(user).includes('p')",
  "js: JSON.stringify(user).includes('p')",
  "js: users.some(u => u.list[0].apiKey === 'k')",
  "js: m.get('session_id') === 's'",
  "js: token === 't'",
  "js: (({ password }) => password === 'p')(user)",
])("a script reads no redacted name: %s", async (source) => {
  const script = await ScriptCondition.open(source, makeRedact());
  const vars = { user, users: [user], m: new Map([["session_id", "s"]]), token: "t" };
  expect(ran(script, vars)).toMatchObject({ code: "redacted" });
  script.close();
});

test("a script reads what stands beside it, and without a list everything", async () => {
  const beside = await ScriptCondition.open("js: user.name === 'bob' && 'password' in user", makeRedact());
  expect(ran(beside, { user })).toBe(true);
  beside.close();
  const plain = await ScriptCondition.open("js: user.password === 'p'");
  expect(ran(plain, { user })).toBe(true);
  plain.close();
});
