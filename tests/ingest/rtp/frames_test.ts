import { expect, test } from "bun:test";
import { monoMillis, ticks } from "../../../src/base/units.ts";
import { AacCoder, aacConfig } from "../../../src/ingest/rtp/aac_coder.ts";
import { AudioFrames } from "../../../src/ingest/rtp/audio_frames.ts";
import { FrameOutput } from "../../../src/ingest/rtp/frame_output.ts";
import { PcmCoder } from "../../../src/ingest/rtp/pcm_coder.ts";
import { openRtpTrack } from "../../../src/ingest/rtp/rtp_track.ts";
import { RtpTimeline } from "../../../src/ingest/rtp/timeline.ts";
import { encodeRtp } from "../../../src/wire/protocol/rtp/packet.ts";
import { format } from "../../wire/protocol/rtp/depacketize/collect.ts";
import { linesLog, RecordingSink, silentTally } from "./recording_sink.ts";

const settle = () => new Promise<void>((done) => setTimeout(done, 0));
const at = (sink: RecordingSink) => sink.frames.map((f) => [f.dts as number, f.duration]);

function audio(clockRate: number, coder: ConstructorParameters<typeof AudioFrames>[0]) {
  const sink = new RecordingSink();
  const frames = new AudioFrames(coder, new FrameOutput(sink, silentTally(), linesLog([])), 1, clockRate);
  const put = (t: number, jump = false, paced = false, size = 160) =>
    frames.unit([new Uint8Array(size)], ticks(t), jump, paced);
  return { sink, frames, put };
}

test("AAC without a configuration is taken for AAC-LC of the rtpmap", () => {
  expect(aacConfig(format("MPEG4-GENERIC", 16_000, {}, 2))).toEqual(Uint8Array.from([0x14, 0x10]));
  expect(aacConfig(format("MPEG4-GENERIC", 16_000, { config: "1408" }, 2))).toEqual(
    Uint8Array.from([0x14, 0x08]),
  );
});

test("Anpviz: config=1408 alone, on payload type 0, plays", async () => {
  const sink = new RecordingSink();
  const f = { ...format("MPEG4-GENERIC", 16_000, { config: "1408" }, 2), payloadType: 0 };
  const track = openRtpTrack(f, {
    id: 1,
    ordered: true,
    timeline: new RtpTimeline(monoMillis(0)),
    sink,
    tally: silentTally(),
    log: linesLog([]),
  });
  for (let i = 0; i < 3; i++) {
    const payload = Uint8Array.from([0, 32, 0, 2 << 3, 0, 3 << 3, 0x21, 1, 0x21, 2, 3]);
    const packet = { payloadType: 0, marker: true, sequence: i, timestamp: 900 + i * 2048, ssrc: 1, payload };
    track.receive(encodeRtp(packet), monoMillis(i * 128));
  }
  await settle();
  expect(sink.tracks).toMatchObject([{
    id: 1,
    codec: "aac",
    timescale: 16_000,
    sampleRate: 16_000,
    channels: 1,
  }]);
  expect(at(sink)).toEqual([0, 1, 2, 3, 4, 5].map((i) => [i * 1024, 1024]));
});

test("frames of rounded timestamps join: a clock of 90 kHz for 44.1 kHz audio", async () => {
  const { sink, frames } = audio(90_000, new AacCoder(Uint8Array.from([0x12, 0x10])));
  for (let i = 0; i < 1000; i++) {
    frames.unit([new Uint8Array(9)], ticks(Math.round((i * 1024 * 90_000) / 44_100)), false, false);
    if (i === 0) await settle();
  }
  expect(at(sink)).toEqual(Array.from({ length: 1000 }, (_, i) => [i * 1024, 1024]));
});

test("a gap stays, time never goes back, a jump does not join", async () => {
  const { sink, put } = audio(8000, new PcmCoder("alaw", 8000, 1, 1));
  put(0);
  await settle();
  put(165);
  put(480);
  put(590);
  put(300);
  put(770, true);
  expect(at(sink).map((f) => f[0])).toEqual([0, 160, 480, 590, 591, 770]);
  expect(sink.frames.map((f) => f.discontinuity)).toEqual([false, false, false, false, false, true]);
});

test("timestamps that stand still: frames follow one another while arrival is near", async () => {
  const { sink, put } = audio(8000, new PcmCoder("ulaw", 8000, 1, 1));
  put(0);
  await settle();
  for (const t of [200, 300, 550, 4000]) put(t, false, true);
  expect(at(sink).map((f) => f[0])).toEqual([0, 160, 320, 480, 4000]);
});

test("a sink that refuses the track is told once, and costs no memory", async () => {
  const lines: string[] = [];
  const tally = silentTally();
  const output = new FrameOutput(
    { addTrack: () => Promise.reject(new Error("too many tracks")), wallClock: () => {} },
    tally,
    linesLog(lines),
  );
  const frames = new AudioFrames(new PcmCoder("alaw", 8000, 1, 1), output, 4, 8000);
  for (let i = 0; i < 5; i++) {
    frames.unit([new Uint8Array(160)], ticks(i * 160), false, false);
    await settle();
  }
  expect(lines).toEqual(["cannot add track 4 (alaw): too many tracks"]);
  expect(tally.totals().get("frame dropped before its track was ready")).toBe(4);
});

test("an update goes before the frames it is for, also while the track is being made", async () => {
  const order: string[] = [];
  let make: (() => void) | undefined;
  const output = new FrameOutput(
    {
      addTrack: (t) =>
        new Promise((resolve) => {
          order.push(`add ${t.timescale}`);
          make = () =>
            resolve({
              update: (u) => void order.push(`update ${u.timescale}`),
              write: (i) => void order.push(`frame ${i.dts}`),
            });
        }),
      wallClock: () => {},
    },
    silentTally(),
    linesLog([]),
  );
  const frames = new AudioFrames(new AacCoder(Uint8Array.from([0x11, 0x90])), output, 0, 48_000);
  frames.unit([new Uint8Array(5)], ticks(0), false, false);
  frames.config(Uint8Array.from([0x12, 0x10]));
  frames.unit([new Uint8Array(5)], ticks(1024), false, false);
  make!();
  await settle();
  frames.config(Uint8Array.from([0x11, 0x90]));
  frames.unit([new Uint8Array(5)], ticks(2048), false, false);
  expect(order.map((o) => o.split(" ")[0])).toEqual(["add", "frame", "update", "frame", "update", "frame"]);
  expect(order[2]).toBe("update 44100");
});
