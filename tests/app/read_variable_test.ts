import { afterAll, expect, test } from "bun:test";
import { readVariable } from "../../src/app/read_variable.ts";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === "/value") return new Response(`${request.headers.get("authorization")}\n`);
    if (pathname === "/endless") {
      return new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(1000).fill(0x61)) }));
    }
    if (pathname === "/silent") return new Promise<Response>(() => {});
    return new Response("no", { status: 404 });
  },
});
afterAll(() => server.stop(true));

const text = async (target: string, wait = 5000) =>
  new TextDecoder().decode(await readVariable(target, wait));

test("a command's output is read, without a shell", async () => {
  expect(await text("echo 'a  $HOME' b")).toBe("a  $HOME b\n");
});

test("a command that prints without end is ended", async () => {
  expect(await text("yes")).toBe("y\n".repeat(64).slice(0, 127));
});

test("a command that fails, is none or takes too long is told so", async () => {
  await expect(text("sh -c 'echo x; echo broken >&2; exit 3'")).rejects.toThrow(/ended with code 3: broken/);
  await expect(text("/nonexistent/program")).rejects.toThrow(/ENOENT/);
  await expect(text("echo 'a")).rejects.toThrow("a ' without its end");
  await expect(text("sleep 60", 200)).rejects.toThrow("no answer within 0.2 s");
});

test("a URL's body is read, with its credentials", async () => {
  expect(await text(`http://joe:hush@127.0.0.1:${server.port}/value`)).toBe("Basic am9lOmh1c2g=\n");
  expect((await text(`http://127.0.0.1:${server.port}/endless`)).length).toBe(127);
});

test("a URL that answers otherwise, or not, is told so", async () => {
  await expect(text(`http://127.0.0.1:${server.port}/nothing`)).rejects.toThrow("the server answers 404");
  await expect(text(`http://127.0.0.1:${server.port}/silent`, 200)).rejects.toThrow("no answer within 0.2 s");
});
