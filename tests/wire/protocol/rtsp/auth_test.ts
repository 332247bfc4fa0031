import { describe, expect, test } from "bun:test";
import { md5Hex, sha256Hex } from "../../../../src/host/hash.ts";
import {
  authorize,
  digestResponse,
  isStale,
  rankChallenges,
  strengthOf,
} from "../../../../src/wire/protocol/rtsp/auth.ts";
import {
  type Challenge,
  CHALLENGES_MAX,
  parseChallenges,
} from "../../../../src/wire/protocol/rtsp/challenge.ts";

const hashes = { md5: md5Hex, sha256: sha256Hex };
const first = (text: string) => parseChallenges([text])[0] as Challenge;

describe("parseChallenges()", () => {
  const cases: [string, string[], [string, Record<string, string>][]][] = [
    ["Basic", ['Basic realm="4419b63f5e51"'], [["basic", { realm: "4419b63f5e51" }]]],
    ["Digest with blanks, without quotes, with an empty value", [
      'Digest realm="a, b" , nonce=8b84a3 ,algorithm=MD5, opaque="" ,stale="FALSE"',
    ], [["digest", { realm: "a, b", nonce: "8b84a3", algorithm: "MD5", opaque: "", stale: "FALSE" }]]],
    ["two in one field", ['Basic realm="cam", Digest realm="cam", nonce="1"'], [
      ["basic", { realm: "cam" }],
      ["digest", { realm: "cam", nonce: "1" }],
    ]],
    ["two in two fields", ['Digest realm="c",nonce="1"', 'Basic realm="c"'], [
      ["digest", { realm: "c", nonce: "1" }],
      ["basic", { realm: "c" }],
    ]],
    ["escaped quotes", ['Digest realm="say \\"hi\\"", nonce="1"'], [["digest", {
      realm: 'say "hi"',
      nonce: "1",
    }]]],
    ["a scheme in any case, and one without parameters", ["NEGOTIATE, dIgEsT nonce=2"], [
      ["negotiate", {}],
      ["digest", { nonce: "2" }],
    ]],
    ["nothing", [""], []],
  ];
  for (const [name, fields, want] of cases) {
    test(`reads ${name}`, () => {
      expect(parseChallenges(fields).map((c) => [c.scheme, Object.fromEntries(c.parameters)])).toEqual(want);
    });
  }

  test("keeps its limit", () => {
    expect(parseChallenges(["a, ".repeat(CHALLENGES_MAX + 1)]).length).toBe(CHALLENGES_MAX);
  });
});

describe("rankChallenges()", () => {
  test("puts the strongest first and leaves out what cannot be answered", () => {
    const ranked = rankChallenges(parseChallenges([
      'Basic realm="x"',
      'Digest realm="x", nonce="1"',
      'Digest realm="x", nonce="1", algorithm=SHA-512-256',
      'Digest realm="x", nonce="1", qop="auth-int"',
      'Digest realm="x", nonce="1", algorithm=SHA-256, qop="auth,auth-int"',
      'Digest realm="x"',
      "Negotiate",
    ]));
    expect(ranked.map((c) => [c.scheme, c.parameters.get("algorithm")])).toEqual([
      ["digest", "SHA-256"],
      ["digest", undefined],
      ["basic", undefined],
    ]);
  });

  test("knows an unquoted, a quoted and an absent stale", () => {
    expect(isStale(first('Digest nonce="1", stale=TRUE'))).toBe(true);
    expect(isStale(first('Digest nonce="1", stale="true"'))).toBe(true);
    expect(isStale(first('Digest nonce="1", stale="FALSE"'))).toBe(false);
    expect(isStale(first('Digest nonce="1"'))).toBe(false);
  });
});

describe("authorize()", () => {
  // RFC 7616, 3.9.1
  const who = { user: "Mufasa", password: "Circle of Life" };
  const request = {
    method: "GET",
    uri: "/dir/index.html",
    nonceCount: 1,
    clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
  };
  const challenge = (algorithm: string) =>
    first(
      `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
        'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"',
    );

  test("answers the example of RFC 7616 with MD5", () => {
    const text = authorize(challenge("MD5"), who, request, hashes);
    expect(text).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
    expect(text).toContain('username="Mufasa"');
    expect(text).toContain("nc=00000001, ");
    expect(text).toContain("qop=auth");
    expect(text).toContain('opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"');
  });

  test("answers the example of RFC 7616 with SHA-256", () => {
    expect(authorize(challenge("SHA-256"), who, request, hashes)).toContain(
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
    );
  });

  test("answers without qop as RFC 2069 has it", () => {
    const old = first('Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"');
    const text = authorize(old, { user: "Mufasa", password: "CircleOfLife" }, request, hashes);
    expect(text).toContain('response="1949323746fe6a43ef61f9606e7febea"');
    expect(text).not.toContain("nc=");
    expect(text).not.toContain("algorithm");
  });

  test("answers MD5-sess with its own first hash", () => {
    const c = first('Digest realm="r", nonce="n", algorithm=MD5-sess, qop="auth"');
    const secret = md5Hex(`${md5Hex("u:r:p")}:n:cn`);
    const want = md5Hex(`${secret}:n:00000002:cn:auth:${md5Hex("PLAY:rtsp://h/")}`);
    const asked = { method: "PLAY", uri: "rtsp://h/", nonceCount: 2, clientNonce: "cn" };
    expect(digestResponse(c, { user: "u", password: "p" }, asked, hashes)).toBe(want);
    expect(strengthOf(c)).toBe(2);
  });

  test("answers Basic in UTF-8 (RFC 7617, 2.1)", () => {
    const text = authorize(first('Basic realm="x"'), { user: "test", password: "123£" }, request, hashes);
    expect(text).toBe("Basic dGVzdDoxMjPCow==");
  });

  test("escapes quotes in what it repeats", () => {
    const text = authorize(
      first('Digest realm="a\\"b", nonce="1"'),
      { user: 'u"', password: "p" },
      request,
      hashes,
    );
    expect(text).toContain('username="u\\"", realm="a\\"b"');
  });
});
