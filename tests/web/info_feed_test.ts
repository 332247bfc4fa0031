import { afterEach, expect, test } from "bun:test";
import { InfoFeed } from "../../src/web/player/info_feed.ts";
import { whyAway, whyNothing } from "../../src/web/player/reasons.ts";
import type { StreamInfo } from "../../src/web/player/stream_info.ts";

interface Box {
  readonly server: Bun.Server<undefined>;
  readonly asked: string[];
  push(info: object): void;
}

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that tells `info`, by WebSocket as well unless something between passes none. */
function startBox(info: object | string, { sockets = true, port = 0 } = {}): Box {
  const open = new Set<Bun.ServerWebSocket<undefined>>();
  const asked: string[] = [];
  const server = Bun.serve<undefined>({
    hostname: "127.0.0.1",
    port,
    fetch(request, self) {
      const { pathname } = new URL(request.url);
      const upgrade = request.headers.get("upgrade") !== null;
      asked.push(`${upgrade ? "WS" : request.method} ${pathname}`);
      if (upgrade && sockets && self.upgrade(request)) return undefined;
      if (upgrade) return new Response("no", { status: 400 });
      if (typeof info === "string") return new Response(info, { status: 404 });
      return Response.json(info);
    },
    websocket: {
      open(socket) {
        open.add(socket);
        socket.send(JSON.stringify(info));
      },
      message() {},
      close: (socket) => void open.delete(socket),
    },
  });
  ends.push(() => void server.stop(true));
  return { server, asked, push: (next) => open.forEach((s) => void s.send(JSON.stringify(next))) };
}

function follow(box: Box) {
  const told: (StreamInfo | "unreachable")[] = [];
  let heard = () => {};
  const note = (what: StreamInfo | "unreachable") => {
    told.push(what);
    heard();
  };
  const feed = new InfoFeed("front door", `http://127.0.0.1:${box.server.port}/cams/`, {
    info: note,
    unreachable: () => note("unreachable"),
  });
  ends.push(() => feed.close());
  const next = async (test: (all: typeof told) => boolean) => {
    const late = AbortSignal.timeout(8000);
    while (!test(told)) {
      if (late.aborted) throw new Error(`not told: ${JSON.stringify(told)}`);
      const timer = AbortSignal.timeout(100);
      await new Promise<void>((resolve) => {
        heard = resolve;
        timer.addEventListener("abort", () => resolve());
      });
    }
  };
  return { feed, told, next };
}

test("tells at once and at each change, below the server's own address", async () => {
  const box = startBox({ type: "live" });
  const { told, next } = follow(box);
  await next((all) => all.length === 1);
  box.push({ error: "Stream is offline" });
  await next((all) => all.length === 2);
  expect(told).toEqual([{ type: "live" }, { error: "Stream is offline" }]);
  expect(box.asked).toEqual(["WS /cams/json_front%20door.js"]);
});

test(
  "asks again where no WebSocket comes through, and wakes a stream on demand by its playlist",
  async () => {
    const box = startBox({ error: "Stream is offline" }, { sockets: false });
    const { told, next } = follow(box);
    await next((all) => all.length === 2);
    expect(told[1]).toEqual({ error: "Stream is offline" });
    expect(box.asked.filter((line) => line.startsWith("WS")).length).toBe(1);
    expect(box.asked).toContain("HEAD /cams/hls/front%20door/index.m3u8");
  },
  10_000,
);

test("finds the server again after it was away", async () => {
  const box = startBox({ type: "live" });
  const { told, next } = follow(box);
  await next((all) => all.length === 1);
  const { port } = box.server;
  await box.server.stop(true);
  await next((all) => all.includes("unreachable"));
  startBox({ type: "live", width: 2 }, { port: port as number });
  await next((all) => JSON.stringify(all.at(-1)).includes("width"));
  expect(told.at(-1)).toEqual({ type: "live", width: 2 });
}, 12_000);

test("takes it that there is LL-HLS where nothing knows the address", async () => {
  const box = startBox("There is nothing here\n", { sockets: false });
  const other = follow(box);
  await other.next((all) => all.length === 1);
  expect((other.told[0] as StreamInfo).source?.[0]?.relurl).toBe("hls/front%20door/index.m3u8");
}, 10_000);

test("reasons are put for people", () => {
  expect(whyAway({ error: "Could not retrieve stream. Sorry.", error_guru: "no such stream" })).toBe(
    "Could not retrieve stream. Sorry: no such stream",
  );
  expect(whyAway({ error: "Stream is booting", perc: 41.6 })).toBe("Stream is booting (42 %)");
  expect(whyAway({ error: "Stream is offline", on_error: "Closed on Sundays" })).toBe("Closed on Sundays");
  expect(whyAway({ type: "live" })).toBeUndefined();
  expect(whyNothing({ meta: { tracks: { a: { codec: "AC3", type: "audio" } } } })).toBe(
    "This browser plays none of AC3",
  );
  expect(whyNothing(undefined)).toBe("The stream has nothing to play");
});
