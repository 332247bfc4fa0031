import { expect, test } from "bun:test";
import { isTrustedLocal } from "../../../src/control/api/caller.ts";
import { md5Hex, sha256Hex } from "../../../src/host/hash.ts";
import { makeApi, type TestApi, testHash, YAML } from "./api_fixture.ts";

const ACCOUNTS = `api:
  accounts:
    joe: { password: ${testHash("swordfish")}, md5: ${md5Hex("swordfish")} }
    modern: { password: ${testHash("trout")} }
    bot: { token: sha256$${sha256Hex("t0ken")} }
`;
const REMOTE = { remote: "10.0.0.7", headers: { host: "box:4242" } };

interface Authorize {
  readonly status: string;
  readonly challenge: string;
  readonly local: boolean;
}

async function authorize(api: TestApi, commands: unknown, init: Parameters<TestApi["command"]>[1] = REMOTE) {
  return await api.command(commands, init) as { authorize: Authorize; version?: string };
}

const answerTo = (challenge: string, password = "swordfish") => md5Hex(md5Hex(password) + challenge);

test("the login of the reference's clients: challenge, answer, and the answer again in the next request", async () => {
  const api = await makeApi(YAML + ACCOUNTS);
  const first = await authorize(api, { authorize: { username: "joe", password: "" }, version: true });
  expect(first).toEqual({
    LTS: 1,
    authorize: { status: "CHALL", local: false, challenge: expect.stringMatching(/^[0-9a-f]{32}$/) },
  } as never);
  const password = answerTo(first.authorize.challenge);
  for (let n = 0; n < 2; n++) {
    const in_ = await authorize(api, { authorize: { username: "joe", password }, version: true });
    expect(in_.authorize).toEqual({ status: "OK", local: false } as never);
    expect(in_.version).toBe("1.2.3");
  }
});

test("an answer is good for its address and for a while only", async () => {
  const api = await makeApi(YAML + ACCOUNTS);
  const { authorize: { challenge } } = await authorize(api, {});
  const given = { authorize: { username: "joe", password: answerTo(challenge) } };
  expect((await authorize(api, given, { ...REMOTE, remote: "10.0.0.8" })).authorize.status).toBe("CHALL");
  api.clock.advance(500_000);
  expect((await authorize(api, given)).authorize.status).toBe("OK");
  api.clock.advance(1_300_000);
  expect((await authorize(api, given)).authorize.status).toBe("CHALL");
});

test("an account without an MD5 secret has no MD5 login, and an unknown name none either", async () => {
  const api = await makeApi(YAML + ACCOUNTS);
  const { authorize: { challenge } } = await authorize(api, {});
  for (const [username, password] of [["modern", "trout"], ["nobody", ""], ["__proto__", ""]] as const) {
    const given = { authorize: { username, password: answerTo(challenge, password) }, version: true };
    const answer = await authorize(api, given);
    expect(answer.authorize.status).toBe("CHALL");
    expect(answer.version).toBeUndefined();
  }
});

test("the header of the reference: 403 with the challenge, then in", async () => {
  const api = await makeApi(YAML + ACCOUNTS);
  const ask = (header: string) =>
    api.ask('/api2?command={"version":true}', {
      ...REMOTE,
      headers: { ...REMOTE.headers, authorization: header },
    });
  const refused = await ask(`json {"username":"joe","password":"x"}`);
  expect(refused.status).toBe(403);
  const header = refused.headers.get("www-authenticate") ?? "";
  expect(header).toMatch(/^json \{"challenge":"[0-9a-f]{32}"\}$/);
  const { challenge } = JSON.parse(header.slice(5)) as { challenge: string };
  const allowed = await ask(`json {"username":"joe","password":"${answerTo(challenge)}"}`);
  expect(await allowed.json()).toEqual({
    LTS: 1,
    authorize: { status: "OK", local: false },
    version: "1.2.3",
  });
});

for (
  const [what, header, status] of [
    ["nothing", undefined, 401],
    ["a token", "Bearer t0ken", 200],
    ["a wrong token", "Bearer t0kens", 401],
    ["name and password", `Basic ${btoa("modern:trout")}`, 200],
    ["a wrong password", `Basic ${btoa("modern:salmon")}`, 401],
    ["an account that has a token only", `Basic ${btoa("bot:")}`, 401],
    ["no base64", "Basic %%%", 401],
    ["a scheme that is none", "Magic x", 401],
  ] as const
) {
  test(`REST from elsewhere with ${what}: ${status}`, async () => {
    const api = await makeApi(YAML + ACCOUNTS);
    const headers = { host: "box:4242", ...(header === undefined ? {} : { authorization: header }) };
    const answer = await api.ask("/v1/streams", { remote: "10.0.0.7", headers });
    expect(answer.status).toBe(status);
    if (status === 401) expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  });
}

