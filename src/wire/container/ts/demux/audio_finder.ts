// How frames of audio are found in the bytes of a stream. One table row a framing.
import { sameBytes } from "../../../../base/bytes.ts";
import { bad, type Decoded, more, ok } from "../../../../base/decoded.ts";
import { decodeAdts, describeAdts } from "../../../codec/aac/adts.ts";
import {
  aacFrameSamples,
  decodeAudioSpecificConfig,
  describeAac,
} from "../../../codec/aac/audio_specific_config.ts";
import { decodeLatm, type StreamMuxConfig } from "../../../codec/aac/latm.ts";
import { AC3_SAMPLES, decodeAc3Header, describeAc3 } from "../../../codec/ac3/ac3.ts";
import { decodeEac3Header, describeEac3 } from "../../../codec/ac3/eac3.ts";
import type { AudioDescription } from "../../../codec/audio_description.ts";
import { decodeMp3Header, describeMp3 } from "../../../codec/mpeg_audio/header.ts";
import { describeOpus, opusPacketSamples } from "../../../codec/opus/opus.ts";
import type { StreamKind } from "../stream_kind.ts";

/** Longest piece of audio that is one unit of its stream, in bytes. */
export const AUDIO_UNIT_MAX = 65_536;

/** Frames found at the start of some bytes. */
export interface FoundAudio {
  readonly description: AudioDescription;
  readonly frames: readonly Uint8Array[];
  /** Samples of each frame, at the description's rate. */
  readonly samples: number;
}

/** Looks at the start of `bytes`. "more" only where the unit may be longer than what is there. Never throws. */
export type AudioFinder = (bytes: Uint8Array) => Decoded<FoundAudio>;

/** A description that stays the same object while its configuration does. */
class Remembered {
  #last: AudioDescription | undefined;

  keep(answer: Decoded<AudioDescription>): AudioDescription | string {
    if (answer.kind !== "ok") return answer.kind === "bad" ? answer.why : "header cut short";
    const { value } = answer;
    const last = this.#last;
    const same = last !== undefined && last.codec === value.codec && last.channels === value.channels &&
      last.sampleRate === value.sampleRate && sameBytes(last.config, value.config);
    if (!same) this.#last = value;
    return this.#last as AudioDescription;
  }
}

function found(
  description: AudioDescription | string,
  frames: readonly Uint8Array[],
  samples: number,
  used: number,
): Decoded<FoundAudio> {
  return typeof description === "string" ? bad(0, description) : ok({ description, frames, samples }, used);
}

function adts(): AudioFinder {
  const remembered = new Remembered();
  return (bytes) => {
    const frame = decodeAdts(bytes);
    if (frame.kind !== "ok") return frame;
    const { payload, blocks } = frame.value;
    return found(remembered.keep(describeAdts(frame.value)), [payload], 1024 * blocks, frame.used);
  };
}

/** ISO/IEC 14496-3, 1.7.2: AudioSyncStream (LOAS), 11 bits of sync word and 13 of length before each element. */
function latm(): AudioFinder {
  const remembered = new Remembered();
  let config: StreamMuxConfig | undefined;
  let samples = 0;
  return (bytes) => {
    if (bytes.length < 3) return more(3);
    if (bytes[0] !== 0x56 || ((bytes[1] as number) & 0xe0) !== 0xe0) return bad(0, "no LOAS sync word");
    const end = 3 + ((((bytes[1] as number) & 0x1f) << 8) | (bytes[2] as number));
    if (bytes.length < end) return more(end);
    const element = decodeLatm(bytes.subarray(3, end), config, true);
    if (element.kind !== "ok") return bad(0, element.kind === "bad" ? element.why : "element cut short");
    if (element.value.config !== config) {
      config = element.value.config;
      const decoded = decodeAudioSpecificConfig(config.asc);
      samples = decoded.kind === "ok" ? aacFrameSamples(decoded.value) : 0;
    }
    return found(remembered.keep(describeAac(config.asc)), element.value.accessUnits, samples, end);
  };
}

