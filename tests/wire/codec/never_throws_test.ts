import { describe, expect, test } from "bun:test";
import * as adts from "../../../src/wire/codec/aac/adts.ts";
import { decodeAudioSpecificConfig, describeAac } from "../../../src/wire/codec/aac/audio_specific_config.ts";
import { decodeLatm, decodeStreamMuxConfig } from "../../../src/wire/codec/aac/latm.ts";
import { describeAc3 } from "../../../src/wire/codec/ac3/ac3.ts";
import { describeEac3 } from "../../../src/wire/codec/ac3/eac3.ts";
import { Av1Assembler } from "../../../src/wire/codec/av1/assembler.ts";
import { describeFlac } from "../../../src/wire/codec/flac/stream_info.ts";
import { H264Assembler } from "../../../src/wire/codec/h264/assembler.ts";
import { decodeAvcConfig } from "../../../src/wire/codec/h264/avcc.ts";
import { decodePps } from "../../../src/wire/codec/h264/pps.ts";
import { decodeRecoveryPoint } from "../../../src/wire/codec/h264/sei.ts";
import { decodeSliceStart } from "../../../src/wire/codec/h264/slice_header.ts";
import { decodeSps } from "../../../src/wire/codec/h264/sps.ts";
import { H265Assembler } from "../../../src/wire/codec/h265/assembler.ts";
import { decodeHevcConfig } from "../../../src/wire/codec/h265/hvcc.ts";
import { decodePps as decodeHevcPps } from "../../../src/wire/codec/h265/pps.ts";
import { decodeSps as decodeHevcSps } from "../../../src/wire/codec/h265/sps.ts";
import { decodeVps } from "../../../src/wire/codec/h265/vps.ts";
import { decodeJpegSize } from "../../../src/wire/codec/jpeg/assembler.ts";
import { describeMp3 } from "../../../src/wire/codec/mpeg_audio/header.ts";
import { decodeOpusConfig, opusPacketSamples } from "../../../src/wire/codec/opus/opus.ts";
import { decodeVp8Header } from "../../../src/wire/codec/vp8/assembler.ts";
import { decodeVp9Header } from "../../../src/wire/codec/vp9/frame_header.ts";
import type { VideoAssembler } from "../../../src/wire/codec/video_description.ts";
import { cases as aac } from "./aac_cases.ts";
import { cases as audio } from "./audio_header_cases.ts";
import { cases as h264, X264_PPS, X264_SPS } from "./h264_cases.ts";
import { cases as h265, X265_PPS, X265_SPS, X265_VPS } from "./h265_cases.ts";
import { cases as pictures } from "./picture_header_cases.ts";

const seeds = [...aac, ...audio, ...h264, ...h265, ...pictures].map((c) => c.bytes);
const smc = { asc: new Uint8Array(2), subFrames: 2, frameBits: 0, otherDataBits: 4 };

const decoders: Record<string, (bytes: Uint8Array) => { readonly kind: string }> = {
  decodeSps,
  decodePps,
  decodeAvcConfig,
  decodeRecoveryPoint,
  decodeSliceStart,
  decodeHevcSps,
  decodeHevcPps,
  decodeVps,
  decodeHevcConfig,
  decodeAudioSpecificConfig,
  describeAac,
  decodeAdts: adts.decodeAdts,
  decodeStreamMuxConfig,
  "decodeLatm, in band": (b) => decodeLatm(b, smc, true),
  "decodeLatm, out of band": (b) => decodeLatm(b, smc, false),
  describeAc3,
  describeEac3,
  describeMp3,
  describeFlac,
  decodeOpusConfig,
  decodeVp8Header,
  decodeVp9Header,
  decodeJpegSize,
};

/** Each seed with bytes changed, put in and cut off; the same in every run. */
function* mutations(rounds: number): Generator<Uint8Array> {
  let state = 12345;
  const random = (below: number) => (state = (state * 48271) % 0x7fffffff) % below;
  for (let round = 0; round < rounds; round++) {
    for (const seed of seeds) {
      const bytes = seed.slice(0, random(4) === 0 ? random(seed.length + 1) : seed.length);
      for (let n = random(4); n > 0 && bytes.length > 0; n--) {
        bytes[random(bytes.length)] = random(3) === 0 ? [0, 1, 0x7f, 0xff][random(4)] as number : random(256);
      }
      yield bytes;
    }
  }
}

describe("three answers and nothing else", () => {
  for (const [name, decode] of Object.entries(decoders)) {
    test(name, () => {
      for (const bytes of mutations(40)) {
        const { kind } = decode(bytes);
        if (kind !== "ok" && kind !== "more" && kind !== "bad") throw new Error(`answer ${kind}`);
      }
    });
  }

  test("opusPacketSamples", () => {
    for (const bytes of mutations(10)) expect(opusPacketSamples(bytes)).toBeLessThanOrEqual(5760);
  });
});

describe("assemblers take anything", () => {
  const makers: [string, () => VideoAssembler][] = [
    ["H264Assembler", () => new H264Assembler([X264_SPS, X264_PPS])],
    ["H265Assembler", () => new H265Assembler([X265_VPS, X265_SPS, X265_PPS])],
    ["Av1Assembler", () => new Av1Assembler()],
  ];
  for (const [name, make] of makers) {
    test(`${name}: decoding times grow and stay at or below presentation times`, () => {
      const assembler = make();
      let pts = 0;
      let last = Number.NEGATIVE_INFINITY;
      let batch: Uint8Array[] = [];
      for (const bytes of mutations(60)) {
        batch.push(bytes);
        if (batch.length < 4) continue;
        pts += ((bytes.length % 7) - 2) * 1000;
        const frame = assembler.unit(batch, pts);
        batch = [];
        if (frame === undefined) continue;
        expect(frame.dts).toBeGreaterThan(last);
        expect(frame.dts).toBeLessThanOrEqual(frame.pts);
        last = frame.dts;
      }
    });
  }
});