test("wrong passwords: after ten from one address the next is not even looked at; others are not affected", async () => {
  const api = await makeApi(YAML + ACCOUNTS);
  const ask = (password: string, remote: string) =>
    api.ask("/v1/streams", {
      remote,
      headers: { host: "box", authorization: `Basic ${btoa(`modern:${password}`)}` },
    });
  for (let n = 0; n < 10; n++) expect((await ask("x", "10.0.0.7")).status).toBe(401);
  const slow = await ask("trout", "10.0.0.7");
  expect(slow.status).toBe(429);
  expect(slow.headers.get("retry-after")).toBe("5");
  expect((await ask("trout", "10.0.0.8")).status).toBe(200);
  api.clock.advance(6000);
  expect((await ask("trout", "10.0.0.7")).status).toBe(200);
});

test("the first account is made from this machine, is kept, and can log in the old way", async () => {
  const api = await makeApi();
  const made = await authorize(api, { authorize: { new_username: "ann", new_password: "pike" } }, {});
  expect(made.authorize.status).toBe("ACC_MADE");
  expect(api.file()).toContain("ann:");
  expect(api.file()).not.toContain("pike");
  const { authorize: { challenge } } = await authorize(api, {});
  const given = { authorize: { username: "ann", password: answerTo(challenge, "pike") } };
  expect((await authorize(api, given)).authorize.status).toBe("OK");
});

test("nobody else makes the first account", async () => {
  const api = await makeApi();
  const given = { authorize: { new_username: "eve", new_password: "x" } };
  expect((await authorize(api, given)).authorize).toEqual({ status: "NOACC", local: false } as never);
  expect(api.store.writes).toEqual([]);
});

test("logout answers with the next challenge", async () => {
  const api = await makeApi(YAML + ACCOUNTS);
  const headers = { host: "box", authorization: "Bearer t0ken" };
  const answer = await authorize(api, { logout: true }, { remote: "10.0.0.7", headers });
  expect(answer.authorize.status).toBe("CHALL");
});

test("shutdown is for this machine only", async () => {
  const api = await makeApi(YAML + ACCOUNTS);
  const headers = { host: "box", authorization: "Bearer t0ken" };
  const answer = await api.command({ shutdown: true }, { remote: "10.0.0.7", headers });
  expect(answer["shutdown"]).toEqual({ error: "shutdown is for programs on this machine only" });
});

for (
  const [what, remote, headers, trusted] of [
    ["a program", "127.0.0.1", { host: "127.0.0.1:4242" }, true],
    ["a program by name", "::1", { host: "localhost:4242" }, true],
    ["a program over IPv6", "::1", { host: "[::1]:4242" }, true],
    ["this server's own page", "127.0.0.1", {
      host: "localhost:4242",
      origin: "http://localhost:4242",
      "sec-fetch-site": "same-origin",
    }, true],
    [
      "an address typed into a browser",
      "127.0.0.1",
      { host: "localhost:4242", "sec-fetch-site": "none" },
      true,
    ],
    ["another machine", "10.0.0.7", { host: "box:4242" }, false],
    ["a proxy", "127.0.0.1", { host: "localhost:4242", "x-forwarded-for": "10.0.0.7" }, false],
    ["a proxy of another kind", "127.0.0.1", { host: "localhost:4242", "x-real-ip": "10.0.0.7" }, false],
    [
      "a form on another site",
      "127.0.0.1",
      { host: "localhost:4242", origin: "https://evil.example" },
      false,
    ],
    ["a sandboxed page", "127.0.0.1", { host: "localhost:4242", origin: "null" }, false],
    ["a script element on another site", "127.0.0.1", {
      host: "localhost:4242",
      "sec-fetch-site": "cross-site",
    }, false],
    [
      "an old browser, which does not say whose script element it is",
      "127.0.0.1",
      { host: "localhost:4242", "user-agent": "Mozilla/5.0 (iPad)" },
      false,
    ],
    ["a page of another port", "127.0.0.1", {
      host: "localhost:4242",
      origin: "http://localhost:8080",
      "sec-fetch-site": "same-site",
    }, false],
    ["a foreign name that points to 127.0.0.1", "127.0.0.1", {
      host: "evil.example:4242",
      origin: "http://evil.example:4242",
    }, false],
  ] as const
) {
  test(`${what} is ${trusted ? "" : "no "}trusted local caller`, () => {
    expect(isTrustedLocal(remote, new Headers(headers as Record<string, string>))).toBe(trusted);
  });
}