function mpegAudio(): AudioFinder {
  const remembered = new Remembered();
  return (bytes) => {
    const header = decodeMp3Header(bytes);
    if (header.kind !== "ok") return header;
    const { frameBytes, layer, samples } = header.value;
    if (bytes.length < frameBytes) return more(frameBytes);
    const described = describeMp3(bytes);
    const named: Decoded<AudioDescription> = described.kind === "ok" && layer !== 3
      ? ok({ ...described.value, codec: "mp2" }, described.used)
      : described;
    return found(remembered.keep(named), [bytes.subarray(0, frameBytes)], samples, frameBytes);
  };
}

function ac3(): AudioFinder {
  const remembered = new Remembered();
  return (bytes) => {
    const header = decodeAc3Header(bytes);
    if (header.kind !== "ok") return header;
    const { frameBytes } = header.value;
    if (bytes.length < frameBytes) return more(frameBytes);
    return found(
      remembered.keep(describeAc3(bytes)),
      [bytes.subarray(0, frameBytes)],
      AC3_SAMPLES,
      frameBytes,
    );
  };
}

/** An access unit is an independent frame of substream 0 with all that follow until the next one. */
function eac3(): AudioFinder {
  const remembered = new Remembered();
  return (bytes) => {
    const header = decodeEac3Header(bytes);
    if (header.kind !== "ok") return header;
    let end = header.value.frameBytes;
    if (bytes.length < end) return more(end);
    while (end < bytes.length) {
      const next = decodeEac3Header(bytes.subarray(end));
      if (next.kind === "more") return more(end + next.need);
      if (next.kind !== "ok" || (next.value.streamType !== 1 && next.value.substream === 0)) break;
      end += next.value.frameBytes;
      if (bytes.length < end) return more(end);
    }
    const frame = bytes.subarray(0, end);
    return found(remembered.keep(describeEac3(bytes)), [frame], header.value.samples, end);
  };
}

/** Opus in MPEG-TS (ETSI TS 103 491): a control header, then one packet. */
function opus(channels: number): AudioFinder {
  const described = new Remembered().keep(describeOpus(channels));
  return (bytes) => {
    if (bytes.length < 3) return more(3);
    if (bytes[0] !== 0x7f || ((bytes[1] as number) & 0xe0) !== 0xe0) return bad(0, "no Opus control header");
    const flags = bytes[1] as number;
    let at = 2;
    let size = 0;
    for (let piece = 255; piece === 255;) {
      if (at >= bytes.length) return more(at + 1);
      piece = bytes[at++] as number;
      size += piece;
      if (size > AUDIO_UNIT_MAX) return bad(2, `Opus packet above ${AUDIO_UNIT_MAX} bytes`);
    }
    at += ((flags & 0x10) !== 0 ? 2 : 0) + ((flags & 0x08) !== 0 ? 2 : 0); // trimmed samples
    if ((flags & 0x04) !== 0) {
      if (at >= bytes.length) return more(at + 1);
      at += 1 + (bytes[at] as number);
    }
    if (bytes.length < at + size) return more(at + size);
    const packet = bytes.subarray(at, at + size);
    const samples = opusPacketSamples(packet);
    return samples === 0
      ? bad(at, "Opus packet without samples")
      : found(described, [packet], samples, at + size);
  };
}

/** The finder of a framing; undefined where frames are not audio. `channels`: as a descriptor has them, for Opus. */
export function audioFinder(framing: StreamKind["framing"], channels: number): AudioFinder | undefined {
  switch (framing) {
    case "adts":
      return adts();
    case "latm":
      return latm();
    case "mpeg_audio":
      return mpegAudio();
    case "ac3":
      return ac3();
    case "eac3":
      return eac3();
    case "opus":
      return opus(channels);
    default:
      return undefined;
  }
}
