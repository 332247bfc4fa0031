import { expect, test } from "bun:test";
import {
  answerBytes,
  bodyHeaders,
  fixedHeaders,
  IMMUTABLE,
  preflight,
  refuse,
  refuseForNow,
  takesGzip,
} from "../../../src/egress/http/answers.ts";

const BODY = Uint8Array.from({ length: 100 }, (_, n) => n);
const HEADERS = bodyHeaders("video/mp4", IMMUTABLE);
const ask = (headers: Record<string, string> = {}, method = "GET") =>
  answerBytes(new Request("http://h/x", { method, headers }), BODY, HEADERS);

test("answerBytes() gives everything, and any page may read it", async () => {
  const answer = ask();
  expect(answer.status).toBe(200);
  expect(answer.headers.get("access-control-allow-origin")).toBe("*");
  expect(answer.headers.get("cache-control")).toContain("immutable");
  expect(await answer.bytes()).toEqual(BODY);
});

test("answerBytes() gives a range", async () => {
  const answer = ask({ range: "bytes=10-19" });
  expect(answer.status).toBe(206);
  expect(answer.headers.get("content-range")).toBe("bytes 10-19/100");
  expect(await answer.bytes()).toEqual(BODY.subarray(10, 20));
});

for (
  const { name, tag, given, status } of [
    { name: "of these bytes", tag: '"a"', given: '"a"', status: 206 },
    { name: "of other bytes", tag: '"a"', given: '"b"', status: 200 },
    { name: "of a weak tag, which says nothing of bytes", tag: '"a"', given: 'W/"a"', status: 200 },
    { name: "of a body without a tag", tag: undefined, given: '"a"', status: 200 },
    { name: "of a date", tag: '"a"', given: "Sat, 21 Nov 2026 17:00:00 GMT", status: 200 },
  ]
) {
  test(`answerBytes() gives a range only of the body that was begun: If-Range ${name}`, async () => {
    const more: Record<string, string> = tag === undefined ? {} : { etag: tag };
    for (const make of [bodyHeaders, fixedHeaders]) {
      const request = new Request("http://h/x", { headers: { range: "bytes=10-19", "if-range": given } });
      const answer = answerBytes(request, BODY, make("video/mp4", IMMUTABLE, more));
      expect(answer.status).toBe(status);
      expect((await answer.bytes()).length).toBe(status === 206 ? 10 : 100);
    }
  });
}

test("answerBytes() refuses a range beyond the end and says how long it is", () => {
  const answer = ask({ range: "bytes=100-" });
  expect(answer.status).toBe(416);
  expect(answer.headers.get("content-range")).toBe("bytes */100");
});

test("answerBytes() gives HEAD the length and no body", async () => {
  const answer = ask({}, "HEAD");
  expect(answer.headers.get("content-length")).toBe("100");
  expect((await answer.bytes()).length).toBe(0);
});

test("fixedHeaders() answer as the others do, and no answer changes those of the next", () => {
  const fixed = fixedHeaders("video/mp4", IMMUTABLE, { vary: "Accept-Encoding" });
  const before = [...fixed];
  for (const init of [{}, { method: "HEAD" }, { headers: { range: "bytes=10-19" } }]) {
    const headers = (given: typeof HEADERS | Headers) => {
      const answer = answerBytes(new Request("http://h/x", init), BODY, given);
      const told = [...answer.headers];
      answer.headers.set("x-later", "1");
      return [answer.status, told];
    };
    expect(headers(fixed)).toEqual(headers(bodyHeaders("video/mp4", IMMUTABLE, { vary: "Accept-Encoding" })));
  }
  expect([...fixed]).toEqual(before);
});

test("refusals are one line, never cached", async () => {
  const answer = refuse(400, "wrong\n  here");
  expect(await answer.text()).toBe("wrong here\n");
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const later = refuseForNow("later", 0.2);
  expect(later.status).toBe(503);
  expect(later.headers.get("retry-after")).toBe("1");
});

test("preflight() allows the headers that players send", () => {
  const { headers, status } = preflight();
  expect(status).toBe(204);
  expect(headers.get("access-control-allow-methods")).toBe("GET, HEAD, OPTIONS");
  expect(headers.get("access-control-allow-headers")).toContain("Range");
});

const encodings = [
  { accept: "gzip, deflate, br, zstd", takes: true },
  { accept: "deflate, gzip", takes: true },
  { accept: "*", takes: true },
  { accept: "gzip;q=0.5", takes: true },
  { accept: "gzip; q=1.0", takes: true },
  { accept: "gzip;q=0", takes: false },
  { accept: "gzip;q=0.000", takes: false },
  { accept: "br", takes: false },
  { accept: "x-gzipped", takes: false },
  { accept: "", takes: false },
];
for (const { accept, takes } of encodings) {
  test(`takesGzip() of "${accept}" is ${takes}`, () => {
    expect(takesGzip(new Request("http://h/", { headers: { "accept-encoding": accept } }))).toBe(takes);
  });
}
