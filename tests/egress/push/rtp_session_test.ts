import { expect, test } from "bun:test";
import { wallMillis } from "../../../src/base/units.ts";
import { makeFrameRecord } from "../../../src/buffer/track_view.ts";
import { PacedSender } from "../../../src/egress/push/datagram/paced_sender.ts";
import { PushMeter } from "../../../src/egress/push/push_meter.ts";
import { Announcer } from "../../../src/egress/push/sdp/announcer.ts";
import { RtpOut } from "../../../src/egress/push/sdp/rtp_out.ts";
import { describeSession, groupOf, portOf } from "../../../src/egress/push/sdp/session_text.ts";
import { decodeRtcp } from "../../../src/wire/protocol/rtcp/packet.ts";
import { decodeRtp } from "../../../src/wire/protocol/rtp/packet.ts";
import { parseSdp } from "../../../src/wire/protocol/sdp/sdp.ts";
import { ManualClock } from "../../manual_clock.ts";
import { AUDIO, ID3, VIDEO } from "../http/test_door.ts";

const FACTS = {
  name: "front door",
  id: 7,
  version: 3,
  origin: "10.0.0.1",
  address: "239.194.1.2",
  multicast: true,
  ttl: 16,
  tracks: [
    { track: VIDEO, payloadType: 96, port: 5004 },
    { track: AUDIO, payloadType: 97, port: 5006 },
  ],
};

test("a session's description names group, ttl, ports and formats, and is read back", () => {
  const text = describeSession(FACTS);
  expect(text).toStartWith("v=0\r\no=- 7 3 IN IP4 10.0.0.1\r\ns=front door\r\nc=IN IP4 239.194.1.2/16\r\n");
  expect(parseSdp(text).medias.map((m) => [m.type, m.port, m.formats[0]?.encoding])).toEqual([
    ["video", 5004, "H264"],
    ["audio", 5006, "MPEG4-GENERIC"],
  ]);
  expect(text).not.toContain("source-filter");
});

test("a track that RTP does not carry is left out, and no track makes no session invalid", () => {
  const tracks = [...FACTS.tracks, { track: ID3, payloadType: 98, port: 5008 }];
  expect(parseSdp(describeSession({ ...FACTS, tracks })).medias.length).toBe(2);
  expect(parseSdp(describeSession({ ...FACTS, tracks: [] })).medias).toEqual([]);
});

test("unicast has no ttl; groups of one source say whose they are; IPv6 has neither", () => {
  expect(describeSession({ ...FACTS, address: "10.0.0.9", multicast: false }))
    .toContain("c=IN IP4 10.0.0.9\r\n");
  expect(describeSession({ ...FACTS, address: "232.1.2.3" }))
    .toContain("a=source-filter: incl IN IP4 232.1.2.3 10.0.0.1\r\n");
  const six = describeSession({ ...FACTS, address: "ff3e::7", origin: "fd00::1" });
  expect(six).toContain("a=source-filter: incl IN IP6 ff3e::7 fd00::1\r\n");
  expect(six).toContain("o=- 7 3 IN IP6 fd00::1\r\n");
});

test("groupOf() gives every name its own place in 239.192/14, always the same", () => {
  const groups = Array.from({ length: 2000 }, (_, n) => groupOf(`cam${n}`));
  expect(groupOf("cam0")).toBe(groups[0] as string);
  for (const group of groups) {
    expect(group).toMatch(/^239\.19[2-5]\.\d+\.\d+$/);
    expect(group).not.toBe("239.195.255.255");
  }
  // 2000 names in 262 143 places: about eight of them meet
  expect(new Set(groups).size).toBeGreaterThan(1970);
  expect(new Set(groups.map((g) => g.split(".")[1])).size).toBe(4);
});

test("portOf() gives names even ports with room for eight tracks, below those that systems give away", () => {
  const ports = Array.from({ length: 2000 }, (_, n) => portOf(`cam${n}`));
  expect(portOf("cam0")).toBe(ports[0] as number);
  for (const port of ports) {
    expect(port % 16).toBe(0);
    expect(port).toBeGreaterThanOrEqual(8192);
    expect(port + 15).toBeLessThan(32_768);
  }
  // 2000 names, 1536 places
  expect(new Set(ports).size).toBeGreaterThan(1000);
});

