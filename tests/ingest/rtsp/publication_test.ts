import { expect, test } from "bun:test";
import { Tally } from "../../../src/base/tally.ts";
import { ticks } from "../../../src/base/units.ts";
import { InputMeter } from "../../../src/ingest/input_meter.ts";
import {
  PUBLISHER_SILENT_MILLIS,
  readAnnounced,
  RtspPublication,
} from "../../../src/ingest/rtsp/publication.ts";
import type { Track } from "../../../src/media/track.ts";
import { encodeBye } from "../../../src/wire/protocol/rtcp/bye.ts";
import { TrackSender } from "../../../src/wire/protocol/rtp/packetize/track_sender.ts";
import { printSdp } from "../../../src/wire/protocol/sdp/print.ts";
import { describeMedia, trackFormat } from "../../../src/wire/protocol/sdp/track_format.ts";
import { ManualClock } from "../../manual_clock.ts";
import { ArraySink } from "../array_sink.ts";

const base = { config: new Uint8Array(0), codecString: "", language: "und" };
const TRACKS: readonly Track[] = [
  { ...base, id: 0, kind: "video", codec: "vp8", timescale: 90_000, width: 0, height: 0, frameRate: 0 },
  { ...base, id: 1, kind: "audio", codec: "alaw", timescale: 8000, sampleRate: 8000, channels: 1 },
];
/** A VP8 key frame of 64x48 and one that is none. */
const KEY = Uint8Array.of(0x10, 0, 0, 0x9d, 0x01, 0x2a, 64, 0, 48, 0, 1, 2, 3);
const OTHER = Uint8Array.of(0x11, 0, 0, 1, 2, 3);

const SDP = printSdp({
  name: "t",
  id: 1,
  origin: "127.0.0.1",
  address: "127.0.0.1",
  control: "",
  medias: TRACKS.map((track, i) => describeMedia(track, { payloadType: 96 + i, control: `streamid=${i}` })!),
});
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function setUp(medias: readonly number[] = [0, 1], dismissed?: string) {
  const clock = new ManualClock();
  const sink = new ArraySink();
  const meter = new InputMeter();
  const said: string[] = [];
  const nothing = () => {};
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing, debugging: false };
  const publication = new RtspPublication(readAnnounced(SDP)!, {
    clock,
    log,
    tally: new Tally(nothing),
    meter,
    begin: () => {
      said.push("begun");
      return sink;
    },
    online: () => said.push("online"),
    stopped: () => said.push("stopped"),
  });
  for (const media of medias) expect(publication.setUp(media, false)).toBe(true);
  if (dismissed !== undefined) publication.dismiss(dismissed);
  publication.begin({
    rtcp: (media, packet) => said.push(`rtcp ${media} ${packet[1]}`),
    end: (why) => said.push(why),
  });
  const senders = TRACKS.map((track, i) =>
    new TrackSender(
      track,
      trackFormat(track, 96 + i)!,
      { ssrc: 7 + i, sequence: 0, timestampOffset: 0 },
      (packet) => publication.rtp(i, packet),
    )
  );
  let pictures = 0;
  const send = (media: number) => {
    if (media === 0) {
      senders[0]!.frame(pictures % 5 === 0 ? KEY : OTHER, ticks(pictures++ * 3600), false);
    } else senders[1]!.frame(new Uint8Array(320), ticks(pictures * 320), true);
  };
  return { clock, sink, meter, said, publication, send };
}

test("what is published becomes frames, and is counted", async () => {
  const t = setUp();
  expect(t.publication.controls).toEqual(["streamid=0", "streamid=1"]);
  for (let i = 0; i < 12; i++) {
    t.send(0);
    t.send(1);
    t.clock.advance(40);
    await settle();
  }
  expect(t.sink.codecs()).toEqual(["vp8", "alaw"]);
  expect(t.sink.tracks[0]?.frames.length).toBeGreaterThanOrEqual(11);
  expect(t.said).toEqual(["begun", "online"]);
  expect(t.meter.sum().packets).toBe(24);
  t.clock.advance(5500);
  expect(t.said.some((line) => line.startsWith("rtcp 0 201"))).toBe(true);
  t.publication.stop();
  t.publication.stop();
  t.send(0);
  expect(t.said.filter((line) => line === "stopped").length).toBe(1);
  expect(t.meter.sum().packets).toBe(24);
});

test("a publisher that is silent, or says goodbye, is sent away; a BYE of another source is not heard", async () => {
  const silent = setUp();
  silent.send(0);
  silent.clock.advance(PUBLISHER_SILENT_MILLIS + 200);
  expect(silent.said).toContain("the publisher is silent for 15 s");
  expect(silent.said.at(-1)).toBe("stopped");
  const leaving = setUp([0]);
  leaving.send(0);
  leaving.send(0);
  leaving.publication.rtcp(0, encodeBye([999]));
  leaving.clock.advance(2000);
  await settle();
  expect(leaving.said).not.toContain("stopped");
  leaving.publication.rtcp(0, encodeBye([7]));
  leaving.clock.advance(1000);
  expect(leaving.said).toContain("the publisher said goodbye");
});

test("who was sent away before it records writes nothing, and is told when it does", async () => {
  const late = setUp([0, 1], "another publisher took over");
  expect(late.said).toEqual(["stopped", "another publisher took over"]);
  late.send(0);
  late.clock.advance(PUBLISHER_SILENT_MILLIS + 1000);
  await settle();
  expect(late.said.length).toBe(2);
});

test("sections that cannot be read are set up and said, and nothing is made of them; where none can, nothing is taken", () => {
  const strange = "m=video 0 RTP/AVP 97\r\na=rtpmap:97 X-STRANGE/90000\r\na=control:trackID=0\r\n";
  const head = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n";
  expect(readAnnounced(head + strange)).toBeUndefined();
  expect(readAnnounced("")).toBeUndefined();
  const medias = readAnnounced(`${head}${strange}m=audio 0 RTP/AVP 0\r\na=control:rtsp://h/a/trackID=1\r\n`)!;
  expect(medias.map((m) => m.formats[0]?.encoding)).toEqual([undefined, "PCMU"]);
  const nothing = () => {};
  const said: string[] = [];
  const say = (message: string) => void said.push(message);
  const publication = new RtspPublication(medias, {
    clock: new ManualClock(),
    log: { debug: nothing, info: say, warn: say, error: nothing, debugging: false },
    tally: new Tally(nothing),
    meter: new InputMeter(),
    begin: () => new ArraySink(),
    online: nothing,
    stopped: nothing,
  });
  expect(publication.controls).toEqual(["trackID=0", "trackID=1"]);
  expect([publication.setUp(0, true), publication.setUp(1, true), publication.setUp(2, true)])
    .toEqual([true, true, false]);
  publication.begin({ rtcp: nothing, end: nothing });
  publication.rtp(0, new Uint8Array(200));
  publication.rtcp(0, new Uint8Array(20));
  expect(said).toEqual(["publishes what cannot be read: X-STRANGE", "publishes PCMU"]);
  publication.stop();
});
