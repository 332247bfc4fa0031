import { describe, expect, test } from "bun:test";
import { md5Hex, sha256Hex } from "../../../src/host/hash.ts";
import { Authorizer } from "../../../src/link/rtsp/authorizer.ts";

const hashes = { md5: md5Hex, sha256: sha256Hex };
const who = { user: "admin", password: "pass" };
const DIGEST = (nonce: string, rest = "") => `Digest realm="cam", nonce="${nonce}"${rest}`;
const BASIC = 'Basic realm="cam"';

/** Runs one request against a camera that answers 401 with `challenges(try)` until it is undefined; what was sent. */
function run(
  authorizer: Authorizer,
  challenges: (n: number, sent: string | undefined) => string[] | undefined,
): string[] {
  const attempt = authorizer.begin();
  const sent: string[] = [];
  for (let n = 0; n < 20; n++) {
    const field = authorizer.field(attempt, "SETUP", "rtsp://h/");
    const scheme = field === undefined
      ? "none"
      : field.startsWith("Basic")
      ? "Basic"
      : /algorithm=(\S+?),/.exec(field + ",")?.[1] ?? "Digest";
    sent.push(scheme);
    const next = challenges(n, field);
    if (next === undefined) return sent;
    if (!authorizer.challenged(attempt, next)) return [...sent, "given up"];
  }
  throw new Error("never ends");
}

const open = (basic = true, credentials = who) => new Authorizer(credentials, hashes, () => 0.5, basic);

describe("Authorizer", () => {
  test("answers a challenge and goes on with it", () => {
    const a = open();
    expect(run(a, (n) => n === 0 ? [DIGEST("1")] : undefined)).toEqual(["none", "Digest"]);
    expect(run(a, () => undefined)).toEqual(["Digest"]);
  });

  test("takes the strongest, then the weaker ones", () => {
    const all = [BASIC, DIGEST("1"), DIGEST("1", ", algorithm=SHA-256")];
    expect(run(open(), () => all)).toEqual(["none", "SHA-256", "Digest", "Basic", "given up"]);
  });

  test("falls to Basic when Digest is refused (Hikvision set to Basic)", () => {
    const refusing = (_n: number, sent: string | undefined) =>
      sent?.startsWith("Basic") ? undefined : [DIGEST("1"), BASIC];
    const a = open();
    expect(run(a, refusing)).toEqual(["none", "Digest", "Basic"]);
    expect(run(a, refusing)).toEqual(["Basic"]);
  });

  test("gives up a wrong password after one try, also when each 401 brings a new nonce", () => {
    expect(run(open(), (n) => [DIGEST(String(n))])).toEqual(["none", "Digest", "given up"]);
  });

  test("renews a stale nonce, quoted or not", () => {
    for (const stale of [', stale="TRUE"', ", stale=true"]) {
      const a = open();
      run(a, (n) => n === 0 ? [DIGEST("1")] : undefined);
      expect(run(a, (n) => n === 0 ? [DIGEST("2", stale)] : undefined)).toEqual(["Digest", "Digest"]);
    }
  });

  test("renews a nonce that changed in mid session without a word about stale", () => {
    const a = open();
    run(a, (n) => n === 0 ? [DIGEST("1")] : undefined);
    run(a, () => undefined);
    expect(run(a, (n) => n === 0 ? [DIGEST("2")] : undefined)).toEqual(["Digest", "Digest"]);
  });

  test("does not renew for ever", () => {
    const a = open();
    expect(run(a, (n) => [DIGEST(String(n), ", stale=true")]).length).toBeLessThan(6);
  });

  test("counts the uses of a nonce", () => {
    const a = open();
    run(a, (n) => n === 0 ? [DIGEST("1", ', qop="auth"')] : undefined);
    expect(a.field(a.begin(), "PLAY", "rtsp://h/")).toContain("nc=00000002");
  });

  test("has nothing to say without credentials, and no Basic where that is not wanted", () => {
    expect(run(open(true, { user: "", password: "" }), () => [BASIC])).toEqual(["none", "given up"]);
    expect(run(open(false), () => [BASIC])).toEqual(["none", "given up"]);
    expect(run(open(false), (n) => n === 0 ? [BASIC, DIGEST("1")] : undefined)).toEqual(["none", "Digest"]);
  });

  test("gives up on a 401 without a challenge", () => {
    expect(run(open(), () => [])).toEqual(["none", "given up"]);
  });
});
