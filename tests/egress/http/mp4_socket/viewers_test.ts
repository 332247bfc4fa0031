import { describe, expect, test } from "bun:test";
import { QUEUE_MAX } from "../../../../src/egress/http/mp4_socket/viewer.ts";
import { findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { ALAW, AUDIO, VIDEO } from "../test_door.ts";
import { settle } from "../test_app.ts";
import { at, CODECS, PLAY, range, socketBoxes } from "./socket_boxes.ts";
import { framesIn } from "./socket_fixture.ts";

const start = socketBoxes();

describe("a viewer", () => {
  test("is told what it gets, then gets header, what is there from the newest key frame, and all that comes", async () => {
    const box = await start(3);
    const { peer, say } = await box.join([CODECS]);
    expect(peer.texts()).toEqual([
      { type: "codec_data", data: { current: at(50), codecs: ["avc1.42C00D", "mp4a.40.2"], tracks: [0, 1] } },
      { type: "info", data: { msg: "Sending header", tracks: [0, 1] } },
    ]);
    expect(peer.got.map((m) => typeof m)).toEqual(["string", "string", "object"]);
    await box.run(0.2);
    expect(peer.media().length).toBe(1);
    say(PLAY);
    expect(peer.frames()).toEqual(range(50, 79));
    await box.run(1);
    expect(peer.frames()).toEqual(range(50, 104));
    expect(peer.frames(2).at(-1)).toBeGreaterThan(190);
    const times = peer.texts(/on_time/).map(({ data }) => data as Record<string, unknown>);
    expect(times[0]).toEqual({
      current: at(79),
      next: at(79),
      begin: at(0),
      end: at(79),
      play_rate_curr: "auto",
      tracks: [0, 1],
      jitter: expect.any(Number),
      unixoffset: Date.UTC(2026, 5, 1, 12) - at(0),
    });
    expect(times.at(-1)?.["current"]).toBeGreaterThan(at(95));
  });

  test("gets a frame a message when it is alone, and the very bytes that all others get", async () => {
    const box = await start(2);
    const first = await box.join([PLAY]), second = await box.join([PLAY]);
    await box.run(0.12);
    first.peer.clear();
    second.peer.clear();
    await box.run(1);
    expect(first.peer.frames()).toEqual(range(53, 77));
    expect(first.peer.media().every((m) => framesIn(m).length <= 1)).toBe(true);
    expect(second.peer.media()).toEqual(first.peer.media());
    expect(box.sets.viewers).toBe(2);
    first.session.close();
    second.session.close();
    expect(box.sets.viewers).toBe(0);
  });

  test("that is one of many gets its sound with the next picture: one message for both", async () => {
    const box = await start(2);
    const viewers = [];
    for (let n = 0; n < 40; n++) viewers.push(await box.join([PLAY]));
    await box.run(0.12);
    const [{ peer }] = viewers as [(typeof viewers)[0]];
    peer.clear();
    await box.run(1);
    expect(peer.frames()).toEqual(range(53, 77));
    expect(peer.media().length).toBe(25);
    expect(peer.frames(2).length).toBeGreaterThan(44);
    expect(viewers.at(-1)?.peer.frames()).toEqual(range(25, 77));
  });

  test("counts as a session, with all bytes", async () => {
    const box = await start(2);
    const { peer, visitor } = await box.join([PLAY]);
    const bytes = peer.got.reduce((sum, m) => sum + m.length, 0);
    expect(visitor.bytes).toBe(bytes);
    box.visitors.refuse({
      stream: "cam",
      remote: "192.0.2.1",
      userAgent: "0",
      protocol: "MP4/WS",
      token: "",
    }, 60_000);
    await box.run(1.1);
    expect(peer.closed).toBe(1008);
  });

  test("that does not read is left out with bounded memory, told so, and goes on at a key frame", async () => {
    const box = await start(2);
    const { peer, session } = await box.join([PLAY]);
    const other = await box.join([PLAY]);
    await box.run(0.08);
    peer.stalled = true;
    // 1.3 KB a frame: what waits is full after some 8 s
    await box.run(12);
    expect(peer.most).toBeGreaterThan(QUEUE_MAX);
    expect(peer.most).toBeLessThan(QUEUE_MAX + 20_000);
    const last = peer.frames().at(-1) as number;
    peer.stalled = false;
    peer.queued = 0;
    peer.clear();
    session.drain();
    await box.run(0.2);
    const [warning] = peer.texts(/warning/) as {
      warning: string;
      data: { skipped: { from: number; to: number } };
    }[];
    expect(warning?.warning).toMatch(/^skipped ahead by \d+ ms: the connection is too slow$/);
    const frames = peer.frames();
    expect((frames[0] as number) % 25).toBe(0);
    expect(warning?.data.skipped.to).toBe(at(frames[0] as number));
    expect(Math.abs((warning?.data.skipped.from ?? 0) - at(last))).toBeLessThan(40);
    expect(frames).toEqual(range(frames[0] as number, other.peer.frames().at(-1) as number));
    expect(other.peer.texts(/warning/)).toEqual([]);
    expect(other.peer.frames()).toEqual(range(25, other.peer.frames().at(-1) as number));
  });

  test("that never reads again is closed", async () => {
    const box = await start(2);
    const { peer } = await box.join([PLAY]);
    const other = await box.join([PLAY]);
    await box.run(0.08);
    peer.stalled = true;
    await box.run(12, 0.4);
    expect(peer.closed).toBeUndefined();
    await box.run(18, 0.4);
    expect(peer.closed).toBe(1008);
    expect(other.peer.closed).toBeUndefined();
  });

  test("that stalls for less than a second loses nothing", async () => {
    const box = await start(2);
    const { peer, session } = await box.join([PLAY]);
    await box.run(0.08);
    peer.queued = QUEUE_MAX + 1;
    await box.run(0.6);
    peer.queued = 0;
    session.drain();
    await box.run(0.2);
    expect(peer.texts(/warning/)).toEqual([]);
    expect(peer.frames()).toEqual(range(25, 71));
  });

  test("may pause, go on where it was, and hears of it", async () => {
    const box = await start(2);
    const { peer, say } = await box.join([PLAY]);
    await box.run(0.4);
    say({ type: "pause" });
    peer.clear();
    await box.run(1);
    expect(peer.media()).toEqual([]);
    say({ type: "pause" });
    await box.run(0.2);
    expect(peer.texts()).toEqual([{ type: "pause", paused: false }]);
    // No longer away than 3 s: it goes on live, with all that came meanwhile.
    expect(peer.frames()).toEqual(range(60, 89));
    say({ type: "hold" });
    say({ type: "hold" });
    expect(peer.texts(/pause/).slice(1)).toEqual([{ type: "pause", paused: true }, {
      type: "pause",
      paused: true,
    }]);
  });

  test("that was paused for long goes on where it was, in real time", async () => {
    const box = await start(2);
    const { peer, say } = await box.join([PLAY]);
    await box.run(0.4);
    say({ type: "hold" });
    await box.run(6);
    peer.clear();
    say(PLAY);
    await box.run(1);
    const frames = peer.frames();
    expect(frames[0]).toBe(60);
    // Real time, and a second ahead.
    expect(frames.at(-1)).toBeGreaterThanOrEqual(60 + 48);
    expect(frames.at(-1)).toBeLessThanOrEqual(60 + 51);
    const time = peer.texts(/on_time/).at(-1)?.["data"] as Record<string, number>;
    expect(time["end"]! - time["current"]!).toBeGreaterThan(5000);
  });
});

describe("a viewer that seeks", () => {
  test("goes to the key frame before, plays from there in real time, and comes back live", async () => {
    const box = await start(9);
    const { peer, say } = await box.join([PLAY]);
    peer.clear();
    say({ type: "seek", seek_time: at(37) });
    await box.run(0.4);
    expect(peer.texts()).toEqual([{ type: "seek", data: { live_point: false, play_rate_curr: "auto" } }]);
    expect(peer.frames()).toEqual(range(25, 37 + 10 + 25));
    peer.clear();
    say({ type: "seek", seek_time: "live" });
    await box.run(0.2);
    expect(peer.texts()).toEqual([{ type: "seek", data: { live_point: true, play_rate_curr: "auto" } }]);
    expect(peer.frames()).toEqual(range(225, 239));
  });

  test("to Unix time, or before the beginning", async () => {
    const box = await start(9);
    const { peer, say } = await box.join([PLAY]);
    for (
      const [command, first] of [
        [{ type: "seek", unix: Date.UTC(2026, 5, 1, 12) + 2000 }, 50],
        [{ type: "seek", seek_time: -5000 }, 0],
        [{ type: "play", seek_time: at(60) - 1 }, 50],
      ] as const
    ) {
      peer.clear();
      say(command);
      expect(peer.frames()[0]).toBe(first);
    }
  });

  test("faster or slower gets frames at that speed; auto near the end is live again", async () => {
    const box = await start(9);
    const { peer, say } = await box.join([PLAY]);
    say({ type: "seek", seek_time: at(0) });
    peer.clear();
    say({ type: "set_speed", play_rate: 2 });
    expect(peer.texts()).toEqual([
      { type: "set_speed", data: { play_rate_prev: "auto", play_rate_curr: 2, live_point: false } },
    ]);
    await box.run(1);
    expect(peer.frames().at(-1)).toBeGreaterThanOrEqual(74);
    expect(peer.frames().at(-1)).toBeLessThanOrEqual(76);
    say({ type: "fast_forward", ff_to: at(200) });
    expect(peer.frames().at(-1)).toBe(200);
    expect(peer.texts(/set_speed/).at(-1)).toEqual({
      type: "set_speed",
      data: { play_rate_prev: "fast-forward", play_rate_curr: 2, live_point: false },
    });
    say({ type: "set_speed", play_rate: "auto" });
    await box.run(0.2);
    expect(peer.frames().at(-1)).toBe(254);
  });

  test("out of the buffer is put at its beginning, and told so", async () => {
    const box = await start(2);
    const { peer, say } = await box.join([PLAY]);
    say({ type: "seek", seek_time: 0 });
    say({ type: "set_speed", play_rate: 0.1 });
    peer.clear();
    await box.run(60, 0.4);
    expect(peer.texts(/warning/).length).toBeGreaterThan(0);
    const frames = peer.frames();
    expect(frames.at(-1)).toBeGreaterThan(500);
    expect(frames.every((n, i) => i === 0 || n === (frames[i - 1] as number) + 1 || n % 25 === 0)).toBe(true);
  });
});

describe("tracks", () => {
  test("are those that can be played; others are named where there are none", async () => {
    const box = await start(2);
    const { peer } = await box.join([{ type: "request_codec_data", supported_codecs: ["AAC"] }]);
    expect(peer.texts()[0]?.["data"]).toMatchObject({ codecs: ["mp4a.40.2"], tracks: [1] });
    const none = await box.join([{ type: "request_codec_data", supported_codecs: ["HEVC"] }]);
    expect(none.peer.texts()).toEqual([
      { type: "error", data: "Nothing of this stream can be sent: it has H.264, AAC" },
    ]);
  });

  test("change on the way: what is sent then, its header, and frames from a key frame on", async () => {
    const box = await start(2);
    const { peer, say } = await box.join([PLAY]);
    await box.run(0.2);
    peer.clear();
    say({ type: "tracks", audio: "none", video: null });
    await box.run(0.2);
    expect(peer.texts()).toEqual([
      { type: "tracks", data: { current: at(50), codecs: ["avc1.42C00D"], tracks: [0] } },
      { type: "info", data: { msg: "Sending header", tracks: [0] } },
    ]);
    expect(peer.frames()).toEqual(range(50, 59));
    peer.clear();
    say({ type: "tracks", audio: "[" });
    expect(peer.texts()).toEqual([{ type: "tracks", error: 'audio: cannot read "["' }]);
    await box.run(0.2);
    expect(peer.frames()).toEqual(range(60, 64));
  });

  test("by the address, and G.711 as FLAC", async () => {
    const box = await start(2, [VIDEO, ALAW]);
    const { peer } = await box.join([PLAY], undefined, { video: "none" });
    expect(peer.texts()[0]?.["data"]).toMatchObject({ codecs: ["fLaC"], tracks: [1] });
    await box.run(0.4);
    expect(peer.media().length).toBeGreaterThan(5);
    const { peer: flac } = await box.join([{ type: "request_codec_data", supported_codecs: ["FLAC"] }]);
    expect(flac.texts()[0]?.["data"]).toMatchObject({ tracks: [1] });
  });

  test("that come later are taken along within a second", async () => {
    const box = await start(2, [VIDEO]);
    const { peer } = await box.join([PLAY]);
    expect(peer.texts()[0]?.["data"]).toMatchObject({ tracks: [0] });
    await box.camera.add(AUDIO);
    await box.run(2.2);
    expect(peer.texts(/^tracks/)[0]?.["data"]).toMatchObject({ tracks: [0, 1] });
    expect(peer.frames(2).length).toBeGreaterThan(10);
  });

  test("in a new configuration: every viewer gets the header before the first frame that needs it", async () => {
    const box = await start(2);
    const viewers = [await box.join([PLAY]), await box.join([PLAY])];
    await box.run(0.2);
    for (const { peer } of viewers) peer.clear();
    box.video.update({ ...VIDEO, width: 640, height: 360, codecString: "avc1.640028" });
    await box.run(1);
    for (const { peer } of viewers) {
      const change = peer.got.findIndex((m) => typeof m === "string" && m.includes('"tracks"'));
      expect(JSON.parse(peer.got[change] as string)).toEqual({
        type: "tracks",
        data: { current: expect.any(Number), codecs: ["avc1.640028", "mp4a.40.2"], tracks: [0, 1] },
      });
      expect(findBoxes(peer.got[change + 2] as Uint8Array, ["moov"]).length).toBe(1);
      expect(peer.frames()).toEqual(range(55, 79));
    }
  });
});

test("commands that cannot be followed are answered and change nothing", async () => {
  const box = await start(2);
  const { peer, session, say } = await box.join([PLAY]);
  peer.clear();
  for (const text of ["", "{}", "[1]", "null", '{"type":7}', '{"type":"dance"}', "x".repeat(20_000)]) {
    session.message(text);
  }
  say({ type: "seek" });
  say({ type: "set_speed" });
  say({ type: "set_speed", play_rate: -1 });
  say({ type: "fast_forward" });
  expect(peer.texts().map(({ type, error, data, warning }) => [type, error ?? data ?? warning])).toEqual([
    ["error", "expected an object with a type"],
    ["error", "type field missing from command"],
    ["error", "expected an object with a type"],
    ["error", "expected an object with a type"],
    ["error", "type field missing from command"],
    ["error", "unknown command dance"],
    ["error", "expected an object with a type"],
    ["seek", "seek_time missing"],
    ["set_speed", "play_rate missing"],
    ["set_speed", "play_rate: expected a number above 0, or auto"],
    ["warning", "Ignored fast_forward command: ff_to property missing"],
  ]);
  await box.run(0.2);
  expect(peer.frames()).toEqual(range(50, 54));
  for (let n = 0; n < 60; n++) say({ type: "dance" });
  expect(peer.closed).toBe(1008);
});

test("stop closes, the end of the stream is told, and a stream without data is waited for in vain", async () => {
  const box = await start(2);
  const stopped = await box.join([PLAY]);
  stopped.say({ type: "stop" });
  expect(stopped.peer.closed).toBe(1000);
  const watching = await box.join([PLAY]);
  box.live.close();
  expect(watching.peer.texts(/on_stop/)).toEqual([
    { type: "on_stop", data: { current: at(49), begin: at(0), end: at(49) } },
  ]);
  expect(watching.peer.closed).toBe(1001);
  const late = await box.join([PLAY]);
  await settle(2);
  expect(late.peer.texts()).toEqual([{ type: "error", data: "Stream is waiting for data" }]);
  expect(late.peer.closed).toBe(1011);
});
