import { expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import { monoMillis, streamMicros, wallMillis } from "../../../src/base/units.ts";
import { openRtpTrack, type RtpTrack } from "../../../src/ingest/rtp/rtp_track.ts";
import { RtpTimeline } from "../../../src/ingest/rtp/timeline.ts";
import { UnsupportedFormat } from "../../../src/ingest/rtp/unsupported_format.ts";
import { encodeBye } from "../../../src/wire/protocol/rtcp/bye.ts";
import { wallToNtp } from "../../../src/wire/protocol/rtcp/ntp.ts";
import { decodeRtcp } from "../../../src/wire/protocol/rtcp/packet.ts";
import { encodeSenderReport } from "../../../src/wire/protocol/rtcp/sender_report.ts";
import type { RtpFormat } from "../../../src/wire/protocol/rtp/format.ts";
import { encodeRtp } from "../../../src/wire/protocol/rtp/packet.ts";
import { format } from "../../wire/protocol/rtp/depacketize/collect.ts";
import { linesLog, RecordingSink, silentTally } from "./recording_sink.ts";

const WALL = 1_800_000_000_000;
const SSRC = 0xcafe0001;
// axis-2017: parameter sets in the SDP only.
const AXIS = "Z0IAKeKQCgDLYC3AQEBpB4kRUA==,aM48gA==";
const H264 = format("H264", 90_000, { "packetization-mode": "1", "sprop-parameter-sets": AXIS });
const PCMA = { ...format("PCMA", 8000), payloadType: 8 };
// IDR and P slices: first_mb 0, slice types 7 and 5, PPS 0, frame_num by the set's width; the rest is not looked at.
const IDR = [0x65, 0x88, 0x84, 0x00, 0x33, 0xff];
const P = [0x41, 0x9a, 0x24, 0x6c, 0x41, 0xff];

interface Setup {
  readonly sink: RecordingSink;
  readonly track: RtpTrack;
  readonly tally: ReturnType<typeof silentTally>;
  readonly lines: string[];
  send(sequence: number, timestamp: number, payload: number[], o?: SendOptions): void;
}

interface SendOptions {
  readonly m?: boolean;
  readonly at?: number;
  readonly ssrc?: number;
  readonly pt?: number;
}

async function open(
  f: RtpFormat,
  o: { ordered?: boolean; hold?: boolean; wall?: boolean } = {},
): Promise<Setup> {
  const sink = new RecordingSink(o.hold ?? false);
  const tally = silentTally();
  const lines: string[] = [];
  const timeline = o.wall === false
    ? new RtpTimeline(monoMillis(1000))
    : new RtpTimeline(monoMillis(1000), wallMillis(WALL));
  const track = openRtpTrack(f, {
    id: 0,
    ordered: o.ordered ?? false,
    timeline,
    sink,
    tally,
    log: linesLog(lines),
  });
  await Promise.resolve();
  const datagram = new Uint8Array(2048);
  const send = (sequence: number, timestamp: number, payload: number[], s: SendOptions = {}) => {
    const bytes = encodeRtp({
      payloadType: s.pt ?? f.payloadType,
      marker: s.m ?? true,
      sequence: sequence & 0xffff,
      timestamp: timestamp >>> 0,
      ssrc: s.ssrc ?? SSRC,
      payload: Uint8Array.from(payload),
    });
    // The view that a socket gives is valid during the call only.
    datagram.set(bytes);
    track.receive(datagram.subarray(0, bytes.length), monoMillis(1000 + (s.at ?? 0)));
    datagram.fill(0xee);
  };
  return { sink, track, tally, lines, send };
}

const settle = () => new Promise<void>((done) => setTimeout(done, 0));
const dts = (sink: RecordingSink) => sink.frames.map((f) => f.dts as number);

test("frames come out at once with the marker, the track is announced once (nops: sets in the SDP only)", async () => {
  const { sink, track, send } = await open(H264);
  send(10, 5000, IDR);
  await settle();
  expect(sink.tracks.length).toBe(1);
  expect(sink.tracks[0]).toMatchObject({
    kind: "video",
    codec: "h264",
    timescale: 90_000,
    width: 1280,
    height: 800,
  });
  for (let i = 1; i < 5; i++) send(10 + i, 5000 + i * 3600, P, { at: i * 40 });
  expect(dts(sink)).toEqual([0, 3600, 7200, 10_800, 14_400]);
  expect(sink.frames.map((f) => f.key)).toEqual([true, false, false, false, false]);
  expect(sink.frames.every((f) => f.duration === 3600 && f.ptsOffset === 0 && !f.discontinuity)).toBe(true);
  expect([...sink.frames[0]!.data]).toEqual([0, 0, 0, IDR.length, ...IDR]);
  expect(track.counters).toMatchObject({ packets: 5, lost: 0, damaged: 0, frames: 5 });
  expect(track.lastPacketAt).toBe(monoMillis(1160));
});

test("after loss nothing comes before the next key frame, and time goes on", async () => {
  const { sink, track, send } = await open(H264, { ordered: true });
  send(1, 0, IDR);
  await settle();
  send(2, 3600, P, { at: 40 });
  send(4, 10_800, P, { at: 120 });
  track.tick(monoMillis(1220));
  send(5, 14_400, P, { at: 221 });
  send(6, 18_000, IDR, { at: 250 });
  send(7, 21_600, P, { at: 290 });
  expect(dts(sink)).toEqual([0, 3600, 18_000, 21_600]);
  expect(sink.frames.map((f) => f.duration)).toEqual([3600, 3600, 3600, 3600]);
  expect(track.counters).toMatchObject({ lost: 1, damaged: 1 });
});

test("packets out of order and twice (reorder, dup) are put right, on UDP and within TCP", async () => {
  for (const ordered of [false, true]) {
    const { sink, track, send } = await open(H264, { ordered });
    send(65_534, 0, IDR);
    await settle();
    send(0, 7200, P);
    send(65_535, 3600, P);
    send(65_535, 3600, P);
    send(1, 10_800, P);
    expect(dts(sink)).toEqual([0, 3600, 7200, 10_800]);
    expect(track.counters).toMatchObject({ lost: 0, reordered: 1, duplicated: 1, damaged: 0 });
  }
});

test("loss of audio costs that packet only; its time stays empty", async () => {
  const { sink, send, track } = await open(PCMA, { ordered: true });
  const samples = Array<number>(160).fill(0xd5);
  send(1, 800, samples);
  await settle();
  send(2, 960, samples, { at: 20 });
  send(4, 1280, samples, { at: 60 });
  track.tick(monoMillis(1160));
  send(5, 1440, samples, { at: 161 });
  expect(dts(sink)).toEqual([0, 160, 480, 640]);
  expect(sink.frames.every((f) => f.duration === 160 && f.key && !f.discontinuity)).toBe(true);
});

test("another source in mid stream (ssrcchange): discontinuity, by arrival; the former one is not taken back", async () => {
  const { sink, send, track, tally } = await open(H264);
  send(1, 0, IDR);
  await settle();
  send(2, 3600, P, { at: 40 });
  send(900, 1_000_000, IDR, { at: 80, ssrc: 7 });
  send(3, 7200, P, { at: 90 });
  send(901, 1_003_600, P, { at: 120, ssrc: 7 });
  expect(dts(sink)).toEqual([0, 3600, 7200, 10_800]);
  expect(sink.frames.map((f) => f.discontinuity)).toEqual([false, false, true, false]);
  expect(track.counters.lost).toBe(0);
  expect(tally.totals().get("rtp packet of a former source")).toBe(1);
  send(4, 10_800, IDR, { at: 5000 });
  expect(sink.frames.at(-1)!.discontinuity).toBe(true);
});

test("timestamps that jump (tsjump): discontinuity on the first frame behind it", async () => {
  const { sink, send } = await open(H264);
  send(1, 0, IDR);
  await settle();
  send(2, 3600, P, { at: 40 });
  send(3, 9_007_200, P, { at: 80 });
  send(4, 9_010_800, P, { at: 120 });
  expect(dts(sink)).toEqual([0, 3600, 7200, 10_800]);
  expect(sink.frames.map((f) => f.discontinuity)).toEqual([false, false, true, false]);
});

test("sequence numbers that jump (seqjump) are a new beginning, not loss of thousands", async () => {
  const { sink, send, track } = await open(H264);
  send(1, 0, IDR);
  await settle();
  send(3001, 3600, IDR, { at: 40 });
  send(3002, 7200, P, { at: 80 });
  expect(dts(sink)).toEqual([0, 3600 + 3600 - 3600, 7200]);
  expect(track.counters.lost).toBe(0);
});

test("GeoVision: payload types that nothing describes are skipped and tallied", async () => {
  const { sink, send, tally, track } = await open(H264);
  send(1, 0, IDR, { pt: 50 });
  send(1, 0, IDR);
  await settle();
  expect(sink.frames.length).toBe(1);
  expect(track.counters.packets).toBe(1);
  expect(tally.totals().get("rtp payload type not in the SDP")).toBe(1);
});

test("rubbish is tallied and never thrown", async () => {
  const { track, tally } = await open(H264);
  for (let length = 0; length < 40; length++) {
    for (const fill of [0, 0x80, 0xff, 0x5a]) {
      track.receive(new Uint8Array(length).fill(fill), monoMillis(1000));
      track.receiveRtcp(new Uint8Array(length).fill(fill), monoMillis(1000), wallMillis(WALL));
    }
  }
  expect(tally.totals().get("rtp packet unreadable")).toBeGreaterThan(50);
  expect(track.ended).toBe(false);
});

test("frames that come while the track is being made are kept, in order", async () => {
  const { sink, send } = await open(H264, { hold: true });
  for (let i = 0; i < 20; i++) send(i, i * 3600, i === 0 ? IDR : P, { at: i * 40 });
  expect(sink.frames.length).toBe(0);
  sink.release();
  await settle();
  expect(dts(sink)).toEqual(Array.from({ length: 20 }, (_, i) => i * 3600));
});

test("a track that is never made costs bounded memory", async () => {
  const { sink, send, tally } = await open(H264, { hold: true });
  for (let i = 0; i < 700; i++) send(i, i * 3600, i === 0 || i === 650 ? IDR : P, { at: i * 40 });
  expect(tally.totals().get("frame dropped before its track was ready")).toBeGreaterThan(0);
  sink.release();
  await settle();
  expect(sink.frames.length).toBe(512);
});

const report = (wall: number, timestamp: number, ssrc = SSRC): Uint8Array => {
  const { seconds, fraction } = wallToNtp(wallMillis(wall));
  return encodeSenderReport({
    ssrc,
    ntpSeconds: seconds,
    ntpFraction: fraction,
    timestamp,
    packets: 1,
    octets: 1,
    blocks: [],
  });
};

test("wall clock: from arrival at first, from sender reports once they come", async () => {
  const { sink, send, track } = await open(H264);
  send(1, 90_000, IDR, { at: 10 });
  expect(sink.clocks).toEqual([{ at: streamMicros(0), wall: wallMillis(WALL + 10) }]);
  track.receiveRtcp(report(WALL - 500, 94_500), monoMillis(1100), wallMillis(WALL + 100));
  expect(sink.clocks.length).toBe(2);
  expect(sink.clocks[1]!.at).toBe(streamMicros(50_000));
  expect(sink.clocks[1]!.wall).toBeCloseTo(WALL - 500, 2);
});

test("without a wall clock of arrival none is told", async () => {
  const { sink, send } = await open(H264, { wall: false });
  send(1, 0, IDR);
  expect(sink.clocks).toEqual([]);
});

test("Tapo C320WS: sender reports of an unknown source are ignored (badrtcp), and of a clock never set", async () => {
  const { sink, send, track, tally } = await open(H264);
  send(1, 0, IDR);
  sink.clocks.length = 0;
  track.receiveRtcp(report(WALL, 0, 0x12345678), monoMillis(1100), wallMillis(WALL));
  track.receiveRtcp(report(86_400_000, 0), monoMillis(1100), wallMillis(WALL));
  expect(sink.clocks).toEqual([]);
  expect(tally.totals().get("rtcp unusable")).toBe(1);
});

test("a report that comes before the first packet counts once the source is known", async () => {
  const { sink, send, track } = await open(H264);
  track.receiveRtcp(report(WALL, 90_000), monoMillis(1000), wallMillis(WALL));
  send(1, 90_000, IDR, { at: 5 });
  expect(sink.clocks[0]).toEqual({ at: streamMicros(0), wall: wallMillis(WALL) });
});

test("receiver reports: first after a second, then every five, with what was lost and the last sender report", async () => {
  const { send, track } = await open(H264);
  expect(track.tick(monoMillis(1000))).toBeUndefined();
  for (const s of [1, 2, 4]) send(s, s * 3600, P, { at: s * 40 });
  track.receiveRtcp(report(WALL, 3600), monoMillis(1500), wallMillis(WALL));
  expect(track.tick(monoMillis(1900))).toBeUndefined();
  const bytes = track.tick(monoMillis(2000))!;
  const decoded = decodeRtcp(bytes);
  if (decoded.kind !== "ok") throw new Error("not RTCP");
  const [rr, sdes] = decoded.value;
  if (rr?.kind !== "rr") throw new Error("no receiver report");
  expect(rr.ssrc).not.toBe(SSRC);
  expect(rr.blocks).toMatchObject([{
    ssrc: SSRC,
    lost: 1,
    fractionLost: 64,
    highest: 4,
    sinceLastReport: 32_768,
  }]);
  expect(sdes).toMatchObject({ kind: "sdes", chunks: [{ ssrc: rr.ssrc, cname: "fogcast" }] });
  expect(track.tick(monoMillis(6900))).toBeUndefined();
  expect(track.tick(monoMillis(7000))).toBeDefined();
});

test("a receiver report without blocks keeps the way open before anything came", async () => {
  const { track } = await open(H264);
  track.tick(monoMillis(1000));
  const decoded = decodeRtcp(track.tick(monoMillis(2000))!);
  expect(decoded.kind === "ok" && decoded.value[0]).toMatchObject({ kind: "rr", blocks: [] });
});

test("BYE of our source ends the track, of another it does not; RTCP may come on the port of RTP", async () => {
  const { send, track } = await open(H264);
  send(1, 0, IDR);
  track.receiveRtcp(encodeBye([99]), monoMillis(1100), wallMillis(WALL));
  expect(track.ended).toBe(false);
  track.receive(joinBytes([report(WALL, 0), encodeBye([SSRC])]), monoMillis(1100));
  expect(track.ended).toBe(true);
});

test("camera that never sets the marker (nomark): the last frame comes with flush()", async () => {
  const { sink, send, track } = await open(H264);
  send(1, 0, IDR, { m: false });
  send(2, 3600, P, { m: false, at: 40 });
  await settle();
  expect(dts(sink)).toEqual([0]);
  track.flush(monoMillis(1080));
  expect(dts(sink)).toEqual([0, 3600]);
});

test("openRtpTrack() names what it cannot take", () => {
  const sink = new RecordingSink();
  const o = {
    id: 0,
    ordered: false,
    timeline: new RtpTimeline(monoMillis(0)),
    sink,
    tally: silentTally(),
    log: linesLog([]),
  };
  for (const encoding of ["MP4V-ES", "X-ASF-PF", "MP2T", "toString", "__proto__"]) {
    expect(() => openRtpTrack(format(encoding, 90_000), o)).toThrow(UnsupportedFormat);
    expect(() => openRtpTrack(format(encoding, 90_000), o)).toThrow(encoding);
  }
  expect(() => openRtpTrack(format("H264", 0), o)).toThrow("clock rate");
});
