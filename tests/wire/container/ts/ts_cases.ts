import { joinBytes } from "../../../../src/base/bytes.ts";
import type { Track } from "../../../../src/media/track.ts";
import { encodeAvcConfig } from "../../../../src/wire/codec/h264/avcc.ts";
import { describeOpus } from "../../../../src/wire/codec/opus/opus.ts";
import { openProgram } from "../../../../src/wire/container/ts/mux/program.ts";
import { TsUnitWriter } from "../../../../src/wire/container/ts/mux/unit.ts";
import type { TsDescriptor } from "../../../../src/wire/container/ts/descriptors.ts";
import type { TsHeader } from "../../../../src/wire/container/ts/packet.ts";
import type { PesHeader } from "../../../../src/wire/container/ts/pes.ts";
import type { Pmt } from "../../../../src/wire/container/ts/psi.ts";
import { hex } from "../../codec/hex.ts";

/** A packet of 188 bytes: what is given, then `fill`. */
export function packet(head: string, fill = 0xff): Uint8Array {
  const out = new Uint8Array(188).fill(fill);
  out.set(hex(head));
  return out;
}

const plain = {
  transportError: false,
  unitStart: false,
  scrambling: 0,
  hasPayload: true,
  payloadAt: 4,
  discontinuity: false,
  randomAccess: false,
  pcr: -1,
};

export const headerCases: readonly { name: string; bytes: Uint8Array; value: TsHeader }[] = [
  { name: "a null packet", bytes: packet("471fff10"), value: { ...plain, pid: 0x1fff, counter: 0 } },
  {
    name: "ffmpeg's first packet of video: random access and a clock of 63 000",
    bytes: packet("4741003007 50 00007b0c7e00 000001e0"),
    value: {
      ...plain,
      pid: 256,
      counter: 0,
      unitStart: true,
      payloadAt: 12,
      randomAccess: true,
      pcr: 18_900_000,
    },
  },
  {
    name: "the largest clock, and a discontinuity",
    bytes: packet("4701002f b7 90 ffffffffff2b"),
    value: {
      ...plain,
      pid: 256,
      counter: 15,
      hasPayload: false,
      payloadAt: 188,
      discontinuity: true,
      pcr: 2 ** 33 * 300 - 1,
    },
  },
  {
    name: "an empty adaptation field",
    bytes: packet("47010135 00"),
    value: { ...plain, pid: 257, counter: 5, payloadAt: 5 },
  },
  {
    name: "a field that leaves no room for the payload that the header promises",
    bytes: packet("47010135 b7 00"),
    value: { ...plain, pid: 257, counter: 5, hasPayload: false, payloadAt: 188 },
  },
  {
    name: "a damaged, scrambled packet",
    bytes: packet("47c10191"),
    value: { ...plain, transportError: true, unitStart: true, pid: 257, scrambling: 2, counter: 1 },
  },
];

/** PAT of ffmpeg: stream 1, program 1 on PID 4096. */
export const PAT = hex("00b00d0001c100000001f0002ab104b2");
/** PMT of ffmpeg for H.264 on PID 256 and AAC on 257. */
export const PMT = hex("02b0170001c10000e100f0001be100f0000fe101f0002f44b99b");

export const pmtCase: Pmt = {
  pcrPid: 256,
  descriptors: new Uint8Array(0),
  streams: [
    { streamType: 0x1b, pid: 256, descriptors: new Uint8Array(0) },
    { streamType: 0x0f, pid: 257, descriptors: new Uint8Array(0) },
  ],
};

const stamped = { aligned: true, scrambling: 0 };

export const pesCases: readonly { name: string; bytes: Uint8Array; value: PesHeader; stuffing: number }[] = [
  {
    name: "a picture with both times",
    bytes: hex("000001e0 0011 84c00a 3100090861 110007d861 65888280"),
    value: { streamId: 0xe0, length: 23, payloadAt: 19, pts: 132_144, dts: 126_000, ...stamped },
    stuffing: 0,
  },
  {
    name: "the largest time",
    bytes: hex("000001c0 000a 848005 2fffffffff fff1"),
    value: { streamId: 0xc0, length: 16, payloadAt: 14, pts: 2 ** 33 - 1, dts: 2 ** 33 - 1, ...stamped },
    stuffing: 0,
  },
  {
    name: "stuffing, as teletext has it",
    bytes: hex(`000001bd 0029 848024 2100010001 ${"ff".repeat(31)} 1002`),
    value: { streamId: 0xbd, length: 47, payloadAt: 45, pts: 0, dts: 0, ...stamped },
    stuffing: 31,
  },
];

export const descriptorCases: readonly { name: string; bytes: Uint8Array; value: readonly TsDescriptor[] }[] =
  [
    {
      name: "Opus of two channels as ffmpeg writes it",
      bytes: hex("05044f707573 7f028002"),
      value: [{ tag: 5, payload: hex("4f707573") }, { tag: 0x7f, payload: hex("8002") }],
    },
    { name: "a language", bytes: hex("0a04656e6700"), value: [{ tag: 0x0a, payload: hex("656e6700") }] },
    { name: "nothing", bytes: hex(""), value: [] },
  ];

const base = { id: 0, codecString: "", language: "und", config: new Uint8Array(0), timescale: 90_000 };
const opusConfig = describeOpus(2);
const sound = { kind: "audio", sampleRate: 48_000, channels: 2 } as const;
const sps = hex("6764001eacd940a02ff970110000030001000003003c8f162d96");

/** Tracks and a frame of each, small enough for seeds. */
const small: readonly (readonly [Track, Uint8Array])[] = [
  [
    {
      ...{ ...base, kind: "video", codec: "h264", width: 640, height: 360, frameRate: 25 },
      config: encodeAvcConfig([sps], [hex("68ebe3cb22c0")]),
    },
    hex("00000009 658884002bffed97ff"),
  ],
  [{ ...base, ...sound, codec: "aac", config: hex("1190") }, new Uint8Array(40).fill(0x21)],
  [{ ...base, ...sound, codec: "mp3" }, joinBytes([hex("fffb9400"), new Uint8Array(380)])],
  [{ ...base, ...sound, codec: "ac3" }, joinBytes([hex("0b7700000040 40"), new Uint8Array(121)])],
  [{ ...base, ...sound, codec: "eac3" }, joinBytes([hex("0b77003f34 86"), new Uint8Array(122)])],
  [
    {
      ...base,
      ...sound,
      codec: "opus",
      config: opusConfig.kind === "ok" ? opusConfig.value.config : hex(""),
    },
    hex("fcfffe"),
  ],
  [{ ...base, kind: "data", codec: "klv" }, hex("060e2b34")],
  [{ ...base, kind: "data", codec: "json" }, hex("7b7d")],
  [{ ...base, kind: "data", codec: "scte35" }, hex("fc301100000000000000fff0000000007a4fbfff")],
];

/** A short stream for each codec, for the fuzzer: sound tables and packets that end up in frames. */
export const streams: readonly Uint8Array[] = small.map(([track, data]) => {
  const writer = new TsUnitWriter(openProgram([track]));
  const frames = [0, 3600, 7200].map((dts) => ({
    track: 0,
    dts,
    ptsOffset: 0,
    duration: 3600,
    key: true,
    data,
  }));
  const out = new Uint8Array(writer.size(frames, 0));
  writer.write(out, 0, frames, 0);
  return out;
});
