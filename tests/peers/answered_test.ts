import { afterAll, expect, test } from "bun:test";
import { answered, answeredText } from "./answered.ts";
import { until } from "./fogcast.ts";
import { quoteInFailures } from "./last_words.ts";

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/good") return new Response("here");
    if (pathname === "/endless") {
      return new Response(new ReadableStream({ start: (body) => body.enqueue(new Uint8Array(9)) }), {
        status: 500,
      });
    }
    return new Response("stream offline: camera answers 404", { status: 503 });
  },
});
afterAll(() => server.stop(true));
const url = (path: string) => `http://127.0.0.1:${server.port}${path}`;
const failureOf = (promise: Promise<unknown>) => promise.then(() => "none", (failure) => String(failure));

test("an answer as wanted is given on", async () => {
  expect(await answeredText(url("/good"))).toBe("here");
  expect((await answered(url("/bad"), 503)).status).toBe(503);
});

test("any other fails with its body, and with the last lines of what runs for the test", async () => {
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`).join("\n");
  const quiet = quoteInFailures("server of the test", () => `${lines}\n`);
  const failure = await failureOf(answered(url("/bad")));
  expect(failure).toMatch(/503 instead of 200 after \d.\d\d s: stream offline: camera answers 404/);
  expect(failure).toContain("--- server of the test said last:\nline 75\n");
  expect(failure).toEndWith("line 99");
  quiet();
  expect(await failureOf(answered(url("/bad")))).not.toContain("said last");
});

test("an endless body and a server that is not there do not keep it from failing", async () => {
  expect(await failureOf(answered(url("/endless")))).toContain("500 instead of 200");
  expect(await failureOf(answered("http://127.0.0.1:1/"))).toContain("http://127.0.0.1:1/: ");
});

test("until() says what was found last, shows last words, and looks once more after a stall", async () => {
  const quiet = quoteInFailures("server", () => "it is tired\n");
  const failure = await failureOf(
    until(100, "more than 1", () => Promise.reject(new Error("found only 1"))),
  );
  expect(failure).toMatch(
    /not within 100 ms: more than 1: Error: found only 1\n--- server said last:\nit is tired/,
  );
  const never = new Promise<undefined>(() => {});
  expect(await failureOf(until(100, "an answer", () => never, 100))).toContain(
    "not within 100 ms: an answer: nothing",
  );
  quiet();
  let looks = 0;
  // the machine stands still for longer than there is time, right behind the first look
  const seen = until(40, "a second look", () => Promise.resolve(looks++ === 0 ? undefined : looks));
  Bun.sleepSync(80);
  expect(await seen).toBe(2);
});
