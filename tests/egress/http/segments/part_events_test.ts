import { expect, test } from "bun:test";
import { findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { readPlaylist } from "../../../wire/protocol/hls/read_playlist.ts";
import { settle, type TestApp } from "../test_app.ts";
import { testApps } from "../test_apps.ts";
import { AUDIO, frameBytes, ID3, VIDEO } from "../test_door.ts";

const apps = testApps();

async function live(seconds: number, tracks: Parameters<TestApp["camera"]>[1]) {
  const { t, camera } = await apps.live(0, tracks);
  camera.muted.add(ID3.id);
  camera.writeUntil(seconds);
  /** A tag of that number with that time, in seconds. */
  const tag = (n: number, at: number) =>
    camera.sinks.get(ID3.id)?.write(
      {
        ...{ dts: Math.round(at * 90_000) as never, ptsOffset: 0, duration: 0 },
        ...{ key: true, discontinuity: false },
      },
      frameBytes(ID3, n, true),
    );
  return { t, camera, tag };
}

interface ReadEvent {
  readonly scheme: string;
  readonly value: string;
  readonly seconds: number;
  readonly id: number;
  readonly data: Uint8Array;
}

/** ISO/IEC 23009-1, 5.10.3.3.3, read by hand. */
function eventsIn(fragment: Uint8Array): ReadEvent[] {
  return findBoxes(fragment, ["emsg"]).map(({ payload }) => {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    expect(view.getUint32(0)).toBe(1 << 24);
    expect(view.getUint32(16)).toBe(0xffffffff);
    const schemeEnd = payload.indexOf(0, 24), valueEnd = payload.indexOf(0, schemeEnd + 1);
    const text = (from: number, to: number) => new TextDecoder().decode(payload.slice(from, to));
    return {
      scheme: text(24, schemeEnd),
      value: text(schemeEnd + 1, valueEnd),
      seconds: Number(view.getBigUint64(8)) / view.getUint32(4),
      id: view.getUint32(20),
      data: payload.subarray(valueEnd + 1),
    };
  });
}

test("a tag is an event of the part in which it comes, for an early and a late worker, with its own time", async () => {
  const { t, camera, tag } = await live(3, [VIDEO, AUDIO, ID3]);
  const path = "/hls/cam/0/index.m3u8";
  await t.text(path);
  const early = new Map<string, Uint8Array>();
  const sent = new Map<number, number>();
  for (let at = 16; at <= 60; at++) {
    camera.writeUntil(at * 0.2);
    if (at % 7 === 0) {
      sent.set(at, at * 0.2 - 0.5);
      tag(at, at * 0.2 - 0.5);
    }
    await settle(1);
    for (const [, uri = ""] of (await t.text(path)).matchAll(/EXT-X-PART:.*URI="([^"]+)"/g)) {
      if (!early.has(uri)) early.set(uri, await t.bytes(`${path}/../${uri}`));
    }
  }
  const late = t.another();
  const found: ReadEvent[] = [];
  for (const [uri, bytes] of early) {
    expect(await t.bytes(`${path}/../${uri}`, late)).toEqual(bytes);
    found.push(...eventsIn(bytes));
  }
  late.close();
  expect(found.map(({ seconds }) => Math.round(seconds * 1000))).toEqual(
    [...sent.values()].map((seconds) => 1000 + Math.round(seconds * 1000)),
  );
  expect(found.map(({ data }) => data)).toEqual([...sent.keys()].map((n) => frameBytes(ID3, n, true)));
  expect(found.map(({ id }) => id)).toEqual(found.map((_, n) => n));
  for (const { scheme, value } of found) {
    expect([scheme, value]).toEqual(["https://aomedia.org/emsg/ID3", "3"]);
  }
});

test("a segment has the events of its parts, before the fragment that they came with", async () => {
  const { t, camera, tag } = await live(3, [VIDEO, AUDIO, ID3]);
  for (let at = 16; at <= 45; at++) {
    camera.writeUntil(at * 0.2);
    tag(at, at * 0.2);
  }
  const types = (bytes: Uint8Array) => {
    const all: string[] = [];
    for (let at = 0; at < bytes.length;) {
      const view = new DataView(bytes.buffer, bytes.byteOffset + at);
      all.push(String.fromCharCode(...bytes.subarray(at + 4, at + 8)));
      at += view.getUint32(0);
    }
    return all.join(" ");
  };
  const media = readPlaylist(await t.text("/hls/cam/0/index.m3u8"));
  const [, , segment] = media.segments;
  const whole = await t.bytes(`/hls/cam/0/${segment?.uri}`);
  expect(types(whole)).toMatch(/^styp prft (emsg )+moof mdat( (emsg )+moof mdat)+$/);
  expect(eventsIn(whole).length).toBe(10);
  // In one file with the sound too, and beside sound alone.
  expect(eventsIn(await t.bytes(`/hls/cam/0-1/${segment?.uri}`))).toEqual(eventsIn(whole));
  expect(types(await t.bytes(`/hls/cam/1/${segment?.uri}`))).not.toContain("emsg");
  const said = '<InbandEventStream schemeIdUri="https://aomedia.org/emsg/ID3" value="3"/>';
  const [, video, audio] = (await t.text("/cmaf/cam/index.mpd")).split("<AdaptationSet ");
  expect([video?.includes(said), audio?.includes("InbandEventStream")]).toEqual([true, false]);
});

test("where there is sound alone, tags go along with it; they count for BANDWIDTH", async () => {
  const { t, camera, tag } = await live(3, [AUDIO, ID3]);
  for (let at = 16; at <= 45; at++) {
    camera.writeUntil(at * 0.2);
    tag(at, at * 0.2);
  }
  const text = await t.text("/hls/cam/index.m3u8");
  expect(text).not.toContain("ID3");
  const { BANDWIDTH = 0 } = readPlaylist(text).playlists?.[0]?.attributes as Record<string, number>;
  let peak = 0, events = 0;
  for (const { uri, duration } of readPlaylist(await t.text("/hls/cam/1/index.m3u8")).segments) {
    const bytes = await t.bytes(`/hls/cam/1/${uri}`);
    peak = Math.max(peak, (bytes.length * 8) / duration);
    events += eventsIn(bytes).length;
  }
  expect(events).toBeGreaterThan(20);
  expect(BANDWIDTH).toBeGreaterThanOrEqual(peak);
  expect(BANDWIDTH).toBeLessThan(peak * 1.35);
});