function setUp() {
  const sent: { port: number; bytes: Uint8Array }[] = [];
  const socket = {
    sendMany(packets: readonly Uint8Array[], port: number) {
      for (const bytes of packets) sent.push({ port, bytes: bytes.slice() });
      return packets.length;
    },
  };
  const way = { socket, address: "127.0.0.1", slotBytes: 1472 };
  const pacing = { burst: 1000, spreadMillis: 0 };
  const sender = new PacedSender(new ManualClock(), way, pacing, new PushMeter(() => {}));
  let random = 0;
  const options = { payloadType: 96, port: 5004, packetMax: 1472, cname: "a@b", random32: () => ++random };
  return { sent, sender, options };
}

test("RtpOut sends a frame's packets to its port, and reports when the last frame was shown", () => {
  const t = setUp();
  const out = new RtpOut(AUDIO, t.sender, t.options);
  const record = { ...makeFrameRecord(), dts: 48_000, ptsOffset: 0, key: true, data: new Uint8Array(300) };
  out.frame(record as ReturnType<typeof makeFrameRecord>);
  t.sender.flush();
  expect(t.sent.map((p) => p.port)).toEqual([5004]);
  expect(out.micros).toBe(1e6);
  const rtp = decodeRtp(t.sent[0]?.bytes as Uint8Array);
  expect(rtp).toMatchObject({
    kind: "ok",
    value: { payloadType: 96, ssrc: 1, sequence: 2, timestamp: 48_003 },
  });
  const wall = wallMillis(Date.UTC(2026, 0, 1));
  const report = decodeRtcp(out.report(wall));
  expect(report).toMatchObject({
    kind: "ok",
    value: [{ kind: "sr", ssrc: 1, timestamp: 48_003, packets: 1 }, { kind: "sdes" }],
  });
  const bye = decodeRtcp(out.bye(wall));
  expect(bye.kind === "ok" && bye.value.map((p) => p.kind)).toContain("bye");
});

test("RtpOut goes on for other parameter sets, not for another codec, and takes nothing that RTP does not carry", () => {
  const t = setUp();
  const out = new RtpOut(VIDEO, t.sender, t.options);
  expect(out.suits({ ...VIDEO, width: 1280 })).toBe(true);
  expect(out.suits({ ...VIDEO, codec: "h265" })).toBe(false);
  expect(out.suits({ ...VIDEO, timescale: 1000 })).toBe(false);
  expect(() => new RtpOut(ID3, t.sender, t.options)).toThrow("RTP does not carry id3");
});

test("the announcer repeats what it announced, changes its number with the text, and takes it back", () => {
  const clock = new ManualClock();
  const from = clock.mono();
  const times: number[] = [];
  const sent: { bytes: Uint8Array; port: number; address: string }[] = [];
  const socket = {
    send(bytes: Uint8Array, port: number, address: string) {
      times.push((clock.mono() - from) / 1000);
      return sent.push({ bytes, port, address }) > 0;
    },
  };
  const announcer = new Announcer(clock, socket, "10.0.0.1", "239.194.1.2");
  announcer.close();
  expect(sent).toEqual([]);
  announcer.announce("v=0 one");
  clock.advance(60_000);
  // at 0, 1, 3, 7, 15 and 31 s
  expect(sent.map((s) => [s.port, s.address])).toEqual(Array(6).fill([9875, "239.195.255.255"]));
  announcer.announce("v=0 two");
  announcer.close();
  clock.advance(60_000);
  const number = (n: number) => sent[n]?.bytes.slice(2, 4).join();
  expect(sent.length).toBe(8);
  expect([number(0), number(6)]).toEqual([number(1), number(7)]);
  expect(number(0)).not.toBe(number(6) as string);
  expect(sent.map((s) => (s.bytes[0] as number) & 4)).toEqual([0, 0, 0, 0, 0, 0, 0, 4]);
});

test("RtpOut goes on where another one stopped", () => {
  const t = setUp();
  const record = (dts: number) =>
    ({ ...makeFrameRecord(), dts, ptsOffset: 0, key: true, data: new Uint8Array(300) }) as ReturnType<
      typeof makeFrameRecord
    >;
  const first = new RtpOut(AUDIO, t.sender, t.options);
  first.frame(record(48_000));
  const second = new RtpOut(AUDIO, t.sender, { ...t.options, before: first.numbers(1) });
  second.frame(record(48_000 + 1024));
  t.sender.flush();
  const [before, after] = t.sent.map(({ bytes }) => decodeRtp(bytes)).map((d) =>
    d.kind === "ok" ? d.value : undefined
  );
  expect(after?.ssrc).toBe(before?.ssrc as number);
  expect(after?.sequence).toBe(((before?.sequence as number) + 1) & 0xffff);
  expect(((after?.timestamp as number) - (before?.timestamp as number)) >>> 0).toBe(1024);
});
