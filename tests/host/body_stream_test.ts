import { afterAll, expect, test } from "bun:test";
import {
  BODY_ROOM,
  bodyStream,
  type BodyWriter,
  type OpenBody,
  pulledBody,
} from "../../src/host/body_stream.ts";
import { serveHttp } from "../../src/host/http.ts";
import { eventually } from "../eventually.ts";

/** Writes on demand of the test; notes what it is told. */
class Writer implements BodyWriter {
  body: OpenBody | undefined;
  readies = 0;
  goings = 0;
  onReady = () => {};

  ready(body: OpenBody): void {
    this.body = body;
    this.readies++;
    this.onReady();
  }

  gone(): void {
    this.goings++;
  }
}

const cleanup: (() => unknown)[] = [];
afterAll(async () => {
  for (const run of cleanup) await run();
});

const makers = [["Bun's direct stream", bodyStream], ["a pulled stream", pulledBody]] as const;

for (const [name, make] of makers) {
  const open = async () => {
    const writer = new Writer();
    const server = await serveHttp(
      { port: 0, hostname: "127.0.0.1" },
      () => new Response(make(writer), { headers: { "content-type": "video/mp2t" } }),
    );
    cleanup.push(() => server.stop(false));
    return { writer, port: server.port, url: `http://127.0.0.1:${server.port}/` };
  };

  test(`${name}: bytes come as they are written, and the end`, async () => {
    const { writer, url } = await open();
    writer.onReady = () => writer.body?.write(new TextEncoder().encode("first"));
    const response = await fetch(url);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const next = async () => new TextDecoder().decode((await reader.read()).value);
    expect(await next()).toBe("first");
    writer.onReady = () => {};
    writer.body?.write(new Uint8Array(0));
    writer.body?.write(new TextEncoder().encode("second"));
    expect(await next()).toBe("second");
    writer.body?.end();
    writer.body?.write(new TextEncoder().encode("too late"));
    expect((await reader.read()).done).toBe(true);
    expect([writer.readies >= 1, writer.goings]).toEqual([true, 0]);
  });

  test(`${name}: a client that does not read has no room, and is ready again when it reads`, async () => {
    const { writer, port } = await open();
    const chunk = new Uint8Array(64 * 1024);
    let read = 0;
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (s) => void s.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        data: (_, data) => void (read += data.length),
      },
    });
    await eventually(() => writer.body !== undefined);
    socket.pause();
    let written = 0;
    const told = () => ({
      room: writer.body?.hasRoom,
      readies: writer.readies,
      goings: writer.goings,
      written,
      read,
    });
    const fill = () => {
      while (writer.body?.hasRoom === true && written < 64e6) {
        writer.body.write(chunk);
        written += chunk.length;
      }
    };
    let full = 0;
    // The kernel takes some megabytes before the first is left over.
    await eventually(() => {
      // what is full now is so since the last look: a confirmation under way has come
      full = writer.body?.hasRoom === false ? full + 1 : 0;
      fill();
      return full > 30;
    }, told);
    expect(written).toBeLessThan(32e6);
    const readies = writer.readies;
    socket.resume();
    await eventually(() => writer.readies > readies, told);
    expect(writer.body?.hasRoom).toBe(true);
    await eventually(() => read >= written, told);
    socket.pause();
    // One that goes away while bytes wait for it.
    full = 0;
    await eventually(() => {
      full = writer.body?.hasRoom === false ? full + 1 : 0;
      fill();
      return full > 30;
    }, told);
    expect(BODY_ROOM).toBeLessThan(written);
    socket.terminate();
    await eventually(() => writer.goings === 1);
    writer.body?.write(chunk);
    writer.body?.end();
    expect(writer.goings).toBe(1);
  });

  test(`${name}: bytes are as they were written, whatever becomes of the array where it was taken`, async () => {
    const { writer, port } = await open();
    const wrong: number[] = [];
    let read = 0;
    const socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      socket: {
        open: (s) => void s.write("GET / HTTP/1.0\r\n\r\n"),
        // Every byte that is written is 1 or less, but for those of the head.
        data: (_, data) => {
          for (const byte of data) if (byte === 2) wrong.push(read);
          read += data.length;
        },
      },
    });
    await eventually(() => writer.body !== undefined);
    socket.pause();
    const shared = new Uint8Array(200_000);
    let written = 0;
    let full = 0;
    await eventually(() => {
      full = writer.body?.hasRoom === false ? full + 1 : 0;
      while (writer.body?.hasRoom === true) {
        const bytes = writer.body.takes ? shared.fill(1) : new Uint8Array(shared.length).fill(1);
        writer.body.write(bytes);
        if (writer.body.takes) bytes.fill(2);
        written += bytes.length;
      }
      return full > 30;
    });
    socket.resume();
    await eventually(() => read >= written);
    expect(wrong).toEqual([]);
    socket.terminate();
  });

  test(`${name}: a client that goes away is told of`, async () => {
    const { writer, url } = await open();
    const abort = new AbortController();
    writer.onReady = () => writer.body?.write(Uint8Array.of(1));
    const response = await fetch(url, { signal: abort.signal });
    expect(response.headers.get("content-type")).toBe("video/mp2t");
    await eventually(() => writer.body !== undefined);
    abort.abort();
    await eventually(() => writer.goings === 1);
  });
}
