import { expect, test } from "bun:test";
import { type FrameRecord, makeFrameRecord } from "../../../../src/buffer/track_view.ts";
import { ticks } from "../../../../src/base/units.ts";
import { JSON_SOCKET } from "../../../../src/egress/http/mp4_socket/json_packager.ts";
import { MP4_SOCKET } from "../../../../src/egress/http/mp4_socket/mp4_packager.ts";
import type { Message, Packager } from "../../../../src/egress/http/mp4_socket/packager.ts";
import { RAW_SOCKET } from "../../../../src/egress/http/mp4_socket/raw_packager.ts";
import type { DataTrack } from "../../../../src/media/track.ts";
import { decodeBoxes, findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { ALAW, AUDIO, VIDEO } from "../test_door.ts";
import { framesIn, SocketBox } from "./socket_fixture.ts";

function frame(dts: number, data: Uint8Array, more: Partial<FrameRecord> = {}): FrameRecord {
  return { ...makeFrameRecord(), dts: ticks(dts), data, size: data.length, ...more };
}

function messages(packager: Packager, ...frames: readonly (readonly [number, FrameRecord])[]): Message[] {
  for (const [n, record] of frames) packager.add(n, record);
  const made: Message[] = [];
  packager.end((message) => made.push(typeof message === "string" ? message : message.slice()));
  return made;
}

const units = (...lengths: number[]) => {
  const bytes = new Uint8Array(lengths.reduce((sum, n) => sum + 4 + n, 0)).fill(9);
  let at = 0;
  for (const length of lengths) {
    new DataView(bytes.buffer).setUint32(at, length);
    at += 4 + length;
  }
  return bytes;
};

test("raw: 12 bytes of head, then Annex B; parameter sets first", () => {
  const packager = RAW_SOCKET.open([{ ...VIDEO, id: 3 }]);
  expect(packager.header).toEqual(
    Uint8Array.of(3, 2, ...Array(10).fill(0), 0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x0d, 0, 0, 0, 1, 0x68, 0xce),
  );
  const [key, other] = messages(
    packager,
    [0, frame(90_000 * 60 * 60 * 24 * 60, units(1, 2), { key: true, ptsOffset: 3600 })],
    [0, frame(90_000, units(1), { ptsOffset: -1800 })],
  );
  expect(key).toEqual(
    Uint8Array.of(3, 1, ...bigEndian(5_184_000_000), 0, 40, 0, 0, 0, 1, 9, 0, 0, 0, 1, 9, 9),
  );
  expect(other).toEqual(Uint8Array.of(3, 0, ...bigEndian(1000), 0xff, 0xec, 0, 0, 0, 1, 9));
});

function bigEndian(n: number): number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(n));
  return [...bytes];
}

test("raw: lengths that lie do no harm", () => {
  const bytes = units(3);
  new DataView(bytes.buffer).setUint32(0, 0xffffffff);
  expect(messages(RAW_SOCKET.open([VIDEO]), [0, frame(0, bytes)])).toHaveLength(1);
});

test("MP4: what is there at once is one fragment, with the stream's own times", () => {
  const packager = MP4_SOCKET.open([VIDEO, AUDIO]);
  expect(packager.codecs).toEqual(["avc1.42C00D", "mp4a.40.2"]);
  const [fragment, ...more] = messages(
    packager,
    [0, frame(900_000, Uint8Array.of(0, 0, 0, 1, 5), { key: true, duration: 3600 })],
    [1, frame(480_000, Uint8Array.of(0, 0, 0, 2), { key: true, duration: 1024 })],
    [0, frame(903_700, Uint8Array.of(0, 0, 0, 3, 5), { duration: 3600 })],
  ) as Uint8Array[];
  expect(more).toEqual([]);
  expect(framesIn(fragment as Uint8Array, 1)).toEqual([1, 3]);
  expect(framesIn(fragment as Uint8Array, 2)).toEqual([2]);
  const times = findBoxes(fragment as Uint8Array, ["moof", "traf", "tfdt"])
    .map(({ payload }) => Number(new DataView(payload.slice().buffer).getBigUint64(4)));
  expect(times).toEqual([900_000, 480_000]);
  // The first picture lasts until the second, whatever was thought when it was written.
  const [run] = findBoxes(fragment as Uint8Array, ["moof", "traf", "trun"]);
  expect(new DataView((run?.payload ?? new Uint8Array()).slice().buffer).getUint32(16)).toBe(3700);
  expect(messages(packager)).toEqual([]);
  packager.add(0, frame(0, Uint8Array.of(1)));
  packager.drop();
  expect(messages(packager)).toEqual([]);
});

test("MP4: G.711 goes out as FLAC frames of the same times", () => {
  const packager = MP4_SOCKET.open([ALAW]);
  expect(packager.codecs).toEqual(["fLaC"]);
  const silence = new Uint8Array(160).fill(0xd5);
  const [first] = messages(packager, [0, frame(8000, silence)], [0, frame(8160, silence)]) as Uint8Array[];
  const [second] = messages(packager, [0, frame(8320, silence)]) as Uint8Array[];
  for (const [fragment, time] of [[first, 8000], [second, 8320]] as const) {
    const boxes = decodeBoxes(fragment as Uint8Array);
    expect(boxes.kind).toBe("ok");
    const [tfdt] = findBoxes(fragment as Uint8Array, ["moof", "traf", "tfdt"]);
    expect(Number(new DataView((tfdt?.payload as Uint8Array).slice().buffer).getBigUint64(4))).toBe(time);
    const [mdat] = findBoxes(fragment as Uint8Array, ["mdat"]);
    expect([...(mdat?.payload.subarray(0, 2) ?? [])]).toEqual([0xff, 0xf9]);
  }
});

const DATA: DataTrack = {
  id: 4,
  kind: "data",
  codec: "json",
  timescale: 90_000,
  config: new Uint8Array(0),
  codecString: "",
  language: "und",
};

test("JSON: documents as they are, other text as a string, bytes in base64", () => {
  const text = (s: string) => new TextEncoder().encode(s);
  const json = JSON_SOCKET.open([DATA, { ...DATA, id: 5, codec: "onvif" }, { ...DATA, id: 6, codec: "klv" }]);
  const made = messages(
    json,
    [0, frame(90_000, text('{"a": [1, "ü"]}'))],
    [0, frame(90_045, text('{"a"'))],
    [1, frame(180_000, text('<a b="c"/>'))],
    [2, frame(180_000, Uint8Array.of(0xff, 0, 1))],
  );
  expect(made.map((m) => JSON.parse(m as string))).toEqual([
    { data: { a: [1, "ü"] }, time: 1000, track: 4 },
    { data: '{"a"', time: 1001, track: 4 },
    { data: '<a b="c"/>', time: 2000, track: 5 },
    { data: "/wAB", time: 2000, track: 6 },
  ]);
});

test("data is sent without being asked for, from the newest document on", async () => {
  const box = await SocketBox.start(2, [VIDEO, AUDIO]);
  const sink = await box.camera.sink.addTrack(DATA);
  const put = (n: number) => {
    const bytes = new TextEncoder().encode(`{"n":${n}}`);
    sink.write({ dts: ticks(n * 90_000), ptsOffset: 0, duration: 0, key: true, discontinuity: false }, bytes);
  };
  put(1);
  put(2);
  const { peer } = await box.join([], JSON_SOCKET);
  put(3);
  await box.run(0.1);
  expect(peer.got.map((m) => JSON.parse(m as string).data.n)).toEqual([2, 3]);
  box.close();
});
