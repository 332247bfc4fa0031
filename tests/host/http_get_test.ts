import { afterAll, expect, test } from "bun:test";
import { httpGet } from "../../src/host/http_get.ts";

const server = Bun.serve({
  port: 0,
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/moved") return Response.redirect("/here", 302);
    if (pathname === "/endless") {
      return new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536)) }));
    }
    return Response.json({
      method: request.method,
      path: pathname,
      login: request.headers.get("authorization"),
      extra: request.headers.get("x-extra"),
      body: await request.text(),
    }, { headers: { "x-answer": "yes" } });
  },
});
afterAll(() => void server.stop(true));

const get = (
  path: string,
  o: { headers?: Record<string, string>; body?: string } = {},
  signal?: AbortSignal,
) =>
  httpGet(path.replace("HOST", `127.0.0.1:${server.port}`), {
    tlsVerify: true,
    signal: signal ?? AbortSignal.timeout(10_000),
    ...o,
  });

async function jsonOf(body: AsyncIterable<Uint8Array>): Promise<Record<string, unknown>> {
  let text = "";
  for await (const bytes of body) text += new TextDecoder().decode(bytes);
  return JSON.parse(text) as Record<string, unknown>;
}

test("httpGet() sends a login in the URL as Basic, decoded, and follows redirects", async () => {
  const answer = await get("http://j%C3%B6e:a%2Fb@HOST/here?x=1", { headers: { "x-extra": "1" } });
  expect([answer.status, answer.header("x-answer"), answer.header("nothing")]).toEqual([200, "yes", ""]);
  expect(await jsonOf(answer.body)).toEqual({
    method: "GET",
    path: "/here",
    login: `Basic ${Buffer.from("jöe:a/b").toString("base64")}`,
    extra: "1",
    body: "",
  });
  expect(await jsonOf((await get("http://HOST/moved")).body)).toMatchObject({ path: "/here", login: null });
});

test("httpGet() posts a body", async () => {
  expect(await jsonOf((await get("http://HOST/x", { body: "<a/>" })).body)).toMatchObject({
    method: "POST",
    body: "<a/>",
  });
});

test("httpGet() ends with its signal, also while an answer is read", async () => {
  const abort = new AbortController();
  const answer = await get("http://HOST/endless", {}, abort.signal);
  let read = 0;
  const failure = await (async () => {
    for await (const bytes of answer.body) {
      read += bytes.length;
      if (read > 200_000) abort.abort();
    }
  })().catch((e: Error) => e);
  expect(failure).toBeInstanceOf(Error);
  expect(read).toBeLessThan(20e6);
});

test("httpGet() rejects where nobody listens", async () => {
  expect(
    await httpGet("http://127.0.0.1:1/", { tlsVerify: true, signal: AbortSignal.timeout(5000) }).catch((e) =>
      e
    ),
  )
    .toBeInstanceOf(Error);
});
